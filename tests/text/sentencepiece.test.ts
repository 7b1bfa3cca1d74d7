import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/shared/errors';
import { readSentencePiece } from '../../src/text/sentencepiece';
import { casesOf, nfkcModel, readFixture, utf8 } from './fixtures';
import { anyText } from './texts';

const models = ['bpe-nfkc', 'bpe-rules', 'bpe-bytes', 'unigram-rules', 'unigram-bytes', 'unigram-plain'];
const modelOf = (name: string) => (name === 'bpe-nfkc' ? nfkcModel() : readFixture(`${name}.model`));

describe.each(models)('%s', (name) => {
  const tokenizer = readSentencePiece(modelOf(name));
  const cases = casesOf(`${name}.model`);

  test('gives the ids that SentencePiece gives', () => {
    expect(cases.length).toBeGreaterThan(100);
    for (const [text, ids] of cases)
      if (text !== null) expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual(ids);
  });

  test('gives the texts that SentencePiece gives', () => {
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

  test('has the bytes of each piece', () => {
    for (let id = 0; id < tokenizer.size; id++) expect(tokenizer.piece(id).length).toBeGreaterThan(0);
    expect(() => tokenizer.piece(tokenizer.size)).toThrow(InputError);
    expect(() => tokenizer.decode([-1])).toThrow(InputError);
  });
});

test('gives back a text that has its characters, if bytes stand for the others and blanks are kept', () => {
  const tokenizer = readSentencePiece(readFixture('bpe-bytes.model'));
  for (const text of ['The whale 🐋\r\n  and\tthe ship', '\ufeffשלום  👩‍👩‍👧‍👦', 'a\0b']) {
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  }
});

test('a text of 100,000 characters costs no more for each character than a short one', () => {
  const tokenizer = readSentencePiece(modelOf('bpe-nfkc'));
  const text = 'Call me Ishmael, said the whale. '.repeat(3000);
  const start = process.cpuUsage();
  const ids = tokenizer.encode(text);
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1000).toBeLessThan(2000);
  const once = tokenizer.encode('Call me Ishmael, said the whale.');
  expect(ids.length).toBe(3000 * once.length);
});

/** A message of Protocol Buffers: numbers as varints, bytes and texts with their length, floats as they are. */
function message(...fields: [number, number | string | Uint8Array | { float: number }][]): Uint8Array {
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
  return Uint8Array.from(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [...varint(number * 8), ...varint(value)];
      if (typeof value === 'object' && 'float' in value) {
        return [...varint(number * 8 + 5), ...new Uint8Array(Float32Array.of(value.float).buffer)];
      }
      const bytes = typeof value === 'string' ? utf8(value) : value;
      return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
    }),
  );
}

const piece = (text: string | Uint8Array, score = -1, type = 1): [number, Uint8Array] => [
  1,
  message([1, text], [2, { float: score }], [3, type]),
];
const unk = piece('<unk>', 0, 2);

test('reads the smallest model', () => {
  const tokenizer = readSentencePiece(message(unk, piece('▁a'), piece('a', -2)));
  expect([...tokenizer.encode('a aab')]).toEqual([1, 1, 2, 0]);
  expect(tokenizer.decode([1, 1, 2, 0])).toBe('a aa ⁇ ');
});

test('a BPE model joins the neighbours of the best score, and of equal ones the leftmost', () => {
  const type = [2, message([3, 2])] as [number, Uint8Array];
  const pieces = [piece('▁', -9), piece('a', -9), piece('b', -9), piece('aa', -2), piece('ab', -1), piece('ba', -2)];
  const tokenizer = readSentencePiece(message(unk, ...pieces, type));
  const shown = (text: string) =>
    [...tokenizer.encode(text)].map((id) => new TextDecoder().decode(tokenizer.piece(id)));
  expect(shown('aaa')).toEqual([' ', 'aa', 'a']);
  expect(shown('aab')).toEqual([' ', 'a', 'ab']);
  expect(shown('baa')).toEqual([' ', 'ba', 'a']);
});

test.each([
  ['an empty file', new Uint8Array(0), 'spiece.model has no pieces.'],
  ['words', readFixture('words.model'), 'spiece.model is a model of words; it must be BPE or Unigram.'],
  ['characters', readFixture('characters.model'), 'spiece.model is a model of characters; it must be BPE or Unigram.'],
  [
    'half a file',
    readFixture('bpe-rules.model').slice(0, 3000),
    /^spiece\.model is broken at byte \d+ of a message\.$/,
  ],
  ['a text', utf8('{"model": {}}'), /broken/],
  ['two unknown pieces', message(unk, piece('<x>', 0, 2)), /has 2 pieces for unknown characters/],
  ['no unknown piece', message(piece('a')), /has 0 pieces for unknown characters/],
  ['a piece twice', message(unk, piece('a'), piece('a')), /has the piece "a" at the ids 1 and 2/],
  ['an empty piece', message(unk, piece('')), /has the piece "" with the id 1/],
  ['a piece that is no UTF-8', message(unk, piece(Uint8Array.of(0xff))), /has a piece that is no UTF-8/],
  ['a long piece', message(unk, piece('a'.repeat(257))), /has a piece of 257 characters/],
  ['a score that is no number', message(unk, piece('a', Number.NaN)), /has the piece "a" with the score NaN/],
  ['a piece of type 7', message(unk, piece('a', 0, 7)), /has the piece "a" of the unknown type 7/],
  ['an unused piece in BPE', message(unk, piece('a', 0, 5), [2, message([3, 2])]), /with the unused piece "a"/],
  ['bytes without byte_fallback', message(unk, piece('<0x41>', 0, 6)), /has the byte "<0x41>"/],
  ['byte_fallback without bytes', message(unk, [2, message([35, 1])]), /has byte_fallback and 0 pieces for bytes/],
  ['a suffix for blanks', message(unk, [2, message([24, 1])]), /treat_whitespace_as_suffix/],
  ['blanks that are kept', message(unk, [3, message([5, 0])]), /escape_whitespaces/],
  ['a denormalizer', message(unk, [5, message([2, 'abc'])]), /denormalizer_spec/],
  ['broken rules', message(unk, [3, message([2, 'abcdefgh'])]), /precompiled_charsmap/],
  ['a number for a piece', message([1, 5]), /has a field pieces of the wrong type/],
])('refuses %s in one sentence', (_, bytes, words) => {
  expect(() => readSentencePiece(bytes)).toThrow(words);
  expect(() => readSentencePiece(bytes)).toThrow(InputError);
});

test('refuses rules that lead out of the file when they are used', () => {
  // A trie of one unit whose offset is beyond its end.
  const rules = Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0x40, 0);
  const tokenizer = readSentencePiece(message(unk, piece('a'), [3, message([2, rules])]));
  expect(() => tokenizer.encode('a')).toThrow('The precompiled_charsmap of the tokenizer is broken.');
});
