/** Why LSH attention misses pairs: the causes, and the share of full attention's weight that each one loses. */

import type { Numbers } from './hash';
import type { AttentionInput } from './lsh';
import { entryOf } from './rows';
import { keyLengths, score } from './score';
import type { Settings } from './settings';
import { forEachSlot, type Placement } from './window';

/**
 * Why no round saw a pair, from the nearest miss to the farthest:
 * - `chunkEdge`: some round puts both in one bucket, so close in sorted order that a window would hold the key if chunks were cut
 *   elsewhere;
 * - `longBucket`: some round puts both in one bucket, but the bucket is longer than any window, and they lie too far apart in it;
 * - `otherBucket`: no round puts both in one bucket.
 *
 * A key after a causal query is never a missed pair: full attention gives it no weight either.
 */
export const lossCauses = ['chunkEdge', 'longBucket', 'otherBucket'] as const;
export type LossCause = (typeof lossCauses)[number];

/** Share of full attention's weight that each cause loses. */
export type LostMass = Record<LossCause, number>;

/** One token's bucket and its position in sorted order in each round, both [R]. */
export interface TokenPlacement {
  buckets: Numbers;
  ranks: Numbers;
}

/**
 * Whether some cut into chunks gives the query a window that holds a key `distance` positions after it in sorted order (negative:
 * before). Two tokens D positions apart lie at least ⌊D/m⌋ chunks apart, and some cut reaches this minimum.
 */
export function withinReach(
  distance: number,
  { chunk, lookBack, lookAhead }: Pick<Settings, 'chunk' | 'lookBack' | 'lookAhead'>,
): boolean {
  return distance < 0 ? -distance < (1 + lookBack) * chunk : distance < (1 + lookAhead) * chunk;
}

/** Why a query did not see a key in any of the first `rounds` rounds. The pair must be one that none of them saw. */
export function causeOf(
  query: TokenPlacement,
  key: TokenPlacement,
  settings: Settings,
  rounds: number = settings.rounds,
): LossCause {
  let cause: LossCause = 'otherBucket';
  for (let round = 0; round < rounds; round++) {
    if (query.buckets[round] !== key.buckets[round]) continue;
    if (withinReach(entryOf(key.ranks, round) - entryOf(query.ranks, round), settings)) return 'chunkEdge';
    cause = 'longBucket';
  }
  return cause;
}

/** Buckets and ranks of one token, from the placement of its head. */
export function placementOfToken(
  { n, buckets, rank }: Pick<Placement, 'n' | 'buckets' | 'rank'>,
  token: number,
): TokenPlacement {
  const rounds = Array.from({ length: buckets.length / n }, (_, round) => round * n + token);
  return { buckets: rounds.map((at) => entryOf(buckets, at)), ranks: rounds.map((at) => entryOf(rank, at)) };
}

/**
 * Mean over queries of Σ full weight of the keys that no round saw, by cause. The causes and the captured mass sum to 1.
 * fullLse [heads, n] is the log-sum-exp of full attention.
 */
export function lostMass(
  input: AttentionInput,
  settings: Settings,
  placements: Placement[],
  fullLse: Numbers,
): LostMass {
  const { heads, n } = input.shape;
  const lost: LostMass = { chunkEdge: 0, longBucket: 0, otherBucket: 0 };
  for (const [head, placement] of placements.entries()) {
    const lengths = keyLengths(input.qk, input.shape, settings, head);
    const tokens = Array.from({ length: n }, (_, token) => placementOfToken(placement, token));
    for (let i = 0; i < n; i++) {
      const seen = new Set<number>();
      for (let round = 0; round < settings.rounds; round++) {
        forEachSlot(placement, settings, round, i, (key) => seen.add(key));
      }
      for (let j = 0; j < (settings.causal ? i + 1 : n); j++) {
        if (seen.has(j)) continue;
        const weight = Math.exp(
          score(input.qk, lengths, input.shape, settings, head, i, j) - entryOf(fullLse, head * n + i),
        );
        lost[causeOf(entryOf(tokens, i), entryOf(tokens, j), settings)] += weight / (heads * n);
      }
    }
  }
  return lost;
}
