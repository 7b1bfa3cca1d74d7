import type { Numbers } from './hash';
import type { AttentionInput } from './lsh';
import { keyLengths, score } from './score';
import type { Settings } from './settings';
import { forEachSlot, type Placement } from './window';

/**
 * Why no round saw a pair, from the nearest miss to the farthest:
 * - `chunkEdge`: in some round both are of one bucket, and so near in sorted order that another cut of the chunks would show the key;
 * - `longBucket`: not so, but in some round they are of one bucket: it reaches beyond any window;
 * - `otherBucket`: in no round are they of one bucket.
 *
 * A key later than a causal query is not among them: full attention does not weigh it either.
 */
export const lossCauses = ['chunkEdge', 'longBucket', 'otherBucket'] as const;
export type LossCause = (typeof lossCauses)[number];

/** Share of full attention's weight that was lost by each cause. */
export type LostMass = Record<LossCause, number>;

/** Where one token went: its bucket and its position in sorted order in each round, both [R]. */
export interface TokenPlacement {
  buckets: Numbers;
  ranks: Numbers;
}

/**
 * Whether a window could hold a key `distance` places after its query in sorted order (negative: before), if chunks were cut elsewhere.
 * Of two tokens D apart the chunks are at least ⌊D/m⌋ apart, and no more if the edges fall well.
 */
export function withinReach(
  distance: number,
  { chunk, lookBack, lookAhead }: Pick<Settings, 'chunk' | 'lookBack' | 'lookAhead'>,
): boolean {
  return distance < 0 ? -distance < (1 + lookBack) * chunk : distance < (1 + lookAhead) * chunk;
}

/** Why a query did not see a key in any of the first `rounds` rounds. */
export function causeOf(
  query: TokenPlacement,
  key: TokenPlacement,
  settings: Settings,
  rounds: number = settings.rounds,
): LossCause {
  let cause: LossCause = 'otherBucket';
  for (let round = 0; round < rounds; round++) {
    if (query.buckets[round] !== key.buckets[round]) continue;
    if (withinReach(key.ranks[round] - query.ranks[round], settings)) return 'chunkEdge';
    cause = 'longBucket';
  }
  return cause;
}

/** The places of one token of a head. */
export function placementOfToken(
  { n, buckets, rank }: Pick<Placement, 'n' | 'buckets' | 'rank'>,
  token: number,
): TokenPlacement {
  const rounds = Array.from({ length: buckets.length / n }, (_, round) => round * n + token);
  return { buckets: rounds.map((at) => buckets[at]), ranks: rounds.map((at) => rank[at]) };
}

/**
 * Mean over queries of Σ full weight of the keys that no round saw, by cause. Together with the captured mass they are 1.
 * fullLse [heads, n].
 */
export function lostMass(
  input: AttentionInput,
  settings: Settings,
  placements: Placement[],
  fullLse: Numbers,
): LostMass {
  const { heads, n } = input.shape;
  const lost: LostMass = { chunkEdge: 0, longBucket: 0, otherBucket: 0 };
  for (let head = 0; head < heads; head++) {
    const lengths = keyLengths(input.qk, input.shape, settings, head);
    const placement = Array.from({ length: n }, (_, token) => placementOfToken(placements[head], token));
    for (let i = 0; i < n; i++) {
      const seen = new Set<number>();
      for (let round = 0; round < settings.rounds; round++) {
        forEachSlot(placements[head], settings, round, i, (key) => seen.add(key));
      }
      for (let j = 0; j < (settings.causal ? i + 1 : n); j++) {
        if (seen.has(j)) continue;
        const weight = Math.exp(score(input.qk, lengths, input.shape, settings, head, i, j) - fullLse[head * n + i]);
        lost[causeOf(placement[i], placement[j], settings)] += weight / (heads * n);
      }
    }
  }
  return lost;
}
