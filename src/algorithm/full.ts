/** Full attention, against which LSH attention is measured: every query meets every key (paper §2, eq. 1), with shared query-keys. */

import { type AttentionInput, isSeen, type Slot, slotGradients } from './lsh';
import { addRow } from './rows';
import { keyLengths, logSumExp, score } from './score';
import type { Settings } from './settings';

type DenseInput = Omit<AttentionInput, 'rotations' | 'buckets'>;

/**
 * Full attention with the score and the masks of LSH attention.
 * Returns out [heads, n, d] and the log-sum-exp of each query's scores, lse [heads, n].
 */
export function fullAttention(input: DenseInput, settings: Settings): { out: Float64Array; lse: Float64Array } {
  const { heads, n, d } = input.shape;
  const out = new Float64Array(heads * n * d);
  const lse = new Float64Array(heads * n);
  for (let head = 0; head < heads; head++) {
    const lengths = keyLengths(input.qk, input.shape, settings, head);
    for (let i = 0; i < n; i++) {
      const scores = fullScores(input, settings, lengths, head, i);
      const total = logSumExp(scores);
      lse[head * n + i] = total;
      for (const [j, value] of scores.entries()) {
        const weight = Math.exp(value - total);
        if (weight !== 0) addRow(out, (head * n + i) * d, weight, input.v, (head * n + j) * d, d);
      }
    }
  }
  return { out, lse };
}

/** Scores of query i for all keys, [n]. `lengths` are the head's `keyLengths`. */
export function fullScores(
  input: DenseInput,
  settings: Settings,
  lengths: Float64Array,
  head: number,
  i: number,
): Float64Array {
  const scores = new Float64Array(input.shape.n);
  for (let j = 0; j < scores.length; j++) {
    scores[j] = isSeen(input, head, i, j)
      ? score(input.qk, lengths, input.shape, settings, head, i, j)
      : Number.NEGATIVE_INFINITY;
  }
  return scores;
}

/** Gradients of Σ out·gradOut with respect to qk and v, all [heads, n, d]. */
export function fullGradients(
  input: DenseInput,
  settings: Settings,
  gradOut: ArrayLike<number>,
): { qk: Float64Array; v: Float64Array } {
  const { out } = fullAttention(input, settings);
  return slotGradients(input, settings, gradOut, out, (head, i, lengths): Slot[] =>
    Array.from(fullScores(input, settings, lengths, head, i), (value, key) => ({ round: 0, key, score: value })),
  );
}
