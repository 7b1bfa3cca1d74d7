import { describe, expect, test } from 'vitest';
import { crossSectionOf, directionsInSection, inSection, row } from '../../src/algorithm/cross-section';
import { digits, dotProducts, hash, rotations } from '../../src/algorithm/hash';
import { twins } from '../../src/algorithm/inputs';
import { presets, type Settings } from '../../src/algorithm/settings';
import { turnDirections, turnVector } from '../../src/algorithm/turned-directions';

const settings: Settings = {
  ...presets.paper,
  rounds: 3,
  factors: [8],
  chunk: 8,
  lookBack: 1,
  lookAhead: 0,
  causal: true,
};
const vectors = (d: number, heads = 2) => twins({ heads, n: 60, d }, { seed: 4, noise: 0.3, length: 8 });

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, k) => sum + value * b[k], 0);

describe('turned directions', () => {
  test('a turn by 0 or 360 degrees returns the same array, and four quarter turns restore the directions', () => {
    const shape = { heads: 2, n: 60, d: 5 };
    const plain = rotations(shape, settings, 3);
    expect(turnDirections(plain, shape, 0)).toBe(plain);
    expect(turnDirections(plain, shape, 360)).toBe(plain);
    const quarter = turnDirections(plain, shape, 90);
    expect(Math.max(...quarter.map((value, i) => Math.abs(value - plain[i])))).toBeGreaterThan(1);
    let four = plain;
    for (let i = 0; i < 4; i++) four = turnDirections(four, shape, 90);
    for (const [i, value] of four.entries()) expect(value).toBeCloseTo(plain[i], 6);
  });

  test.each([2, 3, 7, 16])('a turn preserves lengths and angles (d = %i)', (d) => {
    const shape = { heads: 2, n: 60, d };
    const plain = rotations(shape, settings, 8);
    const after = turnDirections(plain, shape, 37);
    const of = (all: Float32Array, head: number, column: number) =>
      Array.from({ length: d }, (_, k) => all[(head * d + k) * 12 + column]);
    for (let head = 0; head < 2; head++) {
      for (let a = 0; a < 12; a++) {
        for (let b = 0; b <= a; b++) {
          expect(dot(of(after, head, a), of(after, head, b))).toBeCloseTo(
            dot(of(plain, head, a), of(plain, head, b)),
            4,
          );
        }
      }
    }
  });

  test('three-dimensional vectors turn about the third axis', () => {
    const [x, y, z] = turnVector([1, 0, 5], 30);
    expect([x, y, z]).toEqual([Math.cos(Math.PI / 6), Math.sin(Math.PI / 6), 5]);
  });

  test.each([3, 16])('turned directions give the buckets of vectors turned the other way (d = %i)', (d) => {
    const { shape, qk } = vectors(d);
    const plain = rotations(shape, settings, 1);
    for (const degrees of [10, 125, 200]) {
      const back = Float64Array.from(
        Array.from({ length: 2 * shape.n }, (_, i) => [
          ...turnVector(qk.subarray(i * d, (i + 1) * d), -degrees),
        ]).flat(),
      );
      for (let head = 0; head < 2; head++) {
        const buckets = hash(qk, turnDirections(plain, shape, degrees), shape, settings, head);
        expect(buckets).toEqual(hash(back, plain, shape, settings, head));
        expect(buckets).not.toEqual(hash(qk, plain, shape, settings, head));
      }
    }
  });
});

describe('the cross-section', () => {
  const common = { settings, head: 1, round: 2, token: 31 };

  test.each([4, 7, 16])(
    'axes are orthonormal, and the token and its winning direction lie in the section (d = %i)',
    (d) => {
      const { shape, qk } = vectors(d);
      const directions = rotations(shape, settings, 6);
      const section = crossSectionOf({ ...common, qk, directions, shape, degrees: 0 });
      for (const [a, b] of [
        [0, 1],
        [0, 2],
        [1, 2],
      ])
        expect(dot(section[a], section[b])).toBeCloseTo(0, 9);
      for (const axis of section) expect(dot(axis, axis)).toBeCloseTo(1, 9);
      const x = row(qk, shape, 1, 31);
      const [along, ...across] = inSection(x, section);
      expect(along).toBeCloseTo(8, 4);
      expect(Math.hypot(...across)).toBeLessThan(1e-6);
      const y = dotProducts(x, directions, shape, settings, 1, 2);
      const winner = digits(y, [8])[0] % 4;
      const flat = directionsInSection({ directions, shape, settings, head: 1 }, 2, section);
      const whole = Array.from({ length: d }, (_, k) => directions[((d + k) * 3 + 2) * 4 + winner]);
      expect(Math.hypot(...flat[winner])).toBeCloseTo(Math.hypot(...whole), 5);
      // Dot products with the token are exact in the section, although other directions lie partly outside.
      for (const [i, direction] of flat.entries()) expect(dot(direction, [along, ...across])).toBeCloseTo(y[i], 4);
    },
  );

  test('a turn of the directions does not change the section', () => {
    const { shape, qk } = vectors(16);
    const plain = rotations(shape, settings, 6);
    const before = crossSectionOf({ ...common, qk, directions: plain, shape, degrees: 0 });
    const after = crossSectionOf({ ...common, qk, directions: turnDirections(plain, shape, 130), shape, degrees: 130 });
    for (let a = 0; a < 3; a++) {
      for (let k = 0; k < 16; k++) expect(after[a][k]).toBeCloseTo(before[a][k], 4);
    }
  });

  test('the axes are the coordinate axes when d ≤ 3, and are orthonormal for zero vectors', () => {
    const shape = { heads: 2, n: 60, d: 3 };
    const options = {
      ...common,
      qk: new Float32Array(360),
      directions: rotations(shape, settings, 1),
      shape,
      degrees: 0,
    };
    expect(crossSectionOf(options).map((axis) => [...axis])).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    const wide = { ...shape, d: 6 };
    const zeros = { ...options, qk: new Float32Array(720), directions: rotations(wide, settings, 1), shape: wide };
    for (const axis of crossSectionOf(zeros)) expect(dot(axis, axis)).toBeCloseTo(1, 9);
  });
});
