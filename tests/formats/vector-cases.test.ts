import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readVectorFile } from '../../src/formats/vector-file';
import { InputError } from '../../src/shared/errors';
import { expectSentence } from '../hostile/property';
import { root } from '../lab/lab';

/** What NumPy, pandas or the reference reader of safetensors reads from a file, or words of the sentence that refuses it. */
type Expected =
  | { shape: number[]; first: number[]; last: number[]; sum: number; leftOut: string[] }
  | { refused: string };

const folder = join(root, 'tests/fixtures/vectors');
const expected: Record<string, Expected> = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));

function expectRead(name: string, bytes: Uint8Array, { shape, first, last, sum }: Extract<Expected, { sum: number }>) {
  const { heads, n, d, qk } = readVectorFile(name, bytes);
  expect(shape.length === 2 ? [n, d] : [heads, n, d]).toEqual(shape);
  // The expected numbers have six decimals.
  for (const [i, value] of first.entries()) expect(qk[i]).toBeCloseTo(value, 5);
  for (const [i, value] of last.entries()) expect(qk[qk.length - last.length + i]).toBeCloseTo(value, 5);
  // The sum of all numbers, exact in float64, tells whether each has the same bits.
  expect(qk.reduce((total, value) => total + value, 0)).toBeCloseTo(sum, 9);
}

function expectRefusal(name: string, bytes: Uint8Array, words: string) {
  let message = '';
  try {
    readVectorFile(name, bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    message = (error as InputError).message;
  }
  expect(message).toContain(words);
  expectSentence(message);
}

test.each(Object.entries(expected))(
  '%s is read as its program reads it, or refused in a sentence',
  async (name, result) => {
    const bytes = await readFile(join(folder, name));
    if ('refused' in result) return expectRefusal(name, bytes, result.refused);
    expectRead(name, bytes, result);
    expect(readVectorFile(name, bytes).leftOut ?? []).toEqual(result.leftOut);
  },
);

describe('word vectors', async () => {
  const result = expected['30-fasttext.vec'] as Extract<Expected, { sum: number }>;
  const text = await readFile(join(folder, '30-fasttext.vec'), 'utf8');
  const lines = text.trim().split('\n').slice(1);
  const words = lines.map((line) => line.split(' ', 1)[0]);
  const numbers = lines.map((line) => line.slice(line.indexOf(' ') + 1));
  const cases: [
    string,
    string,
    (line: string, i: number) => string,
    ((word: string, i: number) => string) | undefined,
  ][] = [
    ['GloVe', 'x.txt', (line) => line, (word) => word],
    ['GloVe as .csv', 'x.csv', (line) => line, (word) => word],
    ['tabs', 'x.tsv', (line) => line.replaceAll(' ', '\t'), (word) => word],
    ['commas', 'x.csv', (line) => line.replaceAll(' ', ','), (word) => word],
    ['words at the end', 'x.csv', (_, i) => `${numbers[i]} ${words[i]}`, (word) => word],
    ['no words', 'x.tsv', (_, i) => numbers[i].replaceAll(' ', '\t'), undefined],
    ['words that are years', 'x.csv', (_, i) => `${1824 + i} ${numbers[i]}`, (_, i) => `${1824 + i}`],
    ['words of two parts', 'x.csv', (_, i) => `${words[i]} of ${numbers[i]}`, (word) => `${word} of`],
    [
      'a quote as a word',
      'x.txt',
      (line, i) => (i === 7 ? `" ${numbers[i]}` : line),
      (word, i) => (i === 7 ? '"' : word),
    ],
    ['a # as a word', 'x.txt', (line, i) => (i === 7 ? `# ${numbers[i]}` : line), (word, i) => (i === 7 ? '#' : word)],
    ['a comma as a word', 'x.txt', (line, i) => (i < 2 ? `, ${numbers[i]}` : line), (word, i) => (i < 2 ? ',' : word)],
    [
      'words that look like missing values and numbers',
      'x.txt',
      (_, i) => `${['nan', 'inf', '1e5', '0,5', '3.14', '-', '...', '<unk>'][i] ?? words[i]} ${numbers[i]}`,
      (word, i) => ['nan', 'inf', '1e5', '0,5', '3.14', '-', '...', '<unk>'][i] ?? word,
    ],
  ];
  test.each(cases)('with %s give names', (_, name, lineOf, nameOf) => {
    const file = new TextEncoder().encode(lines.map(lineOf).join('\n'));
    expectRead(name, file, result);
    expect(readVectorFile(name, file).names).toEqual(nameOf && words.map(nameOf));
    const counted = new TextEncoder().encode(`200 50\n${lines.map(lineOf).join('\n')}\n`);
    expectRead(name, counted, result);
    expect(readVectorFile(name, counted).leftOut?.[0]).toBe('line 1, which counts 200 rows of 50 numbers');
  });

  test('with wrong counts are refused', () => {
    expectRefusal('x.vec', new TextEncoder().encode(`201 50\n${lines.join('\n')}`), 'counts 201 lines of 50 numbers');
    expectRefusal('x.vec', new TextEncoder().encode(`200 51\n${lines.join('\n')}`), 'counts 200 lines of 51 numbers');
  });
});
