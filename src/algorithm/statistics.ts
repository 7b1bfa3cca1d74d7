/** Statistics that the page's experiments show, beside the error and the captured mass of `fidelity.ts`. */

import { relativeError } from './fidelity';
import type { Numbers } from './hash';
import { dotOfRows, entryOf } from './rows';
import { scoreScale } from './score';
import { directionCount, type Settings, type Shape } from './settings';

/** Mean, least and largest of some numbers. */
export interface Spread {
  mean: number;
  low: number;
  high: number;
}

export function spread(values: readonly number[]): Spread {
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    low: Math.min(...values),
    high: Math.max(...values),
  };
}

/** The middle value of an odd number of values; of an even number, the upper of the two; of none, NaN. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Multiply-adds of hashing: heads · n · d · rounds · directions. */
export const hashCost = ({ heads, n, d }: Shape, settings: Settings): number =>
  heads * n * d * settings.rounds * directionCount(settings);

/** Two near-equal even factors with a product of about `buckets`; exactly `buckets` when that is 4 times a square. */
export function twoFactors(buckets: number): [number, number] {
  const first = Math.max(2, 2 * Math.round(Math.sqrt(buckets) / 2));
  return [first, Math.max(2, 2 * Math.ceil(buckets / first / 2))];
}

/** Share of tokens in buckets of more than `most` tokens. sizes [R][B]. */
export function crowdedShare(sizes: readonly Numbers[], most: number): number {
  let crowded = 0;
  let all = 0;
  for (const round of sizes) {
    for (const size of Array.from(round)) {
      all += size;
      if (size > most) crowded += size;
    }
  }
  return crowded / all;
}

export const largestBucket = (sizes: readonly Numbers[]): number =>
  Math.max(...sizes.map((round) => Math.max(...Array.from(round))));

/** Sorted indices head·n + token of the tokens that some round puts in its first chunk. order [heads, R, n]. */
export function firstChunkTokens(order: Numbers, { heads, n }: Shape, { rounds, chunk }: Settings): number[] {
  const tokens = new Set<number>();
  for (let head = 0; head < heads; head++) {
    for (let round = 0; round < rounds; round++) {
      for (let position = 0; position < Math.min(chunk, n); position++) {
        tokens.add(head * n + entryOf(order, (head * rounds + round) * n + position));
      }
    }
  }
  return [...tokens].sort((a, b) => a - b);
}

/** ‖out − full‖ / ‖full‖ over the listed rows only. out, full [any, d]. */
export function errorOfRows(out: Numbers, full: Numbers, rows: readonly number[], d: number): number {
  const pick = (all: Numbers) => rows.flatMap((row) => Array.from({ length: d }, (_, k) => entryOf(all, row * d + k)));
  return relativeError(pick(out), pick(full));
}

/** Means over all tokens: the score of a token's own slot, and the share of full attention that this slot takes. */
export interface OwnWeight {
  score: number;
  weight: number;
}

/**
 * The weight of tokens on themselves in full attention, with the self mask (`masked`) and without it (`open`). Without it the score is ‖q‖
 * before scaling, since a query is its own key. qk [heads, n, d]; lse [heads, n] of full attention with the self mask.
 */
export function ownWeights(
  qk: Numbers,
  lse: Numbers,
  shape: Shape,
  settings: Settings,
): { masked: OwnWeight; open: OwnWeight } {
  const { heads, n, d } = shape;
  const masked = { score: settings.selfMask, weight: 0 };
  const open = { score: 0, weight: 0 };
  const epsilon = settings.keyNorm === 'smooth' ? 1e-6 * d : 0;
  for (let token = 0; token < heads * n; token++) {
    const square = dotOfRows(qk, token * d, qk, token * d, d);
    const score = (square / Math.max(Math.sqrt(square + epsilon), 1e-12)) * scoreScale(shape, settings);
    // The self mask adds nothing to the lse, except for a token that has no other key.
    const total = entryOf(lse, token);
    const alone = total <= settings.selfMask / 2;
    masked.weight += (alone ? 1 : 0) / (heads * n);
    open.score += score / (heads * n);
    open.weight += (alone ? 1 : 1 / (1 + Math.exp(total - score))) / (heads * n);
  }
  return { masked, open };
}
