import { describe, expect, test } from 'vitest';
import { relativeError, roundsCurve } from '../../src/algorithm/fidelity';
import { fullAttention } from '../../src/algorithm/full';
import { bucketSizes, rotations } from '../../src/algorithm/hash';
import { twins } from '../../src/algorithm/inputs';
import { address } from '../../src/algorithm/layout';
import { lshAttention } from '../../src/algorithm/lsh';
import { keyLengths, score } from '../../src/algorithm/score';
import { type Preset, presets, type Settings } from '../../src/algorithm/settings';
import { sortByBucket } from '../../src/algorithm/sort';
import { forEachSlot, place } from '../../src/algorithm/window';
import type { MatrixView } from '../../src/engine/engine';
import { unpadded } from '../../src/gpu/attention/inputs';
import { LshAttention } from '../../src/gpu/attention/lsh-attention';
import { matrixSize } from '../../src/gpu/gpu-engine';
import { paramsStride } from '../../src/gpu/runtime/uniforms';
import { InputError } from '../../src/shared/errors';
import { testContext, testEngine } from './context';

const context = await testContext();
const compilingContext = await testContext({ ownKernels: true });
const engine = await testEngine();

const settings: Settings = {
  ...presets.paper,
  rounds: 3,
  factors: [16],
  chunk: 8,
  lookBack: 1,
  lookAhead: 0,
  causal: true,
};

function makeJob(shape = { heads: 2, n: 100, d: 16 }, changes: Partial<Settings> = {}) {
  const jobSettings = { ...settings, ...changes };
  const vectors = twins(shape, { seed: 5, noise: 0.3, length: 8 });
  return { vectors, settings: jobSettings, rotations: rotations(shape, jobSettings, 5) };
}

const cpuResultOf = ({ vectors, settings: jobSettings, rotations: directions }: ReturnType<typeof makeJob>) =>
  lshAttention({ ...vectors, rotations: directions }, jobSettings);

describe('the GPU engine', () => {
  test('reads bucket sizes and the token at a sorted position like the CPU engine', async () => {
    const job = makeJob();
    await engine.compute(job);
    const cpu = cpuResultOf(job);
    for (const head of [0, 1]) {
      const { buckets, order } = cpu.placements[head];
      const sizes = await engine.bucketSizes(head);
      for (let r = 0; r < 3; r++) {
        expect(Array.from(sizes[r])).toEqual(
          Array.from(bucketSizes(buckets.subarray(r * 100, r * 100 + 100), settings)),
        );
      }
      expect(await engine.tokenAt(head, 2, 37)).toBe(order[237]);
    }
  });

  test.each<[string, Partial<MatrixView>]>([
    ['original order, all rounds', {}],
    ['original order, one round, one part', { onlyRound: 1, start: 30, count: 40 }],
    ['sorted order, all rounds', { sortedBy: 2 }],
    ['sorted order, one round', { sortedBy: 1, onlyRound: 1, head: 1 }],
  ])('draws the matrix like the CPU engine: %s', async (_, part) => {
    const job = makeJob();
    await engine.compute(job);
    const view: MatrixView = {
      head: 0,
      start: 0,
      count: 100,
      each: 1,
      sortedBy: undefined,
      onlyRound: undefined,
      ...part,
    };
    await engine.matrix(view);
    const cells = await readTexture();
    const cpu = cpuResultOf(job);
    const { vectors } = job;
    const placement = cpu.placements[view.head];
    const lse = fullAttention(vectors, settings).lse;
    const lengths = keyLengths(vectors.qk, vectors.shape, settings, view.head);
    const tokenAt = (at: number) => (view.sortedBy === undefined ? at : placement.order[view.sortedBy * 100 + at]);
    for (let row = 0; row < view.count; row++) {
      const i = tokenAt(view.start + row);
      const seen = new Set<number>();
      for (let r = 0; r < 3; r++) {
        if (view.onlyRound === undefined || view.onlyRound === r)
          forEachSlot(placement, settings, r, i, (key) => seen.add(key));
      }
      for (let column = 0; column < view.count; column++) {
        const j = tokenAt(view.start + column);
        const cell = cells.subarray(4 * (row * matrixSize + column), 4 * (row * matrixSize + column) + 3);
        if (j > i) {
          expect(Array.from(cell)).toEqual([0, 0, 0]);
          continue;
        }
        const weight = Math.exp(
          score(vectors.qk, lengths, vectors.shape, settings, view.head, i, j) - lse[view.head * 100 + i],
        );
        expect(Math.abs(cell[0] - 255 * Math.sqrt(weight))).toBeLessThan(1);
        expect([cell[1], cell[2]]).toEqual([seen.has(j) ? 255 : 0, 255]);
      }
    }
  });

  test.each<Preset>(['paper', 'trax', 'lucidrains'])(
    'computes error and captured mass by rounds like the CPU engine: %s settings',
    async (preset) => {
      const job = makeJob({ heads: 1, n: 90, d: 8 }, presets[preset]);
      await engine.compute(job);
      const { curve } = await engine.curve();
      expect(curve.queries).toBe(90);
      const expected = roundsCurve({ ...job.vectors, rotations: job.rotations }, job.settings);
      for (const [r, point] of expected.entries()) {
        expect(curve.points[r].error).toBeCloseTo(point.error, 4);
        expect(curve.points[r].captured).toBeCloseTo(point.captured, 4);
      }
    },
  );

  test('computes the sampled curve, a part of the matrix and a token of 2500 tokens like the CPU engine', async () => {
    const n = 2500;
    const job = makeJob({ heads: 1, n, d: 6 }, { rounds: 2, chunk: 20, factors: [16, 16] });
    await engine.compute(job);
    const cpu = cpuResultOf(job);
    const full = fullAttention(job.vectors, job.settings);
    const { curve } = await engine.curve();
    expect(curve.queries).toBe(128);
    const rows = Array.from({ length: 128 }, (_, i) => Math.floor((i * n) / 128));
    const of = (values: Float64Array) => rows.flatMap((i) => Array.from(values.subarray(i * 6, i * 6 + 6)));
    expect(curve.points[1].error).toBeCloseTo(relativeError(of(cpu.out), of(full.out)), 4);
    for (const sortedBy of [undefined, 1]) {
      await engine.matrix({ head: 0, start: 2000, count: 100, each: 1, sortedBy, onlyRound: undefined });
      const cells = await readTexture();
      const tokenAt = (at: number) => (sortedBy === undefined ? at : cpu.order[sortedBy * n + at]);
      const lengths = keyLengths(job.vectors.qk, job.vectors.shape, job.settings, 0);
      for (let row = 0; row < 100; row += 7) {
        for (let column = 0; column < 100; column++) {
          const [i, j] = [tokenAt(2000 + row), tokenAt(2000 + column)];
          const weight = Math.exp(
            score(job.vectors.qk, lengths, job.vectors.shape, job.settings, 0, i, j) - full.lse[i],
          );
          const expected = j > i ? 0 : 255 * Math.sqrt(weight);
          expect(Math.abs(cells[4 * (row * matrixSize + column)] - expected)).toBeLessThan(1);
        }
      }
    }
    const token = await engine.token(0, 2400);
    expect(token.buckets).toEqual([cpu.buckets[2400], cpu.buckets[n + 2400]]);
    const lengths = keyLengths(job.vectors.qk, job.vectors.shape, job.settings, 0);
    for (let j = 0; j <= 2400; j += 31) {
      expect(token.fullScores[j]).toBeCloseTo(
        score(job.vectors.qk, lengths, job.vectors.shape, job.settings, 0, 2400, j),
        3,
      );
    }
  });

  test('counts the flows of the loom and the densities of the matrix of 17,000 tokens like the CPU engine', async () => {
    const n = 17000;
    const job = makeJob({ heads: 2, n, d: 4 }, { rounds: 2, chunk: 20, factors: [32, 32] });
    await engine.compute(job);
    const { lsh } = engine;
    const buckets = Int32Array.from(await engine.context.read(lsh.buckets)).subarray(2 * n);
    const placement = place(buckets, n, job.settings);
    const stretch = { start: 50, first: 20, span: 16900 };
    await engine.flows(1, stretch);
    const bins = engine.flowBins;
    const flows = new Uint32Array(2 * bins * bins);
    const bin = (at: number) => Math.floor(Math.fround(Math.fround(at / stretch.span) * bins));
    for (let r = 0; r < 2; r++) {
      for (let p = stretch.first; p < stretch.first + stretch.span; p++) {
        const token = placement.order[r * n + p] - stretch.start;
        if (token >= 0 && token < stretch.span) flows[(r * bins + bin(p - stretch.first)) * bins + bin(token)]++;
      }
    }
    expect(Array.from(await engine.context.read(engine.flowCounts))).toEqual(Array.from(flows));

    const each = Math.ceil(n / matrixSize);
    const count = Math.ceil(n / each);
    for (const sortedBy of [undefined, 1]) {
      await engine.matrix({ head: 1, start: 0, count, each, sortedBy, onlyRound: undefined });
      const cells = new Uint32Array(count * count);
      for (const r of sortedBy === undefined ? [0, 1] : [sortedBy]) {
        for (let i = 0; i < n; i += engine.queryStride) {
          forEachSlot(placement, job.settings, r, i, (j) => {
            const at = (token: number) =>
              Math.floor((sortedBy === undefined ? token : placement.rank[r * n + token]) / each);
            if (j <= i) cells[at(i) * count + at(j)]++;
          });
        }
      }
      const meetings = engine.context.tensor('meetings', 'u32', [count, count]);
      expect(Array.from(await engine.context.read(meetings))).toEqual(Array.from(cells));
      // A cell is half bright if it holds the mean number of meetings, with every slot counted: 2 chunks of 20 for each query.
      const rounds = sortedBy === undefined ? 2 : 1;
      const mean = ((n / engine.queryStride) * rounds * 40) / count ** 2;
      const drawn = await readTexture();
      let [worst, wrong] = [0, 0];
      for (const [cell, meetingCount] of cells.entries()) {
        const [row, column] = [Math.floor(cell / count), cell % count];
        const [red, green, blue] = drawn.subarray(4 * (row * matrixSize + column));
        worst = Math.max(worst, Math.abs(red - 255 * (1 - 2 ** (-meetingCount / mean))));
        if (green !== 255 || blue !== (sortedBy !== undefined || column <= row ? 255 : 0)) wrong++;
      }
      expect(worst).toBeLessThan(1);
      expect(wrong).toBe(0);
    }
  });

  test('rejects work that the device refuses', async () => {
    const job = makeJob({ heads: 1, n: 64, d: 128 }, { rounds: 16, factors: [32770] });
    await expect(engine.compute(job)).rejects.toThrow('rotations would take');
    // The kernel needs storage buffers.
    const small = engine.context.device.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM });
    const dispatch = {
      step: 'wrong',
      kernel: 'histogram' as const,
      block: new ArrayBuffer(paramsStride),
      resources: [small, small],
      groups: [1, 1, 1] as [number, number, number],
      cost: 1,
    };
    await expect(engine.context.prepare('wrong', [dispatch])).rejects.toThrow(/doesn't match expected usage.*Storage/);
  });

  test('rejects a job of too many tokens, and keeps the last job', async () => {
    await engine.compute(makeJob());
    const before = engine.lsh;
    await expect(engine.compute(makeJob({ heads: 1, n: 2 ** 20 + 1, d: 2 }))).rejects.toThrow(
      new InputError('1048577 tokens are too many to show; choose at most 1048576.'),
    );
    expect(engine.lsh).toBe(before);
  });

  test('rejects an aborted run with the reason of its signal', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    await engine.compute(makeJob());
    await expect(engine.compute(makeJob(), { signal: stop.signal })).rejects.toThrow('enough');
    // Buffers may be half written, so the engine has no result until the next run.
    expect(() => engine.lsh).toThrow('nothing was computed');
  });
});

async function readTexture(): Promise<Uint8Array> {
  const { device } = engine.context;
  const buffer = device.createBuffer({
    size: 4 * matrixSize ** 2,
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyTextureToBuffer({ texture: engine.matrixCells }, { buffer, bytesPerRow: 4 * matrixSize }, [
    matrixSize,
    matrixSize,
  ]);
  device.queue.submit([encoder.finish()]);
  await buffer.mapAsync(GPUMapMode.READ);
  return new Uint8Array(buffer.getMappedRange());
}

describe('with paper settings the output is one softmax over the union of pairs', () => {
  test.each([true, false])('causal %s', async (causal) => {
    const job = makeJob({ heads: 2, n: 300, d: 24 }, { causal, rounds: 6, lookAhead: causal ? 0 : 1 });
    const { shape, qk, v } = job.vectors;
    const lsh = new LshAttention(context, shape, job.settings);
    lsh.upload({ ...job.vectors, rotations: job.rotations });
    await lsh.run();
    const out = unpadded(await context.read(lsh.out), shape.d);
    // One softmax over every pair that any round holds, from the buckets of the GPU.
    const { placements } = lshAttention(
      { shape, qk, v, rotations: job.rotations, buckets: Int32Array.from(await context.read(lsh.buckets)) },
      job.settings,
    );
    const union = new Float64Array(out.length);
    for (let head = 0; head < shape.heads; head++) {
      const lengths = keyLengths(qk, shape, job.settings, head);
      for (let i = 0; i < shape.n; i++) {
        const seen = new Set<number>();
        for (let r = 0; r < 6; r++) {
          forEachSlot(placements[head], job.settings, r, i, (key) => {
            if (!causal || key <= i) seen.add(key);
          });
        }
        const scores = [...seen].map((key) => score(qk, lengths, shape, job.settings, head, i, key));
        const top = Math.max(...scores);
        const sum = scores.reduce((total, value) => total + Math.exp(value - top), 0);
        for (const [s, key] of [...seen].entries()) {
          for (let k = 0; k < shape.d; k++) {
            union[(head * shape.n + i) * shape.d + k] +=
              (Math.exp(scores[s] - top) / sum) * v[(head * shape.n + key) * shape.d + k];
          }
        }
      }
    }
    expect(relativeError(out, union)).toBeLessThan(1e-5);
  });
});

describe('the sort', () => {
  test('places 65,536 tokens in 1024 buckets like a stable counting sort', async () => {
    const n = 65536;
    const job = makeJob({ heads: 1, n, d: 4 }, { rounds: 2, factors: [32, 32], chunk: 64 });
    const lsh = new LshAttention(context, job.vectors.shape, job.settings);
    lsh.upload({ ...job.vectors, rotations: job.rotations });
    await lsh.run();
    const [buckets, placement] = await Promise.all([lsh.buckets, lsh.placement].map((t) => context.read(t)));
    for (let r = 0; r < 2; r++) {
      const cpu = sortByBucket(buckets.subarray(r * n, (r + 1) * n), 1024);
      expect(cpu.order.every((token, p) => placement[address(lsh.order, 0, r, p)] === token)).toBe(true);
      // Key: bucket · step + chunk, with a step wider than the window of two chunks.
      const key = (i: number) => 2 * buckets[r * n + i] + Math.floor(cpu.rank[i] / 64);
      expect(cpu.rank.every((_, i) => placement[address(lsh.placement, 0, 0, r, i)] === key(i))).toBe(true);
    }
  });
});

describe('the ledger', () => {
  test('lists all live memory, and a second run of the same size allocates and compiles nothing', async () => {
    const job = makeJob({ heads: 1, n: 200, d: 8 });
    const run = async () => {
      const lsh = new LshAttention(compilingContext, job.vectors.shape, job.settings);
      lsh.upload({ ...job.vectors, rotations: job.rotations });
      await lsh.run();
      compilingContext.releaseRetired();
      return {
        created: compilingContext.ledger.created,
        live: compilingContext.ledger.live,
        kernels: compilingContext.kernels.count,
      };
    };
    const first = await run();
    expect(await run()).toEqual(first);
    const listed = compilingContext.ledger.list().reduce((sum, { bytes }) => sum + bytes, 0);
    expect(listed).toBe(compilingContext.ledger.live);
    expect(compilingContext.ledger.peak).toBeGreaterThanOrEqual(compilingContext.ledger.live);
  });
});
