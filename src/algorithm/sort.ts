/** Step 2 of LSH attention: tokens in bucket order (paper §2). */

import type { Numbers } from './hash';

/** One round in bucket order: `order[p]` is the token at sorted position p, `rank[i]` the position of token i. Both [n]. */
export interface Sorted {
  order: Int32Array;
  rank: Int32Array;
}

/** Stable counting sort by bucket in linear time. buckets [n], each below `count`. */
export function sortByBucket(buckets: Numbers, count: number): Sorted {
  const n = buckets.length;
  const next = new Int32Array(count + 1);
  for (let i = 0; i < n; i++) next[buckets[i] + 1]++;
  for (let b = 0; b < count; b++) next[b + 1] += next[b];
  const order = new Int32Array(n);
  const rank = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    rank[i] = next[buckets[i]]++;
    order[rank[i]] = i;
  }
  return { order, rank };
}
