import { describe, expect, test } from 'vitest';
import { relativeError, roundsCurve } from '../../src/algorithm/fidelity';
import { fullAttention } from '../../src/algorithm/full';
import { slotsOf } from '../../src/algorithm/lsh';
import { lossCauses, placementOfToken } from '../../src/algorithm/missed-pairs';
import { keyLengths } from '../../src/algorithm/score';
import { readToken } from '../../src/algorithm/token-report';
import { FullAttention } from '../../src/gpu/attention/full-attention';
import { unpadded } from '../../src/gpu/attention/inputs';
import { inspectToken, placementOfTokens } from '../../src/gpu/attention/inspect';
import { fewTokens, kernelChoice } from '../../src/gpu/attention/kernel-choice';
import { LshAttention } from '../../src/gpu/attention/lsh-attention';
import { roundsCurveOf } from '../../src/gpu/attention/rounds-curve';
import type { KernelName } from '../../src/gpu/runtime/kernels';
import { randomCase } from '../support/random-case';
import { testContext } from './context';
import { cpuWithSameBuckets, expectSameLse } from './expect';

const context = await testContext();
const cases = [
  ...[2, 3, 63, 64, 65].flatMap((n) => [1, 2, 3].map((seed) => randomCase(seed, n))),
  // The longest sequence that is sorted by counting, and the shortest one that takes radix passes: one pass, and two.
  randomCase(1, 256, { heads: 2, d: 12, rounds: 3, factors: [8, 16] }),
  randomCase(1, 257, { heads: 2, d: 12, rounds: 3, factors: [16] }),
  randomCase(2, 257, { heads: 2, d: 12, rounds: 3, factors: [8, 16], chunk: 5 }),
  randomCase(1, 1000, { wrap: true, bucketMask: false, d: 100, rounds: 3 }),
  randomCase(2, 1000, { wrap: false, bucketMask: true, duplicates: 'divided', causal: true }),
  // Several heads, each with several tiles and two passes of the sort.
  randomCase(3, 2100, { heads: 2, d: 12, rounds: 2, factors: [8, 16], chunk: 20, wrap: true, bucketMask: true }),
  // More directions than a uniform buffer holds.
  randomCase(4, 65, { d: 128, factors: [300], rounds: 2, heads: 2 }),
  randomCase(1, 4097),
  randomCase(2, 4097, { wrap: true, bucketMask: false, rounds: 2, chunk: 17 }),
];

describe.each(cases)('$title', ({ settings, input }) => {
  test('the GPU computes the same as the CPU engine', async () => {
    const { heads, n, d } = input.shape;
    const { rounds } = settings;
    const full = fullAttention(input, settings);
    /** Runs LSH and full attention, and compares them with those of the CPU engine. */
    const expectCpuResults = async (lsh: LshAttention, kernels: KernelName[]) => {
      lsh.upload(input);
      await lsh.run();
      const fullGpu = new FullAttention(lsh, 'all');
      const dispatches = [...lsh.dispatches(), ...fullGpu.dispatches()];
      expect(
        ['sort', 'attend', 'full attention'].map((name) => dispatches.findLast(({ step }) => step === name)?.kernel),
      ).toEqual(kernels);
      const cpu = cpuWithSameBuckets(input, settings, await context.read(lsh.buckets));
      expect(Array.from(await context.read(lsh.order))).toEqual(Array.from(cpu.order));
      expect(relativeError(unpadded(await context.read(lsh.out), d), cpu.out)).toBeLessThan(1e-5);
      const lse = await context.read(lsh.lse);
      for (let head = 0; head < heads; head++) {
        const roundLse = lse.slice(head * (rounds + 1) * n, (head * (rounds + 1) + rounds) * n);
        expectSameLse(roundLse, cpu.lse.subarray(head * rounds * n, (head + 1) * rounds * n));
      }
      await fullGpu.run();
      expect(relativeError(unpadded(await context.read(fullGpu.out), d), full.out)).toBeLessThan(1e-5);
      expectSameLse(await context.read(fullGpu.lse), full.lse);
      return cpu;
    };
    if (n <= fewTokens)
      await expectCpuResults(new LshAttention(context, input.shape, settings, { blocks: true }), [
        'sort-short',
        'attend',
        'full',
      ]);
    const lsh = new LshAttention(context, input.shape, settings);
    // The kernels that explanations name.
    const { sort, attend, full: fullKernel } = kernelChoice(n);
    const cpu = await expectCpuResults(lsh, [sort, attend, fullKernel]);

    const head = heads - 1;
    const token = Math.floor(n / 2);
    const numbers = await inspectToken(lsh, head, token);
    const ranks = Array.from({ length: rounds }, (_, r) => cpu.placements[head].rank[r * n + token]);
    expect(numbers.ranks).toEqual(ranks);
    const gpuToken = await readToken(numbers, settings, (keys) => placementOfTokens(lsh, head, keys));
    for (const { key, placement } of gpuToken.missed)
      expect(placement).toEqual(placementOfToken(cpu.placements[head], key));
    const lengths = keyLengths(input.qk, input.shape, settings, head);
    const slots = slotsOf(input, settings, cpu.placements[head], lengths, head, token);
    const top = Math.max(...slots.map((slot) => slot.score));
    const sum = slots.reduce((total, slot) => total + Math.exp(slot.score - top), 0);
    for (const { key, weight } of gpuToken.seen) {
      const all = slots.filter((slot) => slot.key === key);
      expect(all.length).toBeGreaterThan(0);
      expect(weight).toBeCloseTo(
        all.reduce((total, slot) => total + Math.exp(slot.score - top) / sum, 0),
        4,
      );
    }
    expect(gpuToken.seen.reduce((total, { weight }) => total + weight, 0)).toBeCloseTo(1, 5);
  });
});

describe.each(cases.filter(({ input, settings }) => input.shape.n <= 65 && settings.rounds <= 8))(
  '$title',
  ({ settings, input }) => {
    test('error, captured and lost mass for 1 … R rounds equal those of the CPU engine', async () => {
      const lsh = new LshAttention(context, input.shape, settings);
      lsh.upload(input);
      await lsh.run();
      const fullGpu = new FullAttention(lsh, 'all');
      await fullGpu.run();
      const curve = await roundsCurveOf(lsh, fullGpu);
      const expected = roundsCurve(input, settings);
      for (const [r, point] of curve.entries()) {
        expect(point.captured).toBeCloseTo(expected[r].captured, 4);
        expect(point.error).toBeCloseTo(expected[r].error, 4);
        for (const cause of lossCauses) expect(point.lost[cause]).toBeCloseTo(expected[r].lost[cause], 4);
      }
    });
  },
);
