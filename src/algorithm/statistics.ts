/** What experiments count and compare, beside the error and the captured mass of `measure.ts`. */

import { relativeError } from './fidelity';
import type { Numbers } from './hash';
import { scoreScale } from './score';
import { directionCount, type Settings, type Shape } from './settings';

/** Mean of some numbers, and the least and largest of them. */
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

/** The middle one of an odd number of values. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Multiply-adds of hashing: every token of every head with every direction of every round. */
export const hashCost = ({ heads, n, d }: Shape, settings: Settings): number =>
  heads * n * d * settings.rounds * directionCount(settings);

/** About as many buckets by two even factors that are as equal as can be; the same number, if it is 4 times a square. */
export function twoFactors(buckets: number): [number, number] {
  const first = Math.max(2, 2 * Math.round(Math.sqrt(buckets) / 2));
  return [first, Math.max(2, 2 * Math.ceil(buckets / first / 2))];
}

/** Share of tokens that are in buckets of more than `most` tokens. sizes [R][B] */
export function crowdedShare(sizes: readonly Numbers[], most: number): number {
  let crowded = 0;
  let all = 0;
  for (const round of sizes) {
    for (let b = 0; b < round.length; b++) {
      all += round[b];
      if (round[b] > most) crowded += round[b];
    }
  }
  return crowded / all;
}

export const largestBucket = (sizes: readonly Numbers[]): number =>
  Math.max(...sizes.map((round) => Math.max(...Array.from(round))));

/** Tokens of a head that are in the first chunk of some round. order [heads, R, n]; the result counts tokens over all heads. */
export function firstChunkTokens(order: Numbers, { heads, n }: Shape, { rounds, chunk }: Settings): number[] {
  const found = new Set<number>();
  for (let head = 0; head < heads; head++) {
    for (let round = 0; round < rounds; round++) {
      for (let position = 0; position < Math.min(chunk, n); position++) {
        found.add(head * n + order[(head * rounds + round) * n + position]);
      }
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** ‖out − full‖ / ‖full‖ of some rows alone. Both [any, d]. */
export function errorOfRows(out: Numbers, full: Numbers, rows: readonly number[], d: number): number {
  const cut = (of: Numbers) => rows.flatMap((row) => Array.from({ length: d }, (_, k) => of[row * d + k]));
  return relativeError(cut(out), cut(full));
}

/** Of each token: the score of its own slot, and the share of full attention that this would take; means over all tokens. */
export interface OwnWeight {
  score: number;
  weight: number;
}

/**
 * A token's own weight in full attention with the self mask, and without, where its score is ‖q‖ like any other's: a query is its own
 * key. qk [heads, n, d]; lse [heads, n] of full attention with the self mask.
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
    let square = 0;
    for (let k = 0; k < d; k++) square += qk[token * d + k] ** 2;
    const score = (square / Math.max(Math.sqrt(square + epsilon), 1e-12)) * scoreScale(shape, settings);
    // The mask's own part of the lse is nothing, unless nothing else is there.
    const alone = lse[token] <= settings.selfMask / 2;
    masked.weight += (alone ? 1 : 0) / (heads * n);
    open.score += score / (heads * n);
    open.weight += (alone ? 1 : 1 / (1 + Math.exp(lse[token] - score))) / (heads * n);
  }
  return { masked, open };
}
