import { expect, test } from 'vitest';
import { rowsApart, withOtherFuture } from '../../src/algorithm/causality';
import { relativeError } from '../../src/algorithm/fidelity';
import { fullAttention } from '../../src/algorithm/full';
import { rotations } from '../../src/algorithm/hash';
import { twins } from '../../src/algorithm/inputs';
import { lshAttention } from '../../src/algorithm/lsh';
import { defaultFactors, type Preset, presets, type Settings } from '../../src/algorithm/settings';
import { largestBucket } from '../../src/algorithm/statistics';
import { testEngine } from './context';

const engine = await testEngine();

const jobOf = (preset: Preset, n: number, d: number, chunk: number, change: Partial<Settings> = {}) => {
  const shape = { heads: 1, n, d };
  const settings: Settings = {
    ...presets[preset],
    causalMask: Number.NEGATIVE_INFINITY,
    rounds: 4,
    factors: defaultFactors(n, chunk, preset),
    chunk,
    lookBack: 1,
    lookAhead: 0,
    causal: true,
    ...change,
  };
  const vectors = twins(shape, { seed: 5, noise: 0.3, length: 8 });
  return { vectors, settings, rotations: rotations(shape, settings, 5) };
};

/** Replaces the last quarter of the tokens. Returns the share of earlier rows that change, and the size of the largest bucket. */
async function replaceFuture(job: ReturnType<typeof jobOf>, tolerance: number) {
  const { n } = job.vectors.shape;
  const first = (3 * n) / 4;
  await engine.compute(job);
  const before = (await engine.outputs()).out;
  const sizes = await engine.bucketSizes(0);
  await engine.compute({ ...job, vectors: withOtherFuture(job.vectors, first, 5) });
  const after = (await engine.outputs()).out;
  const largest = largestBucket([...sizes, ...(await engine.bucketSizes(0))]);
  return { share: rowsApart(after, before, job.vectors.shape, first, tolerance) / first, largest };
}

test.each([
  [256, 16, 64, 32],
  [1024, 64, 128, 48],
])(
  'paper settings, %i tokens of size %i: no earlier row changes when the future does and no bucket exceeds chunk + 1',
  async (n, d, chunk, buckets) => {
    const { share, largest } = await replaceFuture(jobOf('paper', n, d, chunk, { factors: [buckets] }), 1e-6);
    expect(largest).toBeLessThanOrEqual(chunk + 1);
    expect(share).toBe(0);
  },
);

test('trax settings, 1024 tokens, 4 rounds: more than half of the earlier rows change when the future does', async () => {
  expect((await replaceFuture(jobOf('trax', 1024, 64, 64), 1e-6)).share).toBeGreaterThan(0.5);
});

test('a sibling engine computes its own outputs, leaves those of the first alone, and frees all its memory', async () => {
  const job = jobOf('paper', 100, 7, 12);
  await engine.compute(job);
  const before = Float32Array.from((await engine.outputs()).out);
  const sibling = engine.createSibling();
  const other = jobOf('trax', 130, 7, 12, { rounds: 2 });
  await sibling.compute(other);
  const { out, order } = await sibling.outputs();
  const cpu = lshAttention({ ...other.vectors, rotations: other.rotations }, other.settings);
  expect(relativeError(out, cpu.out)).toBeLessThan(1e-5);
  expect(Array.from(order)).toEqual(Array.from(cpu.order));
  const full = fullAttention(other.vectors, other.settings);
  const fullOnGpu = await sibling.full();
  expect(relativeError(fullOnGpu.out, full.out)).toBeLessThan(1e-5);
  for (const token of [1, 60, 129]) expect(fullOnGpu.lse[token]).toBeCloseTo(full.lse[token], 4);
  sibling.free();
  expect(sibling.memory().live).toBe(0);
  expect((await engine.outputs()).out).toEqual(before);
});
