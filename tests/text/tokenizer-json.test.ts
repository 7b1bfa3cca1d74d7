import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/shared/errors';
import { readTokenizerJson } from '../../src/text/tokenizer-json';
import { casesOf, jsonBytes, jsonFixture, utf8 } from './fixtures';
import { anyText, wellFormed } from './texts';

const names = ['bpe-nfkc', 'bytelevel', 'bytelevel-unk', 'llama', 'never', 'plain', 'unigram-bytes', 'unigram-rules'];

describe.each(names)('%s', (name) => {
  const tokenizer = readTokenizerJson(jsonBytes(jsonFixture(name)));
  const cases = casesOf(`${name}.tokenizer`);

  test('gives the ids that Hugging Face tokenizers give', () => {
    expect(cases.length).toBeGreaterThan(100);
    for (const [text, ids] of cases)
      if (text !== null) expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(ids);
  });

  test('gives the texts that Hugging Face tokenizers give', () => {
    for (const [, ids, decoded] of cases) expect(tokenizer.decode(ids), ids.join()).toBe(decoded);
  });

  test('reads any text, and gives ids of its vocabulary', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const ids = tokenizer.encode(text);
        expect(ids.every((id) => id >= 0 && id < tokenizer.size)).toBe(true);
        expect(typeof tokenizer.decode(ids)).toBe('string');
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

test('a byte-level tokenizer gives back any text', () => {
  const tokenizer = readTokenizerJson(jsonBytes(jsonFixture('bytelevel')));
  fc.assert(
    fc.property(anyText, (text) => {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(wellFormed(text));
    }),
    { numRuns: 1000, seed: 1 },
  );
});

test('pieces are the bytes that a token stands for', () => {
  const bytelevel = readTokenizerJson(jsonBytes(jsonFixture('bytelevel')));
  const texts = [...bytelevel.encode('a 🦊 </s>')].map((id) => bytelevel.piece(id));
  expect(Buffer.concat(texts).toString()).toBe('a 🦊 </s>');
  const llama = readTokenizerJson(jsonBytes(jsonFixture('llama')));
  const pieces = [...llama.encode('the 🦊')].map((id) => llama.piece(id));
  expect(Buffer.concat(pieces).toString()).toBe(' the 🦊');
  const metaspace = readTokenizerJson(jsonBytes(jsonFixture('never')));
  expect(Buffer.concat([...metaspace.encode('the ship')].map((id) => metaspace.piece(id))).toString()).toBe('the ship');
});

/** The smallest model, changed. */
const small = (model: object = {}, file: object = {}) => ({
  version: '1.0',
  model: { type: 'BPE', unk_token: 'u', vocab: { u: 0, a: 1, b: 2, ab: 3 }, merges: ['a b'], ...model },
  ...file,
});

test('reads the smallest model, with merges as texts or as lists, and with no type', () => {
  const untyped = small();
  delete (untyped.model as { type?: string }).type;
  for (const file of [small(), small({ merges: [['a', 'b']] }), untyped]) {
    expect([...readTokenizerJson(jsonBytes(file)).encode('aabx')]).toEqual([1, 3, 0]);
  }
});

const unigram = {
  type: 'Unigram',
  unk_id: 0,
  vocab: [
    ['u', 0],
    ['a', -1],
  ],
};
const deep = (depth: number): object =>
  depth ? { type: 'Sequence', normalizers: [deep(depth - 1)] } : { type: 'NFC' };

test.each<[string, unknown, RegExp]>([
  ['a list', [], /must be a JSON object/],
  ['no model', { version: '1.0' }, /model must be a JSON object/],
  ['WordPiece', small({ type: 'WordPiece' }), /model "WordPiece".*must be BPE or Unigram\.$/],
  ['another field', small({}, { extra: 1 }), /field "extra"/],
  ['another field of the model', small({ extra: 1 }), /model has the field "extra"/],
  ['dropout', small({ dropout: 0.1 }), /dropout/],
  ['a prefix of subwords', small({ continuing_subword_prefix: '##' }), /continuing_subword_prefix/],
  ['a suffix of words', small({ end_of_word_suffix: '</w>' }), /end_of_word_suffix/],
  ['an unk_token that is not there', small({ unk_token: 'x' }), /no token "x", which is its unk_token/],
  ['a merge of a missing token', small({ merges: ['a c'] }), /merges "a" and "c", but has no token "c"/],
  ['a merge that makes no token', small({ merges: ['b a'] }), /has no token "ba"/],
  ['a merge of three', small({ merges: ['a b a'] }), /^Merge 0 of tokenizer.json is "a b a"; it must be two tokens/],
  ['a merge that is a number', small({ merges: [5] }), /^Merge 0 of tokenizer.json is 5;/],
  ['a merge twice', small({ merges: ['a b', 'a b'] }), /merge of "a" and "b" twice/],
  ['no merges', small({ merges: undefined }), /merges of the model must be a list/],
  ['ids with a gap', small({ vocab: { u: 0, a: 1, b: 2, ab: 4 } }), /no piece with the id 3/],
  ['an id twice', small({ vocab: { u: 0, a: 1, b: 1, ab: 2 } }), /id 1 for "a" and for "b"/],
  ['an id that is no number', small({ vocab: { u: 0, a: '1' } }), /token "a" with the id/],
  ['a huge id', small({ vocab: { u: 0, a: 1e9 } }), /token "a" with the id 1000000000/],
  ['a lone surrogate', small({ vocab: { u: 0, a: 1, b: 2, ab: 3, '\ud800': 4 } }), /must be some Unicode text/],
  ['no byte tokens', small({ byte_fallback: true }), /byte_fallback, but no token <0x00>/],
  ['BertNormalizer', small({}, { normalizer: { type: 'BertNormalizer' } }), /normalizer "BertNormalizer"/],
  ['a deep normalizer', small({}, { normalizer: deep(17) }), /17 deep; the limit is 16/],
  ['an endless normalizer', small({}, { normalizer: { type: 'Sequence' } }), /must be a list/],
  [
    'a regular expression',
    small({}, { normalizer: { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: '' } }),
    /regular expression "\(a\+\)\+\$"/,
  ],
  ['broken rules', small({}, { normalizer: { type: 'Precompiled', precompiled_charsmap: '%%' } }), /not base64/],
  ['short rules', small({}, { normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAAA' } }), /broken/],
  [
    'a text that grows',
    small({}, { normalizer: { type: 'Replace', pattern: { String: 'a' }, content: 'aa' } }),
    /Replace by the longer text "aa"/,
  ],
  ['a Split', small({}, { pre_tokenizer: { type: 'Split' } }), /pre_tokenizer "Split"/],
  ['two signs', small({}, { pre_tokenizer: { type: 'Metaspace', replacement: '__' } }), /must be one character/],
  [
    'another scheme',
    small({}, { pre_tokenizer: { type: 'Metaspace', replacement: '_', prepend_scheme: 'x' } }),
    /scheme/,
  ],
  ['a WordPiece decoder', small({}, { decoder: { type: 'WordPiece' } }), /decoder "WordPiece"/],
  [
    'a template',
    small({}, { post_processor: { type: 'TemplateProcessing', single: [{ SpecialToken: { id: 's', type_id: 0 } }] } }),
    /post_processor "TemplateProcessing"/,
  ],
  ['an added token without id', small({}, { added_tokens: [{ content: 'x' }] }), /added token with the id/],
  [
    'an added token with lstrip',
    small({}, { added_tokens: [{ id: 4, content: 'x', lstrip: true }] }),
    /"x" with lstrip/,
  ],
  ['an added token of another id', small({}, { added_tokens: [{ id: 1, content: 'x' }] }), /id 1 for "a" and for/],
  ['an added token far away', small({}, { added_tokens: [{ id: 9, content: 'x' }] }), /no piece with the id 4/],
  ['a Unigram piece without score', small({}, { model: { ...unigram, vocab: [['u']] } }), /must be a text and a score/],
  [
    'a Unigram piece twice',
    small(
      {},
      {
        model: {
          ...unigram,
          vocab: [
            ['u', 0],
            ['u', 0],
          ],
        },
      },
    ),
    /ids 0 and 1/,
  ],
  ['an unk_id that is not there', small({}, { model: { ...unigram, unk_id: 2 } }), /has the unk_id 2;/],
  ['no unk_id', small({}, { model: { ...unigram, unk_id: null } }), /has the unk_id null;/],
])('refuses %s in one sentence', (_, file, words) => {
  const bytes = jsonBytes(file);
  expect(() => readTokenizerJson(bytes)).toThrow(words);
  expect(() => readTokenizerJson(bytes)).toThrow(InputError);
  expect(() => readTokenizerJson(bytes)).toThrow(/^[^\n]{10,300}\.$/);
});

test('refuses a merge that is nested deeply', () => {
  const nested = `[${'['.repeat(20_000)}${']'.repeat(20_000)}]`;
  const file = utf8(JSON.stringify(small()).replace('["a b"]', nested));
  expect(() => readTokenizerJson(file)).toThrow('Merge 0 of tokenizer.json is a list; it must be two tokens.');
});

test('refuses what is not JSON, and a character without a token where none stands for it', () => {
  expect(() => readTokenizerJson(utf8('{'))).toThrow('tokenizer.json is not JSON.');
  expect(() => readTokenizerJson(Uint8Array.of(0xff))).toThrow('tokenizer.json is not JSON.');
  const tokenizer = readTokenizerJson(jsonBytes(small({ unk_token: null })));
  expect(() => tokenizer.encode('abx')).toThrow('tokenizer.json has no token for the character "x", and no unk_token.');
});
