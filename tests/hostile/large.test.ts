import { expect, test } from 'vitest';
import { vectorFileLimit } from '../../src/formats/file-limits';
import { memoryPerByte, readSafetensors } from '../../src/formats/safetensors';
import { readVectorFile } from '../../src/formats/vector-file';
import { npyOf, safetensorsOf, utf8 } from './mutate';
import { accepted } from './property';

/** Data of a file just below the limit, for vectors with d = 64. */
const data = new Uint8Array(vectorFileLimit - 4096);

test.each([
  ['F64', 8],
  ['F32', 4],
  ['F16', 2],
  ['BF16', 2],
  ['I64', 8],
  ['I32', 4],
  ['I8', 1],
  ['U8', 1],
])('the largest .safetensors of %s is read within the limits of time and memory', (dtype, size) => {
  const n = data.length / size / 64;
  const header = JSON.stringify({ qk: { dtype, shape: [n, 64], data_offsets: [0, data.length] } });
  const bytes = safetensorsOf(header, data);
  expect(accepted(() => readVectorFile('x.safetensors', bytes), memoryPerByte * bytes.length)?.n).toBe(n);
});

test.each([
  ['<f4', 4],
  ['<f8', 8],
])('the largest .npy of %s is read within the limits of time and memory', (dtype, size) => {
  const n = data.length / size / 64;
  const bytes = npyOf(`{'descr': '${dtype}', 'fortran_order': False, 'shape': (${n}, 64), }`, 1, data);
  expect(accepted(() => readVectorFile('x.npy', bytes), memoryPerByte * bytes.length)?.n).toBe(n);
});

test('the longest .csv is read within the limits of time and memory', () => {
  const line = `${Array.from({ length: 64 }, (_, k) => (k % 8) / 8 - 0.5).join()}\n`;
  const bytes = utf8(line.repeat(2 ** 17));
  expect(accepted(() => readVectorFile('x.csv', bytes), memoryPerByte * bytes.length)?.n).toBe(2 ** 17);
});

test.each([
  ['lines of one number', '1\n'],
  ['one long line', '1,'],
  ['blanks', ' '],
])('the largest .csv of %s is rejected within the limits of time and memory', (_, piece) => {
  const bytes = utf8(piece.repeat(data.length / piece.length));
  expect(accepted(() => readVectorFile('x.csv', bytes), memoryPerByte * bytes.length)).toBe(undefined);
});

test.each([
  ['lists', '[', ']', 2 ** 20 - 64],
  ['empty lists', '[],', '', 600_000],
  ['objects', '{"a":1},', '', 250_000],
  ['tensors', '{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"', '', 1],
])(
  'the largest .safetensors header of %s is rejected within the limits of time and memory',
  (_, left, right, count) => {
    const bytes = safetensorsOf(`{"a":[${left.repeat(count)}0${right.repeat(count)}]}`, new Uint8Array());
    expect(accepted(() => readSafetensors(bytes), memoryPerByte * bytes.length)).toBe(undefined);
  },
);
