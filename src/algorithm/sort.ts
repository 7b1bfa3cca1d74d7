/** Step 2 of LSH attention: tokens in bucket order (paper §2). */

import type { Numbers } from './hash';
import { entryOf } from './rows';

/** One round in bucket order: `order[p]` is the token at sorted position p, `rank[i]` the position of token i. Both [n]. */
export interface Sorted {
  order: Int32Array;
  rank: Int32Array;
}

/** Stable counting sort by bucket in linear time. buckets [n], each below `count`. */
export function sortByBucket(buckets: Numbers, count: number): Sorted {
  const n = buckets.length;
  // The next free position of each bucket: at first, the number of tokens in lower buckets.
  const next = new Int32Array(count + 1);
  for (let i = 0; i < n; i++) {
    const above = entryOf(buckets, i) + 1;
    next[above] = entryOf(next, above) + 1;
  }
  for (let b = 0; b < count; b++) next[b + 1] = entryOf(next, b + 1) + entryOf(next, b);
  const order = new Int32Array(n);
  const rank = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const bucket = entryOf(buckets, i);
    const position = entryOf(next, bucket);
    next[bucket] = position + 1;
    rank[i] = position;
    order[position] = i;
  }
  return { order, rank };
}
