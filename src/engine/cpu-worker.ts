/** The worker of CpuEngine: runs its calls in order. */

import { roundsCurve } from '../algorithm/fidelity';
import { fullAttention, fullScores } from '../algorithm/full';
import { bucketSizes, hash } from '../algorithm/hash';
import { type AttentionResult, lshAttention, slotsOf } from '../algorithm/lsh';
import { keyLengths, score } from '../algorithm/score';
import { forEachSlot } from '../algorithm/window';
import type { CpuCalls } from './cpu-engine';
import type { Job } from './engine';
import { answerCalls } from './worker-calls';

let job: (Omit<Job, 'vectors'> & { vectors: Omit<Job['vectors'], 'label'> }) | undefined;
let result: AttentionResult | undefined;
let full: (ReturnType<typeof fullAttention> & { milliseconds: number }) | undefined;

function last() {
  if (!job || !result) throw new Error('No job has been computed yet.');
  const { vectors, settings, rotations } = job;
  return { input: { ...vectors, rotations }, settings, result, shape: vectors.shape };
}

/** Full attention of the last job, computed once. */
function fullOfLast() {
  if (!full) {
    const { input, settings } = last();
    const started = performance.now();
    full = { ...fullAttention(input, settings), milliseconds: performance.now() - started };
  }
  return full;
}

const calls: CpuCalls = {
  compute(next) {
    const { vectors, settings, rotations } = next;
    const { heads, n } = vectors.shape;
    const started = performance.now();
    const buckets = new Int32Array(heads * settings.rounds * n);
    for (let head = 0; head < heads; head++) {
      buckets.set(hash(vectors.qk, rotations, vectors.shape, settings, head), head * settings.rounds * n);
    }
    const hashed = performance.now();
    result = lshAttention({ ...vectors, rotations, buckets }, settings);
    const attended = performance.now();
    job = next;
    full = undefined;
    const rank = new Int32Array(buckets.length);
    for (const [head, placement] of result.placements.entries()) rank.set(placement.rank, head * settings.rounds * n);
    const timings = new Map([
      ['hash', hashed - started],
      ['sort and attend', attended - hashed],
    ]);
    return { buckets, order: result.order, rank, timings };
  },

  bucketSizes(head) {
    const { settings, result } = last();
    const { buckets, n } = result.placements[head];
    return Array.from({ length: settings.rounds }, (_, r) =>
      Uint32Array.from(bucketSizes(buckets.subarray(r * n, (r + 1) * n), settings)),
    );
  },

  token(head, token) {
    const { input, settings, result, shape } = last();
    const placement = result.placements[head];
    const lengths = keyLengths(input.qk, shape, settings, head);
    const ofRounds = (values: Int32Array) =>
      Array.from({ length: settings.rounds }, (_, r) => values[r * shape.n + token]);
    const slots = slotsOf(input, settings, placement, lengths, head, token);
    return {
      token,
      buckets: ofRounds(placement.buckets),
      ranks: ofRounds(placement.rank),
      slots: slots.filter(({ key }) => !settings.causal || key <= token),
      fullScores: fullScores(input, settings, lengths, head, token),
    };
  },

  curve() {
    const { input, settings, shape } = last();
    const whole = fullOfLast();
    const timings = new Map([['full attention', whole.milliseconds]]);
    return { curve: { points: roundsCurve(input, settings, whole), queries: shape.n }, timings };
  },

  matrix({ head, start, count, sortedBy, onlyRound }) {
    const { input, settings, result, shape } = last();
    const { n } = shape;
    const { lse } = fullOfLast();
    const placement = result.placements[head];
    const lengths = keyLengths(input.qk, shape, settings, head);
    const token = (at: number) => (sortedBy === undefined ? at : placement.order[sortedBy * n + at]);
    const cells = new Uint8ClampedArray(4 * count * count);
    for (let row = 0; row < count; row++) {
      const i = token(start + row);
      const seen = new Set<number>();
      for (let round = 0; round < settings.rounds; round++) {
        if (onlyRound !== undefined && round !== onlyRound) continue;
        forEachSlot(placement, settings, round, i, (key) => seen.add(key));
      }
      for (let column = 0; column < count; column++) {
        const j = token(start + column);
        if (settings.causal && j > i) continue;
        const weight = Math.exp(score(input.qk, lengths, shape, settings, head, i, j) - lse[head * n + i]);
        cells.set([255 * Math.sqrt(weight), seen.has(j) ? 255 : 0, 255, 255], 4 * (row * count + column));
      }
    }
    return cells;
  },

  outputs() {
    const { out, order } = last().result;
    return { out, order };
  },

  full() {
    const { out, lse } = fullOfLast();
    return { out, lse };
  },
};

answerCalls(calls);
