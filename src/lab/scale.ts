/** `lab scale`: LSH attention of many tokens, its time, memory and error. */

import { relativeError } from '../algorithm/fidelity';
import { rotations } from '../algorithm/hash';
import { twins } from '../algorithm/inputs';
import { address } from '../algorithm/layout';
import type { AttentionInput } from '../algorithm/lsh';
import { keyLengths, logSumExp, score } from '../algorithm/score';
import type { Settings, Shape } from '../algorithm/settings';
import { forEachSlot, place } from '../algorithm/window';
import { Backward } from '../gpu/attention/backward';
import { LshAttention } from '../gpu/attention/lsh-attention';
import { InputError } from '../shared/errors';
import { random } from '../shared/random';
import { dawnContext } from './dawn';
import { number, numbers, parseCommandLine, readSettings, readStorage, settingNames } from './options';

export const scaleUsage = `scale --tokens N [--width 64] [options] [--json]
  Measures LSH attention of N seeded vectors of one head, one round in memory at a time.
  Options are those of attend, with --rounds 1 by default, and:
    --tokens N1,N2,…    measures several sizes, up and down again, and prints the means
    --backward          also times the gradients (backwardSeconds)
  Prints for each N: tokens, width, rounds, seconds, usPerToken, peakBytes (of all buffers), inputOutputBytes (of qk, v and out) and
  error (relative to exact float64 attention over the same pairs, for 256 random queries).
  With --json prints one object, or an array for several sizes.`;

/** Random queries whose outputs are compared with exact ones. */
const sampleSize = 256;

interface Options {
  seed: number;
  storage: 'f32' | 'f16';
  backward: boolean;
}

interface Benchmark {
  tokens: number;
  width: number;
  rounds: number;
  seconds: number;
  /** Seconds of the gradients, with --backward; peakBytes then includes their buffers. */
  backwardSeconds?: number;
  usPerToken: number;
  peakBytes: number;
  inputOutputBytes: number;
  error: number;
  device: string;
}

/** Runs the command. @throws InputError for invalid options. */
export async function scale(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, [
    ...settingNames,
    'tokens',
    'width',
    'seed',
    'json',
    'backward',
    'storage',
  ]);
  if (files.length) throw new InputError(`scale takes no files, but got ${files[0]}.`);
  const sizes = numbers('tokens', flags.get('tokens'));
  const width = number('width', flags.get('width') ?? 64);
  const options = {
    seed: number('seed', flags.get('seed') ?? 0),
    storage: readStorage(flags),
    backward: flags.get('backward') === 'true',
  };
  if (!flags.has('rounds')) flags.set('rounds', '1');
  const measureAt = (n: number) => measure({ heads: 1, n, d: width }, readSettings({}, flags, n), options);
  const results: Benchmark[] = [];
  for (const n of sizes) results.push(await measureAt(n));
  // Measure the sizes again in reverse order, so that a machine that slows down or speeds up does not look like an effect of size.
  for (let k = sizes.length - 2; k >= 0; k--) results[k] = mean(results[k], await measureAt(sizes[k]));
  if (flags.get('json') === 'true') console.log(JSON.stringify(results.length === 1 ? results[0] : results));
  else for (const result of results) console.log(summary(result));
}

async function measure(shape: Shape, settings: Settings, { seed, storage, backward }: Options): Promise<Benchmark> {
  const context = await dawnContext();
  const lsh = new LshAttention(context, shape, settings, { keepRounds: false, storage });
  const input = { ...twins(shape, { seed, noise: 0.3, length: 8 }), rotations: rotations(shape, settings, seed) };
  lsh.upload(input);
  // Compile and warm up before the clock starts.
  await lsh.warmUp();
  const started = performance.now();
  await lsh.run({ onProgress: progress(`${shape.n} tokens`) });
  const seconds = (performance.now() - started) / 1000;
  const backwardSeconds = backward ? await timeGradients(lsh, input) : undefined;
  const peakBytes = context.ledger.peak;
  const error = await errorOf(lsh, input);
  const inputOutputBytes = [lsh.qk, lsh.v, lsh.out].reduce((sum, { buffer }) => sum + buffer.size, 0);
  context.destroy();
  const usPerToken = (seconds * 1e6) / shape.n;
  const { rounds } = settings;
  const { n: tokens, d: width } = shape;
  return {
    tokens,
    width,
    rounds,
    seconds,
    usPerToken,
    peakBytes,
    inputOutputBytes,
    error,
    device: context.name,
    ...(backwardSeconds !== undefined && { backwardSeconds }),
  };
}

/** Seconds that the gradients of Σ out·v take, after a warm-up run that compiles. */
async function timeGradients(lsh: LshAttention, { v }: AttentionInput): Promise<number> {
  const gradients = new Backward(lsh);
  gradients.upload(v);
  await gradients.warmUp();
  const started = performance.now();
  await gradients.run({ onProgress: progress(`${lsh.shape.n} tokens, gradients`) });
  return (performance.now() - started) / 1000;
}

/** Mean times of two runs of one size, with the larger error and peak. */
function mean(a: Benchmark, b: Benchmark): Benchmark {
  const seconds = (a.seconds + b.seconds) / 2;
  const error = Math.max(a.error, b.error);
  const both = [a, b].map(({ backwardSeconds }) => backwardSeconds ?? Number.NaN);
  return {
    ...a,
    ...(a.backwardSeconds !== undefined && { backwardSeconds: (both[0] + both[1]) / 2 }),
    seconds,
    usPerToken: (seconds * 1e6) / a.tokens,
    peakBytes: Math.max(a.peakBytes, b.peakBytes),
    error,
  };
}

/**
 * ‖out − exact‖ / ‖exact‖ over random queries. `exact` is a float64 softmax over the pairs that meet in the GPU's buckets: each pair once,
 * or with duplicates `counted` as often as it meets.
 */
async function errorOf(lsh: LshAttention, input: AttentionInput): Promise<number> {
  const { context, settings, shape } = lsh;
  const { n, d } = shape;
  const { qk, v } = input;
  const buckets = new Int32Array(settings.rounds * n);
  for (let round = 0; round < settings.rounds; round++) buckets.set((await lsh.bucketsOf(round))[0], round * n);
  const placement = place(buckets, n, settings);
  const lengths = keyLengths(qk, shape, settings, 0);
  const draw = random(n, 9);
  const out: number[] = [];
  const exact: number[] = [];
  for (let k = 0; k < sampleSize; k++) {
    const i = draw.integer(n);
    const meetings = new Map<number, number>();
    for (let round = 0; round < settings.rounds; round++) {
      forEachSlot(placement, settings, round, i, (key) => {
        if (!settings.causal || key <= i) meetings.set(key, (meetings.get(key) ?? 0) + 1);
      });
    }
    const keys = [...meetings.keys()];
    const scores = keys.map((key) => {
      const times = settings.duplicates === 'counted' ? (meetings.get(key) ?? 1) : 1;
      return score(qk, lengths, shape, settings, 0, i, key) + Math.log(times);
    });
    const total = logSumExp(scores);
    const row = new Float64Array(d);
    for (const [s, key] of keys.entries()) {
      const weight = Math.exp(scores[s] - total);
      for (let f = 0; f < d; f++) row[f] += weight * v[key * d + f];
    }
    exact.push(...row);
    out.push(...(await context.read(lsh.out, address(lsh.out, 0, i, 0), d)));
  }
  return relativeError(out, exact);
}

/** Prints progress to stderr if it is a terminal. */
function progress(what: string): ((done: number) => void) | undefined {
  if (!process.stderr.isTTY) return undefined;
  return (done) => process.stderr.write(`\r${what}: ${Math.round(100 * done)} %${done === 1 ? '\n' : ''}`);
}

function summary({
  tokens,
  rounds,
  seconds,
  usPerToken,
  peakBytes,
  inputOutputBytes,
  error,
  backwardSeconds,
  device,
}: Benchmark): string {
  const share = (peakBytes / inputOutputBytes).toFixed(3);
  return (
    `${tokens} tokens, ${rounds} rounds: ${seconds.toFixed(3)} s, ${backwardSeconds === undefined ? '' : `gradients ${backwardSeconds.toFixed(3)} s, `}${usPerToken.toFixed(2)} µs a token, ` +
    `peak ${(peakBytes / 2 ** 20).toFixed(0)} MiB (${share} × qk, v and out), error ${error.toExponential(1)}, on ${device}`
  );
}
