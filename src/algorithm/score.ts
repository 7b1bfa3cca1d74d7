/** The score of a query for a key: a dot product with the key at unit length, and the masks (paper §2, shared-QK attention). */

import type { Numbers } from './hash';
import { dotOfRows, entryOf } from './rows';
import type { Settings, Shape } from './settings';

/** √(‖k‖² + ε) of each token of one head, [n]. Keys are divided by it, because query and key are the same vector. */
export function keyLengths(qk: Numbers, shape: Shape, settings: Settings, head: number): Float64Array {
  const { n, d } = shape;
  const epsilon = settings.keyNorm === 'smooth' ? 1e-6 * d : 0;
  const lengths = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = (head * n + i) * d;
    lengths[i] = Math.max(Math.sqrt(dotOfRows(qk, row, qk, row, d) + epsilon), 1e-12);
  }
  return lengths;
}

/**
 * Score of query i for key j: q·k̂, scaled, or a mask by original position. The self mask overrides the causal one, so a token's own slot
 * always has a finite score.
 */
export function score(
  qk: Numbers,
  lengths: Float64Array,
  shape: Shape,
  settings: Settings,
  head: number,
  i: number,
  j: number,
): number {
  if (i === j) return settings.selfMask;
  if (settings.causal && j > i) return settings.causalMask;
  const { n, d } = shape;
  const dot = dotOfRows(qk, (head * n + i) * d, qk, (head * n + j) * d, d);
  return (dot / entryOf(lengths, j)) * scoreScale(shape, settings);
}

export const scoreScale = (shape: Shape, settings: Settings): number =>
  settings.scale === 'sqrt' ? 1 / Math.sqrt(shape.d) : 1;

/** log Σ exp(values), −Infinity for no values. */
export function logSumExp(values: Numbers): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) top = Math.max(top, values[i] as number);
  if (top === Number.NEGATIVE_INFINITY) return top;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp((values[i] as number) - top);
  return top + Math.log(sum);
}
