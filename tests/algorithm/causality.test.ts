import { expect, test } from 'vitest';
import { rowsApart, withOtherFuture } from '../../src/algorithm/causality';
import { bucketSizes, rotations } from '../../src/algorithm/hash';
import { twins } from '../../src/algorithm/inputs';
import { lshAttention } from '../../src/algorithm/lsh';
import { defaultFactors, type Preset, presets, type Settings } from '../../src/algorithm/settings';
import { largestBucket } from '../../src/algorithm/statistics';

function changedRows(preset: Preset, n: number, change: Partial<Settings>, d = 16) {
  const shape = { heads: 1, n, d };
  const chunk = change.chunk ?? 64;
  const settings: Settings = {
    ...presets[preset],
    rounds: 4,
    factors: defaultFactors(n, chunk, preset),
    chunk,
    lookBack: 1,
    lookAhead: 0,
    causal: true,
    ...change,
  };
  const vectors = twins(shape, { seed: 5, noise: 0.3, length: 8 });
  const first = (3 * n) / 4;
  const other = withOtherFuture(vectors, first, 5);
  const directions = rotations(shape, settings, 5);
  const [before, after] = [vectors, other].map((input) => lshAttention({ ...input, rotations: directions }, settings));
  const sizes = [before, after].flatMap(({ buckets }) =>
    Array.from({ length: settings.rounds }, (_, r) => bucketSizes(buckets.subarray(r * n, (r + 1) * n), settings)),
  );
  return {
    share: rowsApart(after.out, before.out, shape, first) / first,
    largest: largestBucket(sizes),
    chunk,
    edited: rowsApart(other.qk, vectors.qk, shape, n),
    kept: rowsApart(other.qk, vectors.qk, shape, first, 0) + rowsApart(other.v, vectors.v, shape, first, 0),
    lengths: [
      ...new Set(Array.from({ length: n }, (_, i) => Math.hypot(...other.qk.subarray(i * d, (i + 1) * d)).toFixed(3))),
    ],
  };
}

test('withOtherFuture replaces the vectors of the last tokens, keeps their lengths, and leaves earlier tokens alone', () => {
  const result = changedRows('paper', 256, { chunk: 16 });
  expect(result.edited).toBe(64);
  expect(result.kept).toBe(0);
  expect(result.lengths).toEqual(['8.000']);
});

// With these sizes no bucket has more than m + 1 tokens, while chunk edges fall anywhere within buckets.
test.each([
  [256, 64, 32],
  [200, 50, 16],
  [1024, 128, 48],
])(
  'with preset paper, %i tokens and no bucket longer than chunk + 1, a change of later tokens changes no earlier row',
  (n, chunk, buckets) => {
    const result = changedRows('paper', n, { chunk, factors: [buckets] });
    expect(result.largest).toBeLessThanOrEqual(chunk + 1);
    expect(result.largest).toBeGreaterThan(chunk / 8);
    expect(result.share).toBe(0);
  },
);

test('with preset paper and buckets longer than a window, a change of later tokens changes earlier rows', () => {
  const result = changedRows('paper', 256, { chunk: 16, factors: [4] });
  expect(result.largest).toBeGreaterThan(2 * 16);
  expect(result.share).toBeGreaterThan(0.2);
});

test('with preset trax, 1024 tokens and 4 rounds, a change of the last quarter changes over half of the earlier rows', () => {
  const result = changedRows('trax', 1024, {}, 64);
  expect(result.share).toBeGreaterThan(0.5);
});

test('rowsApart compares the first rows of each head with a tolerance relative to their length', () => {
  const a = [1, 0, 2, 0, 3, 0, 4, 0];
  const b = [1, 0, 2, 1e-5, 3, 0, 4.1, 0];
  const shape = { heads: 2, n: 2, d: 2 };
  expect(rowsApart(a, b, shape, 2)).toBe(2);
  expect(rowsApart(a, b, shape, 1)).toBe(0);
  expect(rowsApart(a, b, shape, 2, 1e-4)).toBe(1);
});
