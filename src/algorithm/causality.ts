/** Tests causality: replaces the later tokens and counts the earlier outputs that change. Causal attention changes none. */

import { random } from '../shared/random';
import type { Vectors } from './inputs';
import { entryOf } from './rows';

/** Copies the vectors and replaces those of tokens `first` … n − 1 by seeded ones; each query keeps its length. */
export function withOtherFuture(vectors: Vectors, first: number, seed: number): Vectors {
  const { heads, n, d } = vectors.shape;
  const qk = vectors.qk.slice();
  const v = vectors.v.slice();
  for (let head = 0; head < heads; head++) {
    const draw = random(seed, 9, head);
    for (let i = first; i < n; i++) {
      const at = (head * n + i) * d;
      const other = Float64Array.from({ length: d }, () => draw.normal());
      const factor = Math.hypot(...qk.subarray(at, at + d)) / Math.hypot(...other);
      qk.set(
        other.map((value) => factor * value),
        at,
      );
      for (let k = 0; k < d; k++) v[at + k] = draw.normal();
    }
  }
  return { ...vectors, qk, v };
}

/** Counts rows i < `rows` of each head with ‖a − b‖ > tolerance·‖b‖. a, b [heads, n, d]. */
export function rowsApart(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { heads, n, d }: Vectors['shape'],
  rows: number,
  tolerance = 1e-6,
): number {
  let count = 0;
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < rows; i++) {
      let difference = 0;
      let size = 0;
      for (let at = (head * n + i) * d; at < (head * n + i + 1) * d; at++) {
        difference += (entryOf(a, at) - entryOf(b, at)) ** 2;
        size += entryOf(b, at) ** 2;
      }
      if (difference > tolerance ** 2 * size) count++;
    }
  }
  return count;
}
