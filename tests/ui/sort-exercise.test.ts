import { describe, expect, test } from 'vitest';
import { judgeOrder, judgeSet, makeExercise } from '../../src/dialogs/sort-exercise';

const seeds = Array.from({ length: 12 }, (_, seed) => seed);

describe('sorting by hand', () => {
  test.each(seeds)('the algorithm’s own answers are right (seed %i)', (seed) => {
    const exercise = makeExercise(seed);
    const { order, buckets, walls, queries } = exercise;
    expect([...order].sort((a, b) => a - b)).toEqual(buckets.map((_, token) => token));
    expect(judgeOrder(exercise, order)).toEqual({ wrong: [], isByBucket: true });
    expect(judgeSet(walls, new Set(walls))).toEqual({ missing: [], extra: [] });
    // By definition: sorted by bucket, equal buckets in the order of the text.
    const sorted = buckets.map((_, token) => token).sort((a, b) => buckets[a] - buckets[b] || a - b);
    expect(order).toEqual(sorted);
    expect(walls).toEqual([4, 8, 12]);
    for (const { query, keys } of queries) {
      const chunkOf = (token: number) => Math.floor(order.indexOf(token) / 4);
      const seen = buckets.flatMap((bucket, key) => {
        const apart = chunkOf(query) - chunkOf(key);
        return key < query && bucket === buckets[query] && (apart === 0 || apart === 1) ? [key] : [];
      });
      expect(keys).toEqual(seen);
      expect(keys.length).toBeGreaterThan(0);
    }
  });

  test('two tokens of one bucket in the wrong order are wrong, though the buckets are in order', () => {
    const exercise = makeExercise(4);
    const { order, buckets } = exercise;
    const at = order.findIndex((token, k) => k > 0 && buckets[order[k - 1]] === buckets[token]);
    const swapped = [...order];
    [swapped[at - 1], swapped[at]] = [swapped[at], swapped[at - 1]];
    expect(judgeOrder(exercise, swapped)).toEqual({ wrong: [at - 1, at], isByBucket: true });
  });

  test('two tokens of different buckets in the wrong order are wrong, and so are the buckets', () => {
    const exercise = makeExercise(4);
    const { order, buckets } = exercise;
    const at = order.findIndex((token, k) => k > 0 && buckets[order[k - 1]] !== buckets[token]);
    const swapped = [...order];
    [swapped[at - 1], swapped[at]] = [swapped[at], swapped[at - 1]];
    expect(judgeOrder(exercise, swapped)).toEqual({ wrong: [at - 1, at], isByBucket: false });
  });

  test('missing and superfluous walls and keys are named apart', () => {
    expect(judgeSet([4, 8, 12], new Set([8, 5, 3]))).toEqual({ missing: [4, 12], extra: [3, 5] });
    expect(judgeSet([], new Set())).toEqual({ missing: [], extra: [] });
  });

  test('the first exercise cuts a bucket, and a query sees keys across a wall', () => {
    const { order, buckets, walls, queries } = makeExercise(4);
    expect(walls.some((at) => buckets[order[at - 1]] === buckets[order[at]])).toBe(true);
    const chunkOf = (token: number) => Math.floor(order.indexOf(token) / 4);
    expect(queries.some(({ query, keys }) => keys.some((key) => chunkOf(key) !== chunkOf(query)))).toBe(true);
  });
});
