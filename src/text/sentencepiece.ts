/** Reads the models of SentencePiece (Kudo and Richardson, 2018; github.com/google/sentencepiece): BPE and Unigram. */

import { InputError, quote } from '../shared/errors';
import { Charsmap } from './charsmap';
import { checkPieces, mostBytes } from './limits';
import { PairMerges } from './pair-merges';
import { PieceTrie } from './piece-trie';
import { type Field, fieldsOf } from './protobuf';
import type { Tokenizer } from './tokenizer';
import { Unigram, unknown } from './unigram';
import { textOf } from './utf8';

const name = 'spiece.model';

/** The sign for a blank in pieces. */
const blank = '▁';

/** Kinds of pieces, by their numbers in the file. */
const kinds = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

interface Piece {
  piece: string;
  score: number;
  kind: number;
}

/** What a file says, with the defaults of SentencePiece. */
interface Model {
  pieces: Piece[];
  type: number;
  hasByteFallback: boolean;
  isBlankLast: boolean;
  /** What an unknown piece is decoded to. */
  unknownText: string;
  charsmap: Charsmap | undefined;
  hasDummyPrefix: boolean;
  removesBlanks: boolean;
  escapesBlanks: boolean;
}

const modelTypes: Record<number, string> = { 1: 'Unigram', 2: 'BPE', 3: 'words', 4: 'characters' };

/** @throws InputError naming what is broken or not supported. */
export function readSentencePiece(bytes: Uint8Array): Tokenizer {
  if (bytes.length > mostBytes) throw new InputError(`${name} has ${bytes.length} bytes; the limit is ${mostBytes}.`);
  const model = readModel(bytes);
  checkModel(model);
  return new SentencePiece(model);
}

const wrongType = (field: string): InputError => new InputError(`${name} has a field ${field} of the wrong type.`);

function bytesOf([, value]: Field, field: string): Uint8Array {
  if (typeof value === 'number') throw wrongType(field);
  return value;
}

function numberOf([, value]: Field, field: string): number {
  if (typeof value !== 'number') throw wrongType(field);
  return value;
}

function utf8Of(field: Field, what: string): string {
  const text = textOf(bytesOf(field, what));
  if (text.includes('\ufffd') && !isUtf8(bytesOf(field, what)))
    throw new InputError(`${name} has a ${what} that is no UTF-8.`);
  return text;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function readModel(bytes: Uint8Array): Model {
  const model: Model = {
    pieces: [],
    type: 1,
    hasByteFallback: false,
    isBlankLast: false,
    unknownText: ' \u2047 ',
    charsmap: undefined,
    hasDummyPrefix: true,
    removesBlanks: true,
    escapesBlanks: true,
  };
  for (const field of fieldsOf(bytes, name)) {
    const [number] = field;
    if (number === 1) model.pieces.push(readPiece(bytesOf(field, 'pieces')));
    else if (number === 2) readTraining(bytesOf(field, 'trainer_spec'), model);
    else if (number === 3) readNormalization(bytesOf(field, 'normalizer_spec'), model);
    else if (number === 5) checkDenormalization(bytesOf(field, 'denormalizer_spec'));
  }
  return model;
}

function readPiece(bytes: Uint8Array): Piece {
  const read: Piece = { piece: '', score: 0, kind: kinds.normal };
  for (const field of fieldsOf(bytes, name)) {
    if (field[0] === 1) read.piece = utf8Of(field, 'piece');
    else if (field[0] === 2) read.score = floatOf(bytesOf(field, 'score'));
    else if (field[0] === 3) read.kind = numberOf(field, 'type');
  }
  return read;
}

function floatOf(bytes: Uint8Array): number {
  if (bytes.length !== 4) throw wrongType('score');
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
}

function readTraining(bytes: Uint8Array, model: Model): void {
  for (const field of fieldsOf(bytes, name)) {
    const [number] = field;
    if (number === 3) model.type = numberOf(field, 'model_type');
    else if (number === 24) model.isBlankLast = numberOf(field, 'treat_whitespace_as_suffix') !== 0;
    else if (number === 35) model.hasByteFallback = numberOf(field, 'byte_fallback') !== 0;
    else if (number === 44) model.unknownText = utf8Of(field, 'unk_surface');
  }
}

function readNormalization(bytes: Uint8Array, model: Model): void {
  for (const field of fieldsOf(bytes, name)) {
    const [number] = field;
    if (number === 2) {
      const rules = bytesOf(field, 'precompiled_charsmap');
      model.charsmap = rules.length > 0 ? new Charsmap(rules) : undefined;
    } else if (number === 3) model.hasDummyPrefix = numberOf(field, 'add_dummy_prefix') !== 0;
    else if (number === 4) model.removesBlanks = numberOf(field, 'remove_extra_whitespaces') !== 0;
    else if (number === 5) model.escapesBlanks = numberOf(field, 'escape_whitespaces') !== 0;
  }
}

function checkDenormalization(bytes: Uint8Array): void {
  for (const field of fieldsOf(bytes, name)) {
    if (field[0] === 2 && bytesOf(field, 'precompiled_charsmap').length > 0) {
      throw new InputError(`${name} changes the text when it decodes (denormalizer_spec), which is not supported.`);
    }
  }
}

/** @throws InputError naming a part of the model that SentencePiece refuses or that is not supported here. */
function checkModel({ pieces, type, hasByteFallback, isBlankLast, escapesBlanks }: Model): void {
  if (type !== 1 && type !== 2) {
    const shown = Object.hasOwn(modelTypes, type) ? modelTypes[type] : `type ${type}`;
    throw new InputError(`${name} is a model of ${shown}; it must be BPE or Unigram.`);
  }
  if (isBlankLast) throw new InputError(`${name} has treat_whitespace_as_suffix, which is not supported.`);
  if (!escapesBlanks) throw new InputError(`${name} has no escape_whitespaces, which is not supported.`);
  checkPieces(
    name,
    pieces.map(({ piece }) => piece),
  );
  let unknowns = 0;
  const bytes = new Set<string>();
  for (const { piece, score, kind } of pieces) {
    if (!Number.isFinite(score)) throw new InputError(`${name} has the piece ${quote(piece)} with the score ${score}.`);
    if (kind < 1 || kind > 6)
      throw new InputError(`${name} has the piece ${quote(piece)} of the unknown type ${kind}.`);
    if (kind === kinds.unknown) unknowns++;
    if (kind === kinds.unused && type === 2)
      throw new InputError(`${name} is a BPE model with the unused piece ${quote(piece)}, which is not supported.`);
    if (kind !== kinds.byte) continue;
    if (!hasByteFallback || byteOf(piece) === undefined)
      throw new InputError(
        `${name} has the byte ${quote(piece)}; it must be written as <0xE2>, in a model with byte_fallback.`,
      );
    bytes.add(piece);
  }
  if (unknowns !== 1) throw new InputError(`${name} has ${unknowns} pieces for unknown characters; it must have one.`);
  if (hasByteFallback && bytes.size !== 256)
    throw new InputError(`${name} has byte_fallback and ${bytes.size} pieces for bytes; it must have 256.`);
}

/** The byte that a piece such as <0xE2> stands for. */
function byteOf(piece: string): number | undefined {
  return /^<0x[0-9A-F]{2}>$/.test(piece) ? Number.parseInt(piece.slice(3, 5), 16) : undefined;
}

class SentencePiece implements Tokenizer {
  readonly size: number;
  private readonly unknownId: number;
  /** Ids of the pieces for bytes, if characters without a piece are written as bytes. */
  private readonly byteIds: Int32Array | undefined;
  private readonly userDefined = new PieceTrie();
  private readonly divide: (text: string) => { id: number; length: number }[];

  constructor(private readonly model: Model) {
    const { pieces, type, hasByteFallback } = model;
    this.size = pieces.length;
    this.unknownId = pieces.findIndex(({ kind }) => kind === kinds.unknown);
    if (hasByteFallback) this.byteIds = new Int32Array(256);
    pieces.forEach(({ piece, kind }, id) => {
      if (kind === kinds.userDefined) this.userDefined.add(piece, id);
      if (kind === kinds.byte && this.byteIds) this.byteIds[byteOf(piece) as number] = id;
    });
    this.divide = type === 1 ? unigramOf(pieces) : this.bpeOf(pieces);
  }

  /** Divides by merging, again and again, the neighbours that join to the piece of the best score; of equal ones the leftmost. */
  private bpeOf(pieces: readonly Piece[]): (text: string) => { id: number; length: number }[] {
    // A symbol is a piece or, from `size` on, a character without a piece.
    const symbols = new Map<string, number>();
    const texts: string[] = [];
    pieces.forEach(({ piece, kind }, id) => {
      if (kind === kinds.normal || kind === kinds.userDefined) symbols.set(piece, id);
      texts.push(piece);
    });
    const known = new Map(symbols);
    const merges = new PairMerges((left, right) => {
      const result = known.get(texts[left] + texts[right]);
      return result === undefined ? undefined : { result, rank: -pieces[result].score };
    });
    const symbolOf = (character: string): number => {
      const symbol = symbols.get(character) ?? texts.push(character) - 1;
      symbols.set(character, symbol);
      return symbol;
    };
    return (text) => {
      const sequence: number[] = [];
      for (const part of this.userDefined.split(text)) {
        // User-defined symbols are never merged.
        if (typeof part === 'number') sequence.push(-1 - part);
        else for (const character of part) sequence.push(symbolOf(character));
      }
      return Array.from(merges.apply(Int32Array.from(sequence)), (symbol) => {
        const index = symbol < 0 ? -1 - symbol : symbol;
        return { id: index < pieces.length ? index : unknown, length: texts[index].length };
      });
    };
  }

  encode(text: string): Int32Array {
    const normal = this.normalize(text);
    const ids: number[] = [];
    let at = 0;
    let isAfterUnknown = false;
    for (const { id, length } of this.divide(normal)) {
      const isUnknown = id === unknown;
      if (!isUnknown) ids.push(id);
      else if (this.byteIds)
        for (const byte of new TextEncoder().encode(normal.slice(at, at + length))) ids.push(this.byteIds[byte]);
      else if (!isAfterUnknown) ids.push(this.unknownId);
      isAfterUnknown = isUnknown;
      at += length;
    }
    return Int32Array.from(ids);
  }

  /** Applies the rules of the model; blanks become ▁, are collapsed and get one in front, as the model asks. */
  private normalize(text: string): string {
    const { hasDummyPrefix, removesBlanks } = this.model;
    let out = '';
    let isAfterBlank = removesBlanks;
    for (const piece of this.normalPieces(text)) {
      const kept = isAfterBlank ? piece.replace(/^ +/, '') : piece;
      if (kept === '') continue;
      out += kept;
      isAfterBlank = removesBlanks && kept.endsWith(' ');
    }
    let end = out.length;
    while (removesBlanks && (out[end - 1] === ' ' || out[end - 1] === blank)) end--;
    out = out.slice(0, end);
    const prefix = hasDummyPrefix && text !== '' && (out !== '' || !removesBlanks) ? blank : '';
    return prefix + out.replaceAll(' ', blank);
  }

  /** Characters and user-defined symbols of a text, each as the rules leave it. */
  private *normalPieces(text: string): Generator<string> {
    const { charsmap } = this.model;
    const encoder = new TextEncoder();
    for (const part of this.userDefined.split(text)) {
      if (typeof part === 'number') {
        yield this.model.pieces[part].piece;
        continue;
      }
      if (!charsmap) {
        yield* part;
        continue;
      }
      const bytes = encoder.encode(part);
      for (let at = 0; at < bytes.length; ) {
        const rule = charsmap.longest(bytes, at);
        const end = rule?.end ?? at + lengthOf(bytes[at]);
        yield rule?.replacement ?? textOf(bytes.subarray(at, end));
        at = end;
      }
    }
  }

  /** Pieces for control characters are left out, as SentencePiece does. */
  decode(ids: ArrayLike<number>): string {
    const { hasDummyPrefix, removesBlanks, unknownText } = this.model;
    let text = '';
    let bytes: number[] = [];
    const flush = (): void => {
      text += showBytes(bytes);
      bytes = [];
    };
    let isStart = hasDummyPrefix || removesBlanks;
    let hasDropped = false;
    for (const id of Array.from(ids)) {
      const { piece, kind } = this.at(id);
      if (kind === kinds.byte) {
        bytes.push(byteOf(piece) as number);
        continue;
      }
      flush();
      if (hasDropped || text !== '') isStart = false;
      hasDropped = false;
      if (kind === kinds.control) continue;
      if (kind === kinds.unknown) {
        text += unknownText;
        continue;
      }
      const isDropped = isStart && piece.startsWith(blank);
      hasDropped = isDropped && !removesBlanks;
      text += (isDropped ? piece.slice(1) : piece).replaceAll(blank, ' ');
    }
    flush();
    return text;
  }

  piece(id: number): Uint8Array {
    const { piece, kind } = this.at(id);
    if (kind === kinds.byte) return Uint8Array.of(byteOf(piece) as number);
    const isText = kind === kinds.normal || kind === kinds.userDefined;
    return new TextEncoder().encode(isText ? piece.replaceAll(blank, ' ') : piece);
  }

  private at(id: number): Piece {
    const piece = this.model.pieces[id];
    if (!piece) throw new InputError(`There is no token ${id}; the ids go from 0 to ${this.size - 1}.`);
    return piece;
  }
}

/** Bytes of the UTF-8 character with this first byte. */
const lengthOf = (first: number): number => (first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4);

/** A character without a piece scores so much less than the piece of the lowest score. */
const unknownPenalty = 10;

/** Divides by Viterbi's algorithm, with sums in float32, as SentencePiece does. */
function unigramOf(pieces: readonly Piece[]): (text: string) => { id: number; length: number }[] {
  const scores = pieces.filter(({ kind }) => kind === kinds.normal).map(({ score }) => score);
  const least = scores.reduce((a, b) => Math.min(a, b), Number.MAX_VALUE);
  const scored = pieces.flatMap(({ piece, score, kind }, id) => {
    if (kind === kinds.normal) return [{ piece, id, score }];
    // The bonus of a user-defined symbol, as in SentencePiece 0.2.2. Earlier versions had another one.
    const bytes = new TextEncoder().encode(piece).length;
    return kind === kinds.userDefined ? [{ piece, id, score: 0.1 * (bytes - 1) }] : [];
  });
  const unigram = new Unigram(scored, Math.fround(least - unknownPenalty), Math.fround);
  return (text) => {
    let start = 0;
    return unigram.apply(text).map(({ id, end }) => {
      const length = end - start;
      start = end;
      return { id, length };
    });
  };
}

/** The text of bytes. Each byte that belongs to no character becomes U+FFFD. */
function showBytes(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const end = at + lengthOf(bytes[at]);
    const character = Uint8Array.from(bytes.slice(at, end));
    const isWhole = end <= bytes.length && isUtf8(character);
    text += isWhole ? textOf(character) : '\ufffd';
    at = isWhole ? end : at + 1;
  }
  return text;
}
