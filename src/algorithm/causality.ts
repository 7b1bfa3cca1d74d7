/** Whether what comes later changes what was before: under causal attention it should not. */

import { random } from '../shared/random';
import type { Vectors } from './inputs';

/** The same vectors but those of tokens `first` … n − 1, which are replaced by seeded ones as long as they were. */
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
      for (let k = 0; k < d; k++) {
        qk[at + k] = factor * other[k];
        v[at + k] = draw.normal();
      }
    }
  }
  return { ...vectors, qk, v };
}

/** Of rows 0 … rows − 1 of each head, how many lie farther apart than `tolerance` times their length. a, b [heads, n, d]. */
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
      let away = 0;
      let size = 0;
      for (let at = (head * n + i) * d; at < (head * n + i + 1) * d; at++) {
        away += (a[at] - b[at]) ** 2;
        size += b[at] ** 2;
      }
      if (away > tolerance ** 2 * size) count++;
    }
  }
  return count;
}
