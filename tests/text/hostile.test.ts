/** Broken and hostile tokenizers are read, or refused in one sentence, within limits of time and memory. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteBpe } from '../../src/text/byte-bpe';
import { readSentencePiece } from '../../src/text/sentencepiece';
import type { Tokenizer } from '../../src/text/tokenizer';
import { readTokenizerJson } from '../../src/text/tokenizer-json';
import { mutatedBytes, mutatedText, randomBytes } from '../hostile/mutate';
import { accepted } from '../hostile/property';
import { jsonBytes, jsonFixture, readFixture, utf8 } from './fixtures';

/** Cases of each kind of file: 2,000 in all, if FUZZ_CASES sets no other number. */
const numRuns = Math.ceil(Number(process.env.FUZZ_CASES ?? 2000) / 3);
const seed = Number(process.env.FUZZ_SEED ?? 1);

const text = 'The whale, <s> 👩‍👩‍👧‍👦 ﬁ\u0301 e\u0301 ½ \ud800 <0x0A>\r\n\0 ▁ שלום';

/** Reads a file and, if that works, a text with it. Returns whether it worked. */
function isUsed(read: () => Tokenizer, bytes: number): boolean {
  const tokenizer = accepted(read, 64 * bytes);
  if (!tokenizer) return false;
  accepted(() => {
    const ids = tokenizer.encode(text);
    expect(ids.every((id) => id >= 0 && id < tokenizer.size)).toBe(true);
    for (const id of ids) tokenizer.piece(id);
    return tokenizer.decode(ids);
  }, 64 * bytes);
  return true;
}

/** Checks random changes of files. Some must be read and some refused, or the cases would show nothing. */
function check<T>(files: fc.Arbitrary<T>, use: (file: T) => boolean): void {
  let used = 0;
  fc.assert(
    fc.property(files, (file) => {
      if (use(file)) used++;
    }),
    { numRuns, seed, endOnFailure: numRuns > 1000 },
  );
  expect(used).toBeGreaterThan(numRuns / 50);
  expect(used).toBeLessThan(numRuns * 0.98);
}

const names = ['bytelevel', 'llama', 'never', 'plain', 'unigram-bytes', 'unigram-rules'];

/** A tokenizer.json with all of its parts and a few pieces, so that changes seldom hit the vocabulary only. */
function shortJson(name: string): string {
  const json = jsonFixture(name);
  const { model } = json;
  const isKept = (piece: string, id: number) => id < 20 || /^<0x/.test(piece) || [...piece].length === 1;
  if (Array.isArray(model.vocab)) {
    model.vocab = model.vocab.filter(([piece]: [string, number], id: number) => isKept(piece, id));
  } else {
    const kept = Object.keys(model.vocab).filter((piece) => isKept(piece, model.vocab[piece]));
    model.vocab = Object.fromEntries(kept.map((piece, id) => [piece, id]));
    model.merges = model.merges.filter(([a, b]: [string, string]) =>
      [a, b, a + b].every((token) => token in model.vocab),
    );
    json.added_tokens = [];
  }
  const { normalizer, pre_tokenizer, decoder, ...rest } = json;
  return JSON.stringify({ normalizer, pre_tokenizer, decoder, ...rest });
}

describe('hostile', () => {
  test('tokenizer.json', () => {
    const files = fc.oneof(
      { arbitrary: mutatedText(fc.constantFrom(...names.map(shortJson))).map(utf8), weight: 6 },
      { arbitrary: mutatedBytes(fc.constantFrom(...names.map((name) => utf8(shortJson(name))))), weight: 2 },
      { arbitrary: randomBytes, weight: 1 },
    );
    check(files, (bytes) => isUsed(() => readTokenizerJson(bytes), bytes.length));
  });

  test('spiece.model', () => {
    const models = ['bpe-rules', 'bpe-bytes', 'unigram-rules', 'unigram-bytes', 'unigram-plain'];
    const files = fc.oneof(
      { arbitrary: mutatedBytes(fc.constantFrom(...models.map((name) => readFixture(`${name}.model`)))), weight: 8 },
      { arbitrary: randomBytes, weight: 1 },
    );
    check(files, (bytes) => isUsed(() => readSentencePiece(bytes), bytes.length));
  });

  test('the vocabulary of a text model', () => {
    const merges = ByteBpe.train('the whale, the whale, the ship and the sea', 280).toJson();
    check(mutatedText(fc.constant(merges)), (json) => isUsed(() => ByteBpe.fromJson(json), json.length));
  });
});

describe('files that are made to cost much', () => {
  const small = (model: object, file: object = {}) => jsonBytes({ version: '1.0', model, ...file });
  const costs = (read: () => Tokenizer, long: string, bytes: number) => {
    expect(
      accepted(() => {
        read().encode(long);
        return true;
      }, bytes),
    ).toBe(true);
  };

  test('a Unigram vocabulary of all lengths of one letter', () => {
    const vocab = [['u', -9], ...Array.from({ length: 256 }, (_, i) => ['a'.repeat(i + 1), -1 - i / 300])];
    const bytes = small({ type: 'Unigram', unk_id: 0, vocab });
    costs(() => readTokenizerJson(bytes), 'a'.repeat(5000), 2 ** 24);
  });

  test('merges that double a letter eight times, over a word of 100,000 letters', () => {
    const pieces = Array.from({ length: 9 }, (_, i) => 'a'.repeat(2 ** i));
    const merges = pieces.slice(1).map((_, i) => [pieces[i], pieces[i]]);
    const vocab = Object.fromEntries(pieces.map((piece, id) => [piece, id]));
    const bytes = small({ type: 'BPE', vocab, merges });
    costs(() => readTokenizerJson(bytes), 'a'.repeat(100_000), 2 ** 24);
  });

  test('200 normalizers that make a text longer', () => {
    const replace = { type: 'Replace', pattern: { String: 'a' }, content: 'a'.repeat(2) };
    const normalizer = { type: 'Sequence', normalizers: Array.from({ length: 200 }, () => replace) };
    const bytes = small({ type: 'BPE', vocab: { a: 0 }, merges: [] }, { normalizer });
    expect(accepted(() => readTokenizerJson(bytes).encode('a'), 2 ** 24)).toBeUndefined();
  });

  test('a vocabulary of ids that leave gaps', () => {
    const vocab = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`t${i}`, i * 2600]));
    const bytes = small({ type: 'BPE', vocab, merges: [] });
    expect(accepted(() => readTokenizerJson(bytes))).toBeUndefined();
  });
});
