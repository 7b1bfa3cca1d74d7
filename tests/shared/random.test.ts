import { expect, test } from 'vitest';
import { rotations } from '../../src/algorithm/hash';
import { duplicationTokens, sphere, twins } from '../../src/algorithm/inputs';
import { address, layout } from '../../src/algorithm/layout';
import { presets } from '../../src/algorithm/settings';
import { random } from '../../src/shared/random';

const settings = { ...presets.paper, rounds: 4, factors: [8], chunk: 8, lookBack: 1, lookAhead: 0, causal: true };
const shape = { heads: 2, n: 100, d: 3 };

test('normals have mean 0 and variance 1, and only the same keys give the same numbers', () => {
  const draw = random(7, 1);
  const values = Array.from({ length: 20000 }, () => draw.normal());
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(Math.abs(variance - 1)).toBeLessThan(0.04);
  expect(random(7, 1).uniform()).toBe(random(7, 1).uniform());
  expect(random(7, 1).uniform()).not.toBe(random(7, 2).uniform());
  expect(random(7, 1).uniform()).not.toBe(random(8, 1).uniform());
});

test('more rounds do not change the directions of earlier rounds', () => {
  const few = rotations(shape, { ...settings, rounds: 2 }, 5);
  const many = rotations(shape, settings, 5);
  for (let row = 0; row < shape.heads * shape.d; row++) {
    expect(few.subarray(row * 8, row * 8 + 8)).toEqual(many.subarray(row * 16, row * 16 + 8));
  }
});

test('heads have different directions, unless they share them', () => {
  const separate = rotations(shape, settings, 5);
  const shared = rotations(shape, { ...settings, sharedRotations: true }, 5);
  const half = separate.length / 2;
  expect(separate.subarray(0, half)).not.toEqual(separate.subarray(half));
  expect(shared.subarray(0, half)).toEqual(shared.subarray(half));
});

test('a twin equals its original without noise, and every query has the length of the options', () => {
  const { qk } = twins(shape, { seed: 1, noise: 0, length: 8 });
  expect(qk.subarray(0, 150)).toEqual(qk.subarray(150, 300));
  for (const vectors of [qk, sphere(shape, { seed: 1, noise: 0, length: 8 }).qk]) {
    for (let i = 0; i < vectors.length; i += 3) expect(Math.hypot(...vectors.subarray(i, i + 3))).toBeCloseTo(8, 5);
  }
});

test('duplicationTokens gives 0 w 0 w', () => {
  const ids = duplicationTokens(64, 32, 3);
  expect(ids[0]).toBe(0);
  expect(ids.subarray(0, 32)).toEqual(ids.subarray(32));
  expect(ids.subarray(1, 32).every((id) => id >= 1 && id <= 31)).toBe(true);
});

test('address follows the layout with its padding, and throws outside the shape', () => {
  const padded = layout('t', [2, 3, 5], [2, 3, 8]);
  expect(address(padded, 1, 2, 4)).toBe(1 * 24 + 2 * 8 + 4);
  expect(() => address(padded, 1, 2, 5)).toThrow('t[1, 2, 5] lies outside 2×3×5');
  expect(() => address(padded, -1, 0, 0)).toThrow(RangeError);
});
