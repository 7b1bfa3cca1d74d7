/**
 * LSH attention (Kitaev, Kaiser, Levskaya 2020, §2) in the order in which the page shows it: hash, sort, chunk, attend, combine.
 * Written to be read; the shaders compute the same and are tested against it.
 */
import { hash, type Numbers } from './hash';
import { addRow, dotOfRows, entryOf } from './rows';
import { keyLengths, logSumExp, score, scoreScale } from './score';
import { bucketCount, checkSettings, cpuRanges, type Settings, type Shape } from './settings';
import { forEachSlot, type Placement, place } from './window';

/** qk and v [heads, n, d]; rotations [heads, d, rounds, ΣB_f/2]. */
export interface AttentionInput {
  shape: Shape;
  qk: Numbers;
  v: Numbers;
  rotations: Numbers;
  /** Buckets [heads, rounds, n] to use instead of hashing. A recomputation needs them, because another rounding can flip an argmax. */
  buckets?: Int32Array | undefined;
  /**
   * [heads, n], 0 for a token that is masked: it sorts behind all buckets, in one of its own, and no other token sees it. Default: no token
   * is masked.
   */
  mask?: Numbers | undefined;
}

/** True if query i may see key j: a masked token is seen by itself alone. */
export const isSeen = ({ mask, shape }: Pick<AttentionInput, 'mask' | 'shape'>, head: number, i: number, j: number) =>
  !mask || i === j || mask[head * shape.n + j] !== 0;

export interface AttentionResult {
  /** [heads, n, d] */
  out: Float64Array;
  /** Log-sum-exp of each round's scores, [heads, rounds, n]. */
  lse: Float64Array;
  /** [heads, rounds, n] */
  buckets: Int32Array;
  /** Token at each sorted position, [heads, rounds, n]. */
  order: Int32Array;
  placements: Placement[];
}

/** A key that a query meets in a round, with its score after all masks and the duplicate correction. */
export interface Slot {
  round: number;
  key: number;
  score: number;
}

/**
 * All slots of query i over all rounds. With duplicates `divided`, a pair that meets in N slots loses log N in each, so that the N
 * meetings together weigh as much as one (paper eq. 16). `lengths` are the head's `keyLengths`.
 */
export function slotsOf(
  input: AttentionInput,
  settings: Settings,
  placement: Placement,
  lengths: Float64Array,
  head: number,
  i: number,
): Slot[] {
  const slots: Slot[] = [];
  const meetings = new Map<number, number>();
  for (let round = 0; round < settings.rounds; round++) {
    forEachSlot(placement, settings, round, i, (key) => {
      if (!isSeen(input, head, i, key)) return;
      slots.push({ round, key, score: score(input.qk, lengths, input.shape, settings, head, i, key) });
      meetings.set(key, (meetings.get(key) ?? 0) + 1);
    });
  }
  if (settings.duplicates === 'divided') {
    for (const slot of slots) slot.score -= Math.log(meetings.get(slot.key) as number);
  }
  return slots;
}

/** Buckets [rounds, n] of one head, with the bucket after the last for masked tokens. */
function bucketsOf({ qk, rotations, shape, mask }: AttentionInput, settings: Settings, head: number): Int32Array {
  const buckets = hash(qk, rotations, shape, settings, head);
  if (!mask) return buckets;
  const { n } = shape;
  return buckets.map((bucket, at) => (mask[head * n + (at % n)] === 0 ? bucketCount(settings) : bucket));
}

/** LSH attention of all heads. @throws InputError if a size or setting is out of range. */
export function lshAttention(input: AttentionInput, settings: Settings): AttentionResult {
  const { shape, qk, v } = input;
  checkSettings(shape, settings, 1, { ...cpuRanges, heads: shape.heads });
  const { heads, n, d } = shape;
  const { rounds } = settings;
  const result: AttentionResult = {
    out: new Float64Array(heads * n * d),
    lse: new Float64Array(heads * rounds * n),
    buckets: new Int32Array(heads * rounds * n),
    order: new Int32Array(heads * rounds * n),
    placements: [],
  };
  for (let head = 0; head < heads; head++) {
    const keptBuckets = input.buckets?.subarray(head * rounds * n, (head + 1) * rounds * n);
    const placement = place(keptBuckets ?? bucketsOf(input, settings, head), n, settings, shape.padded);
    result.placements.push(placement);
    result.buckets.set(placement.buckets, head * rounds * n);
    result.order.set(placement.order, head * rounds * n);
    const lengths = keyLengths(qk, shape, settings, head);
    for (let i = 0; i < n; i++) {
      // Attend: each round takes a softmax over its own slots.
      const outs: { sum: Float64Array; lse: number }[] = [];
      const slots = slotsOf(input, settings, placement, lengths, head, i);
      for (let round = 0; round < rounds; round++) {
        const roundSlots = slots.filter((slot) => slot.round === round);
        const lse = logSumExp(roundSlots.map((slot) => slot.score));
        const sum = new Float64Array(d);
        for (const slot of roundSlots) {
          const weight = Math.exp(slot.score - lse);
          addRow(sum, 0, weight, v, (head * n + slot.key) * d, d);
        }
        outs.push({ sum, lse });
        result.lse[(head * rounds + round) * n + i] = lse;
      }
      // Combine: a round's weight is its share exp(lse − total) of all attention; this is no plain average.
      const total = logSumExp(outs.map(({ lse }) => lse));
      for (const { sum, lse } of outs) addRow(result.out, (head * n + i) * d, Math.exp(lse - total), sum, 0, d);
    }
  }
  return result;
}

/**
 * Gradients of Σ out·gradOut with respect to qk and v, all [heads, n, d]. The hash is an argmax and has no gradient. Combining rounds by
 * their log-sum-exp makes one softmax over all slots of all rounds, so a slot's score has the gradient p·(g·v − g·out), as in ordinary
 * attention.
 */
export function lshGradients(
  input: AttentionInput,
  settings: Settings,
  gradOut: Numbers,
): { qk: Float64Array; v: Float64Array } {
  const forward = lshAttention(input, settings);
  return slotGradients(input, settings, gradOut, forward.out, (head, i, lengths) =>
    slotsOf(input, settings, entryOf(forward.placements, head), lengths, head, i),
  );
}

/** Backward pass of a softmax over any set of slots for each query. LSH and full attention share it. */
export function slotGradients(
  { shape, qk, v }: Omit<AttentionInput, 'rotations' | 'buckets'>,
  settings: Settings,
  gradOut: Numbers,
  out: Float64Array,
  slotsFor: (head: number, i: number, lengths: Float64Array) => Slot[],
): { qk: Float64Array; v: Float64Array } {
  const { heads, n, d } = shape;
  const scale = scoreScale(shape, settings);
  const gradQk = new Float64Array(heads * n * d);
  const gradV = new Float64Array(heads * n * d);
  for (let head = 0; head < heads; head++) {
    const lengths = keyLengths(qk, shape, settings, head);
    const gradUnitKey = new Float64Array(n * d);
    for (let i = 0; i < n; i++) {
      const slots = slotsFor(head, i, lengths);
      const total = logSumExp(slots.map((slot) => slot.score));
      const query = (head * n + i) * d;
      const outDot = dotOfRows(gradOut, query, out, query, d);
      for (const { key: j, score: value } of slots) {
        const weight = Math.exp(value - total);
        const key = (head * n + j) * d;
        const valueDot = dotOfRows(gradOut, query, v, key, d);
        addRow(gradV, key, weight, gradOut, query, d);
        const masked = j === i || (settings.causal && j > i);
        if (masked) continue;
        const gradScore = weight * (valueDot - outDot) * scale;
        addRow(gradQk, query, gradScore / entryOf(lengths, j), qk, key, d);
        addRow(gradUnitKey, j * d, gradScore, qk, query, d);
      }
    }
    // k̂ = k/ρ with ρ = √(‖k‖² + ε), so ∂/∂k = (g − k (k·g)/ρ²)/ρ: a change along the key does not turn it.
    for (const [j, length] of lengths.entries()) {
      const key = (head * n + j) * d;
      const along = dotOfRows(qk, key, gradUnitKey, j * d, d) / length ** 2;
      addRow(gradQk, key, 1 / length, gradUnitKey, j * d, d);
      addRow(gradQk, key, -along / length, qk, key, d);
    }
  }
  return { qk: gradQk, v: gradV };
}
