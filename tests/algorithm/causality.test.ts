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
  const [before, after] = [vectors, other].map((given) => lshAttention({ ...given, rotations: directions }, settings));
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

test('an edit replaces the vectors of the last tokens by others as long, and no vector before them', () => {
  const found = changedRows('paper', 256, { chunk: 16 });
  expect(found.edited).toBe(64);
  expect(found.kept).toBe(0);
  expect(found.lengths).toEqual(['8.000']);
});

// Enough buckets and long enough chunks that none is longer than m + 1; chunk edges fall anywhere within them.
test.each([
  [256, 64, 32],
  [200, 50, 16],
  [1024, 128, 48],
])('paper, %i tokens, no bucket above chunk + 1: no earlier row changes', (n, chunk, buckets) => {
  const found = changedRows('paper', n, { chunk, factors: [buckets] });
  expect(found.largest).toBeLessThanOrEqual(chunk + 1);
  expect(found.largest).toBeGreaterThan(chunk / 8);
  expect(found.share).toBe(0);
});

test('paper, buckets longer than a window: earlier rows change', () => {
  const found = changedRows('paper', 256, { chunk: 16, factors: [4] });
  expect(found.largest).toBeGreaterThan(2 * 16);
  expect(found.share).toBeGreaterThan(0.2);
});

test('trax, 1024 tokens, 4 rounds: an edit of the last quarter changes more than half of the earlier rows', () => {
  const found = changedRows('trax', 1024, {}, 64);
  expect(found.share).toBeGreaterThan(0.5);
});

test('rows of which each head has its own are counted by their length', () => {
  const a = [1, 0, 2, 0, 3, 0, 4, 0];
  const b = [1, 0, 2, 1e-5, 3, 0, 4.1, 0];
  const shape = { heads: 2, n: 2, d: 2 };
  expect(rowsApart(a, b, shape, 2)).toBe(2);
  expect(rowsApart(a, b, shape, 1)).toBe(0);
  expect(rowsApart(a, b, shape, 2, 1e-4)).toBe(1);
});
