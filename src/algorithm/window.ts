/** Step 3 of LSH attention: chunks of the sorted order, and the keys that a query sees through them (paper §2, eq. 5). */

import { entryOf } from './rows';
import { bucketCount, chunkCount, paddedOf, type Settings, type Shape } from './settings';
import { sortByBucket } from './sort';

/** Buckets, sorted order and rank of every token of one head, each [rounds, n]. */
export interface Placement extends Pick<Shape, 'n' | 'padded'> {
  buckets: Int32Array;
  order: Int32Array;
  rank: Int32Array;
}

/**
 * Sorts every round of one head by bucket. buckets [rounds, n], of which masked tokens have the one after the last, `bucketCount`.
 * `padded` is the length with pads.
 */
export function place(buckets: Int32Array, n: number, settings: Settings, padded?: number): Placement {
  const order = new Int32Array(buckets.length);
  const rank = new Int32Array(buckets.length);
  for (let round = 0; round < settings.rounds; round++) {
    const sorted = sortByBucket(buckets.subarray(round * n, (round + 1) * n), bucketCount(settings) + 1);
    order.set(sorted.order, round * n);
    rank.set(sorted.rank, round * n);
  }
  return { n, padded, buckets, order, rank };
}

/**
 * Calls `visit(key)` for each slot that token i sees in `round`: the tokens of its own chunk, of `lookBack` chunks before it and of
 * `lookAhead` after it, in sorted order. All chunks have `chunk` positions; the last ones may be padding, which is skipped. With `wrap`,
 * the chunks of all rounds form a ring, so a key can be visited twice, through two rounds; see `ringIndex`. Later keys are visited too:
 * `score` masks them.
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
  const chunks = chunkCount(paddedOf(placement), settings);
  const ownBucket = buckets[round * n + i];
  const home = round * chunks + Math.floor(entryOf(rank, round * n + i) / chunk);
  for (let offset = -lookBack; offset <= lookAhead; offset++) {
    if (!wrap && Math.floor((home + offset) / chunks) !== round) continue;
    const there = ringIndex(home, offset, rounds * chunks);
    const thatRound = Math.floor(there / chunks);
    const start = (there % chunks) * chunk;
    for (const key of order.subarray(thatRound * n + start, thatRound * n + Math.min(start + chunk, n))) {
      const sameBucket = thatRound === round && buckets[round * n + key] === ownBucket;
      if (bucketMask && !sameBucket) continue;
      visit(key);
    }
  }
}

/**
 * The chunk that lies `offset` chunks after `home` in a ring. An offset as long as the ring or longer gives `home` itself, because Hugging
 * Face's Reformer turns the ring by slices of the list of chunks, and such slices leave the list as it is (`_look_adjacent`).
 */
export const ringIndex = (home: number, offset: number, ring: number): number =>
  Math.abs(offset) >= ring ? home : (home + offset + ring) % ring;
