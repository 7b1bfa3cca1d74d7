/** How close LSH attention comes to full attention, for each number of hash rounds. */

import { fullAttention } from './full';
import type { Numbers } from './hash';
import { type AttentionInput, lshAttention, slotsOf } from './lsh';
import { type LostMass, lostMass } from './missed-pairs';
import { entryOf } from './rows';
import { keyLengths, logSumExp } from './score';
import { directionCount, type Settings } from './settings';
import type { Placement } from './window';

/** LSH attention with the first `rounds` hash rounds, compared with full attention. */
export interface CurvePoint {
  rounds: number;
  /** ‖out − full‖ / ‖full‖ over all heads. */
  error: number;
  /** Share of full attention's weight that lies on pairs seen in any round, averaged over queries. */
  captured: number;
  /** The remaining share, 1 − captured, by the cause of the loss. */
  lost: LostMass;
}

/** ‖a − b‖ / ‖b‖, or 0 when a equals b. */
export function relativeError(a: Numbers, b: Numbers): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (entryOf(a, i) - entryOf(b, i)) ** 2;
    size += entryOf(b, i) ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
}

/** Error, captured and lost mass for 1 … R rounds. Round r uses the same directions at every number of rounds. */
export function roundsCurve(
  input: AttentionInput,
  settings: Settings,
  full: ReturnType<typeof fullAttention> = fullAttention(input, settings),
): CurvePoint[] {
  return Array.from({ length: settings.rounds }, (_, index) => {
    const rounds = index + 1;
    const roundSettings = { ...settings, rounds };
    const roundInput = { ...input, rotations: firstRounds(input, settings, rounds) };
    const result = lshAttention(roundInput, roundSettings);
    return {
      rounds,
      error: relativeError(result.out, full.out),
      captured: capturedMass(roundInput, roundSettings, result.placements, full.lse),
      lost: lostMass(roundInput, roundSettings, result.placements, full.lse),
    };
  });
}

/** Mean over queries of Σ full weight of the keys seen in any round. fullLse [heads, n]. */
function capturedMass(input: AttentionInput, settings: Settings, placements: Placement[], fullLse: Numbers): number {
  const { heads, n } = input.shape;
  // With duplicates divided, the log-sum-exp over all slots equals the one over the union of seen pairs.
  const union: Settings = { ...settings, duplicates: 'divided' };
  let sum = 0;
  for (const [head, placement] of placements.entries()) {
    const lengths = keyLengths(input.qk, input.shape, settings, head);
    for (let i = 0; i < n; i++) {
      const slots = slotsOf(input, union, placement, lengths, head, i);
      sum += Math.exp(logSumExp(slots.map((slot) => slot.score)) - entryOf(fullLse, head * n + i));
    }
  }
  return sum / (heads * n);
}

/** The rotations [heads, d, R, C] of the first `rounds` of R rounds. */
export function firstRounds(
  { shape, rotations }: Pick<AttentionInput, 'shape' | 'rotations'>,
  settings: Settings,
  rounds: number,
): Float64Array {
  const columns = directionCount(settings);
  const rows = shape.heads * shape.d;
  const out = new Float64Array(rows * rounds * columns);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < rounds * columns; c++)
      out[row * rounds * columns + c] = entryOf(rotations, row * settings.rounds * columns + c);
  }
  return out;
}
