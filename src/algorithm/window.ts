/** Step 3 of LSH attention: chunks of the sorted order, and the keys that a query sees through them (paper §2, eq. 5). */

import { bucketCount, chunkCount, type Settings } from './settings';
import { sortByBucket } from './sort';

/** Buckets, sorted order and rank of every token of one head, each [rounds, n]. */
export interface Placement {
  n: number;
  buckets: Int32Array;
  order: Int32Array;
  rank: Int32Array;
}

/** Sorts every round of one head by bucket. buckets [rounds, n]. */
export function place(buckets: Int32Array, n: number, settings: Settings): Placement {
  const order = new Int32Array(buckets.length);
  const rank = new Int32Array(buckets.length);
  for (let round = 0; round < settings.rounds; round++) {
    const sorted = sortByBucket(buckets.subarray(round * n, (round + 1) * n), bucketCount(settings));
    order.set(sorted.order, round * n);
    rank.set(sorted.rank, round * n);
  }
  return { n, buckets, order, rank };
}

/**
 * Calls `visit(key)` for each slot that token i sees in `round`: the tokens of its own chunk, of `lookBack` chunks before it and of
 * `lookAhead` after it, in sorted order. All chunks have `chunk` positions; the last one may end in padding, which is skipped. With `wrap`,
 * the chunks of all rounds form a ring, so a key can be visited twice, through two rounds. Later keys are visited too: `score` masks them.
 */
export function forEachSlot(
  placement: Placement,
  settings: Settings,
  round: number,
  i: number,
  visit: (key: number) => void,
): void {
  const { n, buckets, order, rank } = placement;
  const { chunk, lookBack, lookAhead, rounds, wrap, bucketMask } = settings;
  const chunks = chunkCount(n, settings);
  const ring = rounds * chunks;
  const home = round * chunks + Math.floor(rank[round * n + i] / chunk);
  for (let seen = home - lookBack; seen <= home + lookAhead; seen++) {
    if (!wrap && Math.floor(seen / chunks) !== round) continue;
    const there = ((seen % ring) + ring) % ring;
    const thatRound = Math.floor(there / chunks);
    const start = (there % chunks) * chunk;
    for (let position = start; position < Math.min(start + chunk, n); position++) {
      const key = order[thatRound * n + position];
      const sameBucket = thatRound === round && buckets[thatRound * n + key] === buckets[round * n + i];
      if (bucketMask && !sameBucket) continue;
      visit(key);
    }
  }
}
