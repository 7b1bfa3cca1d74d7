import { rotations } from '../algorithm/hash';
import type { Vectors } from '../algorithm/inputs';
import type { AttentionInput } from '../algorithm/lsh';
import {
  bucketCount,
  defaultFactors,
  directionCount,
  type Preset,
  presets,
  type Settings,
  windowLength,
} from '../algorithm/settings';
import type { WorkOptions } from '../engine/engine';
import { Backward } from './attention/backward';
import { FullAttention } from './attention/full-attention';
import { AttentionInputs } from './attention/inputs';
import { LshAttention } from './attention/lsh-attention';
import { packParams } from './attention/params';
import './runtime/bench-kernels';
import type { Context, Dispatch } from './runtime/context';
import { type BoundDispatch, timedPasses } from './runtime/queue';

/** The measured peak rates of a device. */
export interface Ceilings {
  /** float32 operations a second; a multiply-add counts as two. */
  flops: number;
  /** Bytes a second that a copy reads and writes. */
  bytes: number;
}

/** One step of one run: its measured time, and the least operations and bytes that it takes, counted on paper. */
export interface StepShare {
  step: string;
  milliseconds: number;
  flops: number;
  bytes: number;
}

/** The dispatches of a run, and the bytes of storage that they bind, summed over dispatches. */
export interface Traffic {
  dispatches: number;
  boundBytes: number;
}

/** Times of one attention at one size: one head, causal. */
export interface BenchRow {
  what: 'lsh' | 'full';
  preset?: Preset;
  n: number;
  d: number;
  rounds?: number;
  /** Milliseconds of a forward pass, by the clock of this process. */
  forward: number;
  /** Milliseconds of a forward and a backward pass; undefined if gradients are off, or expected to take too long. */
  both?: number | undefined;
  steps: StepShare[];
  /** Traffic of one forward pass, if `count` is given. */
  traffic?: Traffic | undefined;
  /** Traffic of one forward and backward pass. */
  trafficBoth?: Traffic | undefined;
}

export interface BenchOptions extends WorkOptions {
  /** Returns vectors of one head, n tokens and size 64. */
  vectors: (n: number) => Promise<Vectors> | Vectors;
  /** Longest run to start, in expected milliseconds. */
  longest: number;
  /** True measures gradients too. */
  backward: boolean;
  /** Runs the work and counts its traffic. */
  count?: (work: () => Promise<unknown>) => Promise<Traffic>;
}

const d = 64;
const chunk = 64;
/** Least milliseconds of a batch of runs, because clocks are coarse. */
const batchMilliseconds = 100;

const shapeOf = (n: number) => ({ heads: 1, n, d });

/** Settings of a row: causal, chunks of 64, look-back of one chunk. */
export function benchSettings(n: number, rounds: number, preset: Preset): Settings {
  const factors = defaultFactors(n, chunk, preset);
  return { ...presets[preset], rounds, factors, chunk, lookBack: 1, lookAhead: 0, causal: true };
}

/** Parameters of the vectors of all rows, which are twins. */
export const benchVectors = { seed: 1, noise: 0.3, length: 8 };

/** Vectors and directions of a row. */
async function inputOf(n: number, settings: Settings, { vectors }: BenchOptions): Promise<AttentionInput> {
  const shape = shapeOf(n);
  return { ...(await vectors(n)), rotations: rotations(shape, settings, benchVectors.seed) };
}

/** Measures the peak rates by a loop of float32 multiply-adds and a copy of 32 MiB. */
export async function measureCeilings(context: Context, options: WorkOptions = {}): Promise<Ceilings> {
  const threads = 2 ** 16;
  const vec4s = 2 ** 21;
  const sink = context.buffer('ceiling sink', 16 * vec4s);
  const source = context.buffer('ceiling source', 16 * vec4s);
  const numbers = Float32Array.from({ length: 2 ** 16 }, (_, i) => Math.sin(i));
  for (let at = 0; at < 4 * vec4s; at += numbers.length) context.write(source, 4 * at, numbers);
  const work = (
    kernel: Dispatch['kernel'],
    count: number,
    items: number,
    resources: GPUBuffer[],
    cost: number,
  ): Dispatch => ({
    step: kernel,
    kernel,
    block: packParams(shapeOf(2), benchSettings(2, 1, 'paper'), { count }),
    resources,
    groups: [items / 64, 1, 1],
    cost,
  });
  let flops = 0;
  for (let rounds = 64; ; rounds *= 4) {
    const operations = 64 * rounds * threads;
    const dispatches = await context.prepare('ceiling', [work('ceiling-fma', rounds, threads, [sink], operations)]);
    const { forward } = await time(context, dispatches, options);
    flops = (operations / forward) * 1000;
    if (forward > 10 || rounds > 1e6) break;
  }
  const copy = await context.prepare('ceiling', [work('ceiling-copy', vec4s, vec4s, [source, sink], 16 * vec4s)]);
  const { forward } = await time(context, copy, options);
  return { flops, bytes: ((32 * vec4s) / forward) * 1000 };
}

/** Median milliseconds of a list of dispatches by the clock of this process, and of each step by the device's clock. */
async function time(
  context: Context,
  work: BoundDispatch[],
  options: WorkOptions,
): Promise<{ forward: number; steps: Map<string, number> }> {
  const batch = async (repeats: number) => {
    const start = performance.now();
    const all = Array.from({ length: repeats }, () => work).flat();
    const timings = await context.queue.run(all, { ...(options.signal && { signal: options.signal }) });
    return { milliseconds: (performance.now() - start) / repeats, timings, repeats };
  };
  // The first run may still compile.
  await batch(1);
  let last = await batch(1);
  const repeats = Math.min(64, Math.max(1, Math.round(batchMilliseconds / last.milliseconds)));
  const batches = [last];
  while (
    batches.length < 3 ||
    (batches.length < 7 && batches.reduce((a, b) => a + b.milliseconds * b.repeats, 0) < 600)
  ) {
    last = await batch(repeats);
    batches.push(last);
  }
  if (repeats > 1) batches.shift();
  batches.sort((a, b) => a.milliseconds - b.milliseconds);
  const median = batches[Math.floor(batches.length / 2)];
  // The device's clock times a limited number of passes of a submit.
  const passes = work.filter(({ step }, i) => step !== work[i - 1]?.step).length;
  const most = Math.max(1, Math.floor(timedPasses / passes));
  const { timings, repeats: runs } = median.repeats <= most ? median : await batch(most);
  return { forward: median.milliseconds, steps: new Map([...timings].map(([step, ms]) => [step, ms / runs])) };
}

/** Milliseconds and traffic of forward and backward together. */
async function timeBoth(
  context: Context,
  work: BoundDispatch[],
  backward: Backward,
  gradOut: ArrayLike<number>,
  options: BenchOptions,
): Promise<Pick<BenchRow, 'both' | 'trafficBoth'>> {
  backward.upload(gradOut);
  // Gradients add up from one run to the next, which takes the same time.
  const { forward: both } = await time(context, [...work, ...(await backward.prepare())], options);
  const trafficBoth = await options.count?.(async () => {
    await context.queue.run(work);
    await backward.run();
  });
  return { both, trafficBoth };
}

/** Measures LSH attention of n tokens, with gradients if `backward` is set and they are expected to take at most `longest`. */
export async function measureLsh(
  context: Context,
  n: number,
  rounds: number,
  preset: Preset,
  options: BenchOptions,
): Promise<BenchRow> {
  const settings = benchSettings(n, rounds, preset);
  const input = await inputOf(n, settings, options);
  const lsh = new LshAttention(context, shapeOf(n), settings, { keepRounds: false });
  lsh.upload(input);
  const work = await lsh.prepare();
  const { forward, steps } = await time(context, work, options);
  const traffic = await options.count?.(() => context.queue.run(work));
  const withGradients =
    options.backward && 4 * forward < options.longest
      ? await timeBoth(context, work, new Backward(lsh), input.v, options)
      : {};
  context.releaseRetired();
  const row = { what: 'lsh' as const, preset, n, d, rounds, forward, ...withGradients };
  return { ...row, steps: lshSteps(n, settings, steps), traffic };
}

/** Measures full attention of n tokens, with gradients as `measureLsh`. */
export async function measureFull(context: Context, n: number, options: BenchOptions): Promise<BenchRow> {
  const settings = benchSettings(n, 1, 'paper');
  const inputs = new AttentionInputs(context, shapeOf(n), settings);
  const input = await inputOf(n, settings, options);
  inputs.uploadVectors(input);
  const full = new FullAttention(inputs, 'all');
  const work = await full.prepare();
  const { forward, steps } = await time(context, work, options);
  const traffic = await options.count?.(() => context.queue.run(work));
  const withGradients =
    options.backward && 5 * forward < options.longest
      ? await timeBoth(context, work, new Backward(full), input.v, options)
      : {};
  context.releaseRetired();
  const milliseconds = steps.get('full attention') ?? forward;
  // A causal query sees half of all pairs on average. Each block of queries fetches keys and values once.
  const bytes = 4 * d * (3 * n + (n * n) / inputs.blockConstants.THREADS);
  return {
    what: 'full',
    n,
    d,
    forward,
    ...withGradients,
    traffic,
    steps: [{ step: 'full attention', milliseconds, flops: 2 * d * n * n, bytes }],
  };
}

/** Operations and bytes of each step. Attention counts all slots of every query's window, masked or not. */
function lshSteps(n: number, settings: Settings, steps: Map<string, number>): StepShare[] {
  const { rounds } = settings;
  const directions = directionCount(settings);
  const window = windowLength(settings);
  const passes = Math.max(1, Math.ceil(Math.log2(bucketCount(settings)) / 4));
  const counted: Record<string, { flops: number; bytes: number }> = {
    hash: { flops: 2 * n * rounds * directions * d, bytes: n * rounds * (4 * d + 4) },
    // Reads the keys to count them, then reads keys and tokens and writes both.
    sort: { flops: 0, bytes: n * rounds * passes * 20 },
    // Reads query, keys and values, reads and writes the output, once for each chunk of the window.
    attend: { flops: 4 * d * n * rounds * window, bytes: n * rounds * 4 * d * (1 + (2 * window) / settings.chunk + 2) },
  };
  return [...steps].map(([step, milliseconds]) => ({ step, milliseconds, ...counted[step] }));
}
