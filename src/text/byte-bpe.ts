/** Byte-level byte-pair encoding: 256 bytes, and pieces that are learned from a text. */

import { InputError, quote } from '../shared/errors';
import { showValue } from './json-fields';
import { PairMerges } from './pair-merges';
import type { Tokenizer } from './tokenizer';
import { textOf } from './utf8';
import { cacheWords, IdList } from './word-cache';

/** The ids that become one piece, left and right. Merge m makes the piece with id 256 + m. */
export type Merge = readonly [left: number, right: number];

/** Most ids of a vocabulary. */
const largest = 65_536;

/** Most bytes of a piece. Without a limit, n merges could make a piece of 2ⁿ bytes. */
const longestPiece = 64;

/**
 * The words of a text: letters, one digit or other characters, each with a blank before it if there is one, or one character of white
 * space. Apostrophes count as letters. Pieces do not cross the ends of words. Joined, the words are the text.
 */
const wordPattern = / ?[\p{L}\p{M}'’]+| ?\p{Nd}| ?[^\p{L}\p{M}'’\p{Nd}\s]+|\s/gu;

/** Names the pattern of words and the order of merges in a file. Another pattern needs another name. */
const format = 'byte-bpe 1';

const byteOrder = (a: Uint8Array, b: Uint8Array): number => {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
};

export class ByteBpe implements Tokenizer {
  readonly size: number;
  private readonly encodeWord: (word: string) => Int32Array;

  private constructor(
    readonly merges: readonly Merge[],
    private readonly pieces: readonly Uint8Array[],
  ) {
    this.size = pieces.length;
    const pairs = new PairMerges();
    merges.forEach(([left, right], m) => {
      pairs.add(left, right, { result: 256 + m, rank: m });
    });
    this.encodeWord = cacheWords((word) => pairs.apply(Int32Array.from(new TextEncoder().encode(word))));
  }

  /**
   * Learns pieces from a text: again and again, the pair of neighbours inside a word that occurs most often becomes a piece. Of pairs that
   * occur equally often, the one with the greater bytes is taken. Pairs that occur once are not learned, so `size` may stay below the one
   * that was asked for. The same text gives the same pieces.
   * @throws InputError for a size that is not a whole number from 256 to 65,536.
   */
  static train(text: string, size = 512): ByteBpe {
    if (!Number.isInteger(size) || size < 256 || size > largest) {
      throw new InputError(`The vocabulary size is ${size}; it must be a whole number from 256 to ${largest}.`);
    }
    const training = new Training(text);
    const merges: Merge[] = [];
    while (training.pieces.length < size) {
      const merge = training.mergeNext();
      if (!merge) break;
      merges.push(merge);
    }
    return new ByteBpe(merges, training.pieces);
  }

  /** @throws InputError naming a merge of pieces that do not exist, or that makes a piece that exists or is too long. */
  static from(merges: readonly Merge[]): ByteBpe {
    if (merges.length > largest - 256) {
      throw new InputError(`The vocabulary has ${merges.length} merges; the limit is ${largest - 256}.`);
    }
    const pieces = singleBytes();
    const known = new Set(pieces.map(keyOf));
    merges.forEach((merge, m) => {
      if (!merge.every((id) => Number.isInteger(id) && id >= 0 && id < pieces.length)) {
        throw new InputError(
          `Merge ${m} of the vocabulary joins ${merge.map(showValue).join(' and ')}; it must join two ids from 0 to ${pieces.length - 1}.`,
        );
      }
      const piece = join(pieces[merge[0]], pieces[merge[1]]);
      if (piece.length > longestPiece) {
        throw new InputError(
          `Merge ${m} of the vocabulary makes a piece of ${piece.length} bytes; the limit is ${longestPiece}.`,
        );
      }
      const key = keyOf(piece);
      if (known.has(key)) throw new InputError(`Merge ${m} of the vocabulary makes a piece that is already there.`);
      known.add(key);
      pieces.push(piece);
    });
    return new ByteBpe(
      merges.map(([left, right]) => [left, right]),
      pieces,
    );
  }

  /** The vocabulary as JSON, about 7 bytes a merge: `{"format": "byte-bpe 1", "merges": [left, right, left, right, …]}`. */
  toJson(): string {
    return JSON.stringify({ format, merges: this.merges.flat() });
  }

  /** Reads what `toJson` wrote. @throws InputError naming what is wrong. */
  static fromJson(json: string): ByteBpe {
    let parsed: unknown;
    try {
      parsed = JSON.parse(json);
    } catch {
      throw new InputError(`The vocabulary is not JSON; it begins with ${quote(json.slice(0, 40))}.`);
    }
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      throw new InputError('The vocabulary must be a JSON object with format and merges.');
    }
    const unknown = Object.keys(parsed).find((key) => key !== 'format' && key !== 'merges');
    if (unknown !== undefined) {
      throw new InputError(`The vocabulary has the field ${quote(unknown)}; it must have format and merges only.`);
    }
    const fields = parsed as { format?: unknown; merges?: unknown };
    if (fields.format !== format) {
      throw new InputError(`The vocabulary's format is ${showValue(fields.format)}; it must be ${quote(format)}.`);
    }
    const { merges } = fields;
    if (!Array.isArray(merges) || merges.length % 2 !== 0) {
      throw new InputError('The merges of the vocabulary must be a list of ids, two for each merge.');
    }
    return ByteBpe.from(Array.from({ length: merges.length / 2 }, (_, m) => [merges[2 * m], merges[2 * m + 1]]));
  }

  encode(text: string): Int32Array {
    const ids = new IdList();
    for (const [word] of text.matchAll(wordPattern)) ids.append(this.encodeWord(word));
    return ids.toArray();
  }

  decode(ids: ArrayLike<number>): string {
    let length = 0;
    for (let i = 0; i < ids.length; i++) length += this.piece(ids[i]).length;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (let i = 0; i < ids.length; i++) {
      const piece = this.pieces[ids[i]];
      bytes.set(piece, at);
      at += piece.length;
    }
    return textOf(bytes);
  }

  piece(id: number): Uint8Array {
    const piece = this.pieces[id];
    if (!piece) throw new InputError(`There is no token ${id}; the ids go from 0 to ${this.size - 1}.`);
    return piece;
  }
}

const singleBytes = (): Uint8Array[] => Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));

const join = (left: Uint8Array, right: Uint8Array): Uint8Array => Uint8Array.of(...left, ...right);

/** A piece as a key: one UTF-16 unit a byte. */
const keyOf = (piece: Uint8Array): string => String.fromCharCode(...piece);

/** A word of the text that is learned from. */
interface Word {
  /** Ids of its pieces so far. */
  ids: number[];
  /** How often the text has it. */
  count: number;
}

/** The state of training: each different word once, and the pairs of neighbours with their counts and words. */
class Training {
  readonly pieces = singleBytes();
  private readonly known = new Set(this.pieces.map(keyOf));
  private readonly counts = new Map<number, number>();
  /** Words in which a pair occurs, or occurred. */
  private readonly places = new Map<number, Set<Word>>();

  constructor(text: string) {
    const words = new Map<string, number>();
    for (const [word] of text.matchAll(wordPattern)) words.set(word, (words.get(word) ?? 0) + 1);
    for (const [text, count] of words) {
      const word = { ids: Array.from(new TextEncoder().encode(text)), count };
      for (let i = 0; i + 1 < word.ids.length; i++) this.countPair(word, i, count);
    }
  }

  /** Adds to the count of the pair at index i of a word, or subtracts from it. */
  private countPair(word: Word, i: number, count: number): void {
    const pair = word.ids[i] * largest + word.ids[i + 1];
    const sum = (this.counts.get(pair) ?? 0) + count;
    if (sum > 0) this.counts.set(pair, sum);
    else this.counts.delete(pair);
    if (count < 0) return;
    const words = this.places.get(pair);
    if (words) words.add(word);
    else this.places.set(pair, new Set([word]));
  }

  /** Makes the most frequent pair a piece. Undefined if no pair occurs twice. */
  mergeNext(): Merge | undefined {
    const pair = this.mostFrequent();
    if (pair < 0) return undefined;
    const [left, right] = splitPair(pair);
    const id = this.pieces.length;
    const piece = join(this.pieces[left], this.pieces[right]);
    this.pieces.push(piece);
    this.known.add(keyOf(piece));
    for (const word of this.places.get(pair) ?? []) {
      for (let i = 0; i + 1 < word.ids.length; i++) this.countPair(word, i, -word.count);
      word.ids = replace(word.ids, left, right, id);
      for (let i = 0; i + 1 < word.ids.length; i++) this.countPair(word, i, word.count);
    }
    this.places.delete(pair);
    return [left, right];
  }

  private mostFrequent(): number {
    let best = -1;
    let most = 1;
    for (const [pair, count] of this.counts) {
      if (count < most || (count === most && (best < 0 || this.order(pair, best) < 0))) continue;
      const [left, right] = splitPair(pair);
      const [a, b] = [this.pieces[left], this.pieces[right]];
      if (a.length + b.length > longestPiece || this.known.has(keyOf(join(a, b)))) continue;
      best = pair;
      most = count;
    }
    return best;
  }

  /** Above 0 if the first pair has the greater bytes: those of its left piece, then those of its right piece. */
  private order(first: number, second: number): number {
    const [a, b] = splitPair(first);
    const [c, d] = splitPair(second);
    return byteOrder(this.pieces[a], this.pieces[c]) || byteOrder(this.pieces[b], this.pieces[d]);
  }
}

const splitPair = (pair: number): Merge => [Math.floor(pair / largest), pair % largest];

/** Replaces the two ids by one, from the left. */
function replace(ids: readonly number[], left: number, right: number, id: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === left && ids[i + 1] === right) {
      out.push(id);
      i++;
    } else out.push(ids[i]);
  }
  return out;
}
