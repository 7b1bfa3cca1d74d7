import { expect } from 'vitest';
import { type AttentionInput, type AttentionResult, lshAttention } from '../../src/algorithm/lsh';
import { directionCount, type Settings } from '../../src/algorithm/settings';

/**
 * The result of the CPU engine with the buckets of the GPU. Checks first that these differ from the buckets of the CPU only where the two
 * largest candidates are within 1e-4 of each other, because float32 and float64 may break such a tie differently.
 */
export function cpuWithSameBuckets(
  input: AttentionInput,
  settings: Settings,
  gpuBuckets: ArrayLike<number>,
): AttentionResult {
  const result = lshAttention(input, settings);
  const flips: number[] = [];
  for (let k = 0; k < result.buckets.length; k++) {
    if (result.buckets[k] !== gpuBuckets[k]) flips.push(k);
  }
  for (const k of flips)
    expect(smallestLead(input, settings, k), `bucket ${k} differs without a tie`).toBeLessThan(1e-4);
  return flips.length ? lshAttention({ ...input, buckets: Int32Array.from(gpuBuckets) }, settings) : result;
}

/**
 * Compares log-sum-exps entry by entry. A token that sees only itself has one near the self mask, where float32 numbers are 0.008 apart, so
 * that a norm over all entries would hide the errors of the others.
 */
export function expectSameLse(gpu: ArrayLike<number>, cpu: ArrayLike<number>): void {
  let worst = 0;
  for (let i = 0; i < cpu.length; i++) {
    const tolerance = cpu[i] < -1000 ? 0.02 : 1e-4;
    worst = Math.max(worst, Math.abs(gpu[i] - cpu[i]) / tolerance);
  }
  expect(gpu.length).toBe(cpu.length);
  expect(worst, 'largest error of a log-sum-exp, in tolerances').toBeLessThan(1);
}

/** Least distance between the two largest of [y; −y] over the factors of bucket address [head, round, i]. */
function smallestLead({ shape, qk, rotations }: AttentionInput, settings: Settings, at: number): number {
  const { n, d } = shape;
  const { rounds, factors } = settings;
  const columns = directionCount(settings);
  const i = at % n;
  const round = Math.floor(at / n) % rounds;
  const head = Math.floor(at / (n * rounds));
  let least = Number.POSITIVE_INFINITY;
  let first = 0;
  for (const factor of factors) {
    const candidates: number[] = [];
    for (let column = first; column < first + factor / 2; column++) {
      let y = 0;
      for (let k = 0; k < d; k++) {
        y += qk[(head * n + i) * d + k] * rotations[((head * d + k) * rounds + round) * columns + column];
      }
      candidates.push(y, -y);
    }
    candidates.sort((a, b) => b - a);
    least = Math.min(least, candidates[0] - candidates[1]);
    first += factor / 2;
  }
  return least;
}
