import { expect, test } from 'vitest';
import { toHalf } from '../../src/formats/half';
import { fromHalf } from '../support/from-half';

const all = Array.from({ length: 0x7c01 }, (_, bits) => bits);

test('toHalf gives back every 16-bit float, with either sign', () => {
  expect(Array.from(toHalf(all.map(fromHalf)))).toEqual(all);
  expect(Array.from(toHalf(all.map((bits) => -fromHalf(bits))))).toEqual(all.map((bits) => bits | 0x8000));
  expect(Array.from(toHalf([Number.NaN]), fromHalf)).toEqual([Number.NaN]);
});

test('toHalf rounds to the nearest 16-bit float, and ties to even', () => {
  for (const low of all.slice(0, -2)) {
    const [below, above] = [fromHalf(low), fromHalf(low + 1)];
    const middle = (below + above) / 2;
    const step = (above - below) / 1024;
    expect(Array.from(toHalf([middle - step, middle, middle + step]))).toEqual([low, low + (low % 2), low + 1]);
  }
  expect(Array.from(toHalf([65519, 65520, 1e30]))).toEqual([0x7bff, 0x7c00, 0x7c00]);
});
