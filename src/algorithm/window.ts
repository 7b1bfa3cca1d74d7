import { bucketCount, chunkCount, type Settings } from './settings';
import { sortByBucket } from './sort';

/** Where every token of one head went: buckets, order and rank, each [rounds, n]. */
export interface Placement {
  n: number;
  buckets: Int32Array;
  order: Int32Array;
  rank: Int32Array;
}

/** Sorts every round of one head by bucket: step 2 of LSH attention. buckets [rounds, n]. */
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
 * Calls `visit(key)` for each slot that token i sees in `round`: the tokens of its own chunk, `lookBack` chunks before and
 * `lookAhead` after, in sorted order. Chunks are cut at equal lengths; the end of the last one is padding, which nobody sees.
 * With `wrap`, the chunks of all rounds form a ring, so that a key can be met twice, through two rounds. Causality is not applied here.
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
  const own = round * chunks + Math.floor(rank[round * n + i] / chunk);
  for (let seen = own - lookBack; seen <= own + lookAhead; seen++) {
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
