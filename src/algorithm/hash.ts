/** Step 1 of LSH attention: random directions, and the bucket of each token (paper §2, angular LSH after Andoni et al. 2015). */

import { random } from '../shared/random';
import { addRow, entryOf } from './rows';
import { bucketCount, directionCount, type Settings, type Shape } from './settings';

/** Row-major numbers: float32 from a GPU or a file, float64 inside this folder. */
export type Numbers = ArrayLike<number>;

/**
 * Gaussian directions [heads, d, rounds, ΣB_f/2], rounded to float32 so that every engine hashes with the same numbers.
 * The directions of a round depend on (seed, head, round) alone, so adding rounds never changes the earlier ones.
 */
export function rotations(shape: Shape, settings: Settings, seed: number): Float32Array {
  const { heads, d } = shape;
  const { rounds, sharedRotations } = settings;
  const columns = directionCount(settings);
  const out = new Float32Array(heads * d * rounds * columns);
  for (let head = 0; head < heads; head++) {
    for (let round = 0; round < rounds; round++) {
      const draw = random(seed, 1, sharedRotations ? 0 : head, round);
      for (let k = 0; k < d; k++) {
        const row = ((head * d + k) * rounds + round) * columns;
        for (let column = 0; column < columns; column++) out[row + column] = draw.normal();
      }
    }
  }
  return out;
}

/**
 * Buckets [rounds, n] of one head. Each factor gives one digit, argmax [xR; −xR] with the lowest index on ties; the digits form the
 * bucket's number, the first factor's digit lowest (paper §2, "LSH attention"; factors as in trax).
 * qk [heads, n, d], directions [heads, d, rounds, ΣB_f/2].
 */
export function hash(qk: Numbers, directions: Numbers, shape: Shape, settings: Settings, head: number): Int32Array {
  const { n, d } = shape;
  const { rounds, factors } = settings;
  const buckets = new Int32Array(rounds * n);
  const x = new Float64Array(d);
  const y = new Float64Array(directionCount(settings));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < d; k++) x[k] = entryOf(qk, (head * n + i) * d + k);
      dotProducts(x, directions, shape, settings, head, round, y);
      buckets[round * n + i] = digits(y, factors).reduceRight(
        (higher, digit, f) => higher * entryOf(factors, f) + digit,
        0,
      );
    }
  }
  return buckets;
}

/** y = xR [ΣB_f/2]: the dot products of one vector x [d] with the directions of a round, written into `y`. */
export function dotProducts(
  x: Numbers,
  directions: Numbers,
  { d }: Pick<Shape, 'd'>,
  settings: Settings,
  head: number,
  round: number,
  y = new Float64Array(directionCount(settings)),
): Float64Array {
  y.fill(0);
  for (let k = 0; k < d; k++) {
    const row = ((head * d + k) * settings.rounds + round) * y.length;
    addRow(y, 0, entryOf(x, k), directions, row, y.length);
  }
  return y;
}

/** One digit for each factor: the argmax of [y; −y] over the factor's directions. */
export function digits(y: Float64Array, factors: readonly number[]): number[] {
  let first = 0;
  return factors.map((factor) => {
    const products = y.subarray(first, first + factor / 2);
    first += factor / 2;
    return argmaxOfBothSigns(products);
  });
}

/** Index of the largest entry of [y; −y], the lowest on ties. */
function argmaxOfBothSigns(y: Float64Array): number {
  let best = 0;
  for (let i = 1; i < 2 * y.length; i++) {
    if (signed(y, i) > signed(y, best)) best = i;
  }
  return best;
}

const signed = (y: Float64Array, i: number): number => (i < y.length ? entryOf(y, i) : -entryOf(y, i - y.length));

/** Tokens of each bucket in one round, [B]. */
export function bucketSizes(buckets: Numbers, settings: Pick<Settings, 'factors'>): Int32Array {
  const sizes = new Int32Array(bucketCount(settings));
  for (const bucket of Array.from(buckets)) sizes[bucket] = entryOf(sizes, bucket) + 1;
  return sizes;
}
