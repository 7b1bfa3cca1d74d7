/** Reads tokenizer.json, the file of Hugging Face tokenizers (github.com/huggingface/tokenizers): BPE and Unigram. */

import { InputError, quote } from '../shared/errors';
import { decoderOf } from './decoders';
import { type Fields, fieldsOf, listOf, partsOf, refuse, showValue, typeOf } from './json-fields';
import { checkPieces, mostBytes, mostIds } from './limits';
import { normalizerOf } from './normalizers';
import { PairMerges } from './pair-merges';
import { PieceTrie } from './piece-trie';
import { preTokenizerOf } from './pre-tokenizers';
import type { Tokenizer } from './tokenizer';
import { Unigram, unknown } from './unigram';
import { cacheWords, IdList } from './word-cache';

const name = 'tokenizer.json';

/** @throws InputError naming what is broken or not supported. */
export function readTokenizerJson(bytes: Uint8Array): Tokenizer {
  if (bytes.length > mostBytes) throw new InputError(`${name} has ${bytes.length} bytes; the limit is ${mostBytes}.`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new InputError(`${name} is not JSON.`);
  }
  const fields = fieldsOf(parsed, name, fileFields);
  checkPostProcessor(fields.post_processor);
  return new JsonTokenizer(fields);
}

/** Truncation and padding are set anew at each call in transformers, so they change nothing here. */
const fileFields = [
  ...['version', 'truncation', 'padding', 'added_tokens', 'normalizer', 'pre_tokenizer', 'post_processor', 'decoder'],
  'model',
];

/** Accepts what adds no token. */
function checkPostProcessor(value: unknown): void {
  for (const part of partsOf(value, 'post_processor', 'processors')) {
    const type = typeOf(part, 'post_processor');
    if (type === 'ByteLevel') continue;
    const { single } = part as Fields;
    const isSingle = type === 'TemplateProcessing' && Array.isArray(single) && single.length === 1;
    if (isSingle && typeof single[0] === 'object' && single[0] !== null && 'Sequence' in single[0]) continue;
    throw refuse(`the post_processor ${quote(type)}`, 'it must be ByteLevel, or a template that adds no tokens');
  }
}

/** A token that is found in the text before the model sees it. */
interface AddedToken {
  id: number;
  content: string;
  isNormalized: boolean;
}

const tokenFields = ['id', 'content', 'single_word', 'lstrip', 'rstrip', 'normalized', 'special'];

function readAddedTokens(value: unknown): AddedToken[] {
  return listOf(value ?? [], 'added_tokens').map((entry) => {
    const fields = fieldsOf(entry, 'added token', tokenFields);
    const { id, content } = fields;
    if (!isId(id) || typeof content !== 'string' || content === '') {
      throw new InputError(`${name} has an added token with the id ${showValue(id)}; it needs an id and a content.`);
    }
    for (const flag of ['single_word', 'lstrip', 'rstrip']) {
      if (fields[flag]) throw refuse(`the added token ${quote(content)} with ${flag}`, 'it must be false');
    }
    return { id, content, isNormalized: fields.normalized === true };
  });
}

const isId = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < mostIds;

class JsonTokenizer implements Tokenizer {
  readonly size: number;
  /** What each id is decoded from: of an added token that is found in normalized text, the normalized content. */
  private readonly tokens: readonly string[];
  private readonly isAdded: ReadonlySet<number>;
  private readonly added = new PieceTrie();
  private readonly addedToNormal = new PieceTrie();
  private readonly normalize: (text: string) => string;
  private readonly preTokenize: ReturnType<typeof preTokenizerOf>;
  private readonly decoder: ReturnType<typeof decoderOf>;
  private readonly encodeWord: (word: string) => Int32Array;

  constructor(fields: Fields) {
    this.normalize = normalizerOf(fields.normalizer);
    this.preTokenize = preTokenizerOf(fields.pre_tokenizer);
    this.decoder = decoderOf(fields.decoder);
    const model = readModel(fields.model);
    const added = readAddedTokens(fields.added_tokens);
    const tokens = [...model.tokens];
    const shown: string[] = [];
    for (const { id, content, isNormalized } of added) {
      if (tokens[id] !== undefined && tokens[id] !== content) {
        throw new InputError(
          `${name} has the id ${id} for ${quote(tokens[id])} and for the added token ${quote(content)}.`,
        );
      }
      tokens[id] = content;
      if (isNormalized) {
        const normal = this.normalize(content);
        shown[id] = normal;
        if (normal !== '') this.addedToNormal.add(normal, id);
      } else this.added.add(content, id);
    }
    checkPieces(name, Array.from(tokens));
    this.tokens = tokens.map((token, id) => shown[id] ?? token);
    this.size = tokens.length;
    this.isAdded = new Set(added.map(({ id }) => id));
    this.encodeWord = cacheWords(model.encodeWord);
  }

  encode(text: string): Int32Array {
    const ids = new IdList();
    let isFirst = true;
    for (const part of this.added.split(text.replaceAll(/\p{Cs}/gu, '\ufffd'))) {
      const inner = typeof part === 'number' ? [part] : this.addedToNormal.split(this.normalize(part));
      for (const piece of inner) {
        if (typeof piece === 'number') ids.append([piece]);
        else for (const word of this.preTokenize(piece, isFirst)) ids.append(this.encodeWord(word));
        isFirst = false;
      }
      isFirst = false;
    }
    return ids.toArray();
  }

  decode(ids: ArrayLike<number>): string {
    return this.decoder.decode(Array.from(ids, (id) => this.at(id)));
  }

  piece(id: number): Uint8Array {
    const token = this.at(id);
    return this.isAdded.has(id) ? new TextEncoder().encode(token) : this.decoder.piece(token);
  }

  private at(id: number): string {
    const token = this.tokens[id];
    if (token === undefined) throw new InputError(`There is no token ${id}; the ids go from 0 to ${this.size - 1}.`);
    return token;
  }
}

/** The tokens of a model by their ids, and how it divides a word into them. */
interface Model {
  tokens: string[];
  encodeWord(word: string): Int32Array;
}

function readModel(value: unknown): Model {
  // Files of the first versions name no type.
  const type = typeof value === 'object' && value !== null && !('type' in value) ? 'BPE' : typeOf(value, 'model');
  if (type === 'BPE') return readBpe(value);
  if (type === 'Unigram') return readUnigram(value);
  throw refuse(`the model ${quote(type)}`, 'it must be BPE or Unigram');
}

/** The ids of the 256 tokens for bytes, such as <0xE2>. @throws InputError if one is missing. */
function byteIdsOf(idOf: ReadonlyMap<string, number>): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    const token = `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
    const id = idOf.get(token);
    if (id === undefined) throw new InputError(`${name} has byte_fallback, but no token ${token}.`);
    return id;
  });
}

const bpeFields = [
  ...['type', 'dropout', 'unk_token', 'continuing_subword_prefix', 'end_of_word_suffix', 'fuse_unk'],
  ...['byte_fallback', 'ignore_merges', 'vocab', 'merges'],
];

function readBpe(value: unknown): Model {
  const fields = fieldsOf(value, 'model', bpeFields);
  if (fields.dropout) throw refuse('a dropout', 'it must be null');
  for (const field of ['continuing_subword_prefix', 'end_of_word_suffix']) {
    if (fields[field]) throw refuse(`a ${field}`, 'it must be empty');
  }
  const idOf = readVocabulary(fields.vocab);
  const tokens: string[] = [];
  for (const [token, id] of idOf) tokens[id] = token;
  const merges = readMerges(fields.merges, idOf);
  const unknownId = typeof fields.unk_token === 'string' ? idOf.get(fields.unk_token) : undefined;
  if (typeof fields.unk_token === 'string' && unknownId === undefined) {
    throw new InputError(`${name} has no token ${quote(fields.unk_token)}, which is its unk_token.`);
  }
  const byteIds = fields.byte_fallback ? byteIdsOf(idOf) : undefined;
  const isFused = fields.fuse_unk === true;
  const takesWholeWords = fields.ignore_merges === true;
  const encodeWord = (word: string): Int32Array => {
    const whole = takesWholeWords ? idOf.get(word) : undefined;
    if (whole !== undefined) return Int32Array.of(whole);
    const sequence: number[] = [];
    let isAfterUnknown = false;
    for (const character of word) {
      const id = idOf.get(character);
      const isUnknown = id === undefined && !byteIds;
      if (id !== undefined) sequence.push(id);
      else if (byteIds) for (const byte of new TextEncoder().encode(character)) sequence.push(byteIds[byte]);
      else if (unknownId === undefined)
        throw new InputError(`${name} has no token for the character ${quote(character)}, and no unk_token.`);
      else if (!isFused || !isAfterUnknown) sequence.push(unknownId);
      isAfterUnknown = isUnknown;
    }
    return merges.apply(Int32Array.from(sequence));
  };
  return { tokens, encodeWord };
}

function readVocabulary(value: unknown): Map<string, number> {
  const entries = Object.entries(fieldsOf(value, 'vocab of the model'));
  const tokens: string[] = [];
  for (const [token, id] of entries) {
    if (!isId(id)) throw new InputError(`${name} has the token ${quote(token)} with the id ${showValue(id)}.`);
    if (tokens[id] !== undefined) {
      throw new InputError(`${name} has the id ${id} for ${quote(tokens[id])} and for ${quote(token)}.`);
    }
    tokens[id] = token;
  }
  return new Map(entries as [string, number][]);
}

/** Merges as lists of two tokens or, in older files, as texts with a blank between them; the earliest first. */
function readMerges(value: unknown, idOf: ReadonlyMap<string, number>): PairMerges {
  const merges = new PairMerges();
  listOf(value, 'merges of the model').forEach((entry, rank) => {
    const pair = typeof entry === 'string' ? entry.split(' ') : entry;
    const [left, right, ...others] = Array.isArray(pair) ? (pair as unknown[]) : [];
    const bad = (): InputError =>
      new InputError(`Merge ${rank} of ${name} is ${showValue(entry)}; it must be two tokens.`);
    if (typeof left !== 'string' || typeof right !== 'string' || others.length > 0) throw bad();
    const ids = [left, right, left + right].map((token) => idOf.get(token));
    const [first, second, result] = ids;
    if (first === undefined || second === undefined || result === undefined) {
      const missing = [left, right, left + right][ids.indexOf(undefined)];
      throw new InputError(`${name} merges ${quote(left)} and ${quote(right)}, but has no token ${quote(missing)}.`);
    }
    if (!merges.add(first, second, { result, rank })) {
      throw new InputError(`${name} has the merge of ${quote(left)} and ${quote(right)} twice.`);
    }
  });
  return merges;
}

/** A character without a piece scores so much less than the piece of the lowest score. */
const unknownPenalty = 10;

function readUnigram(value: unknown): Model {
  const fields = fieldsOf(value, 'model', ['type', 'unk_id', 'vocab', 'byte_fallback']);
  const pieces = listOf(fields.vocab, 'vocab of the model').map((entry, id) => {
    const [piece, score] = Array.isArray(entry) && entry.length === 2 ? (entry as unknown[]) : [];
    if (typeof piece !== 'string' || typeof score !== 'number' || !Number.isFinite(score)) {
      throw new InputError(`Piece ${id} of ${name} is ${showValue(entry)}; it must be a text and a score.`);
    }
    return { piece, id, score };
  });
  const tokens = pieces.map(({ piece }) => piece);
  checkPieces(name, tokens);
  const { unk_id: unknownId } = fields;
  if (!isId(unknownId) || unknownId >= tokens.length) {
    const shown = showValue(unknownId);
    throw new InputError(`${name} has the unk_id ${shown}; it must be the id of one of ${tokens.length} pieces.`);
  }
  const idOf = new Map(pieces.map(({ piece, id }) => [piece, id]));
  const byteIds = fields.byte_fallback ? byteIdsOf(idOf) : undefined;
  const least = pieces.reduce((least, { score }) => Math.min(least, score), Number.MAX_VALUE);
  const unigram = new Unigram(pieces, least - unknownPenalty);
  const encodeWord = (word: string): Int32Array => {
    const ids: number[] = [];
    let start = 0;
    let unknownStart = 0;
    // Unknown characters in a row are one piece.
    const flush = (): void => {
      if (unknownStart === start) return;
      const piece = word.slice(unknownStart, start);
      const id = idOf.get(piece);
      if (id === undefined && byteIds) for (const byte of new TextEncoder().encode(piece)) ids.push(byteIds[byte]);
      else ids.push(id ?? unknownId);
    };
    for (const { id, end } of unigram.apply(word)) {
      if (id !== unknown && id !== unknownId) {
        flush();
        ids.push(id);
        unknownStart = end;
      }
      start = end;
    }
    flush();
    return Int32Array.from(ids);
  };
  return { tokens, encodeWord };
}
