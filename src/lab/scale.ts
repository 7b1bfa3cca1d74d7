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
  LSH attention of N seeded vectors of one head, every round streamed, and how far it is from exact attention over the same pairs.
  Settings: as for attend; --rounds 1 unless given; --seed S; --storage f32|f16 (of vectors on the GPU); --tokens N1,N2,… measures several sizes, there and back again, and gives means.
  --backward: the gradients as well, and backwardSeconds for them.
  Prints for each N: tokens, width, rounds, seconds, usPerToken, peakBytes (of all buffers), inputOutputBytes (of qk, v and out) and
  error (relative, over 256 random queries, against float64). With --json one object, or an array for several sizes.`;

/** Queries whose outputs are compared. */
const sampled = 256;

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
  /** Of the gradients, where they are asked for; then peakBytes is with theirs. */
  backwardSeconds?: number;
  usPerToken: number;
  peakBytes: number;
  inputOutputBytes: number;
  error: number;
  device: string;
}

/** @throws InputError for options that cannot be computed with. */
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
  if (files.length) throw new InputError(`scale takes no file; ${files[0]} was given.`);
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
  // And back again, so that a machine that grows slower, or faster, while it works is not taken for an effect of the size.
  for (let k = sizes.length - 2; k >= 0; k--) results[k] = mean(results[k], await measureAt(sizes[k]));
  if (flags.get('json') === 'true') console.log(JSON.stringify(results.length === 1 ? results[0] : results));
  else for (const result of results) console.log(words(result));
}

async function measure(shape: Shape, settings: Settings, { seed, storage, backward }: Options): Promise<Benchmark> {
  const context = await dawnContext();
  const lsh = new LshAttention(context, shape, settings, { keepRounds: false, storage });
  const input = { ...twins(shape, { seed, noise: 0.3, length: 8 }), rotations: rotations(shape, settings, seed) };
  lsh.upload(input);
  // Compiling and getting to know the device are not counted.
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

/** Seconds of the gradients of Σ out·v. The first run may still compile. */
async function timeGradients(lsh: LshAttention, { v }: AttentionInput): Promise<number> {
  const gradients = new Backward(lsh);
  gradients.upload(v);
  await gradients.warmUp();
  const started = performance.now();
  await gradients.run({ onProgress: progress(`${lsh.shape.n} tokens, gradients`) });
  return (performance.now() - started) / 1000;
}

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
 * ‖out − exact‖ / ‖exact‖ over random queries; exact is one float64 softmax over the union of the pairs that the GPU's buckets let meet
 * (with duplicates counted, over every meeting).
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
  for (let k = 0; k < sampled; k++) {
    const i = draw.integer(n);
    const met = new Map<number, number>();
    for (let round = 0; round < settings.rounds; round++) {
      forEachSlot(placement, settings, round, i, (key) => {
        if (!settings.causal || key <= i) met.set(key, (met.get(key) ?? 0) + 1);
      });
    }
    const keys = [...met.keys()];
    const scores = keys.map((key) => {
      const times = settings.duplicates === 'counted' ? (met.get(key) ?? 1) : 1;
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

/** Says on a terminal how far the work is. */
function progress(what: string): ((done: number) => void) | undefined {
  if (!process.stderr.isTTY) return undefined;
  return (done) => process.stderr.write(`\r${what}: ${Math.round(100 * done)} %${done === 1 ? '\n' : ''}`);
}

function words({
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
