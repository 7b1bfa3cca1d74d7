/** `lab memory`: GPU memory of a training step, by depth. */

import { defaultAdam } from '../algorithm/adam';
import { nextTokens } from '../algorithm/duplication-task';
import { rotations } from '../algorithm/hash';
import { type LayerKind, learnedPositions, type ModelSettings } from '../algorithm/model-settings';
import { defaultFactors, presets } from '../algorithm/settings';
import type { Context } from '../gpu/runtime/context';
import { type Memory, memoryOf } from '../model/memory';
import { Model } from '../model/model';
import { stepBlock, Weights } from '../model/parameters';
import { InputError } from '../shared/errors';
import { random } from '../shared/random';
import { dawnContext } from './dawn';
import { number, numbers, oneOf, parseCommandLine } from './options';

export const memoryUsage = `memory --layers N1,N2,… [--tokens 4096] [--width 256] [--mode reversible|stored] [--json]
  Measures the GPU memory of one training step of a Reformer with LSH layers, for each number of layers, from the ledger of buffers.
  The model has heads of 64 features, feed-forward layers of 4·width in 8 slices, chunks of 64 and 256 symbols.
    --rounds 4  --seed 1
  Prints for each depth: layers, activationPeakBytes, bucketIdBytes, weightBytes, gradientBytes, optimizerBytes, programBytes, peakBytes,
  loss and seconds of the step.`;

interface Benchmark extends Memory {
  layers: number;
  peakBytes: number;
  loss: number;
  seconds: number;
}

/** Runs the command. @throws InputError for invalid options. */
export async function memory(argv: string[]): Promise<void> {
  const known = ['layers', 'tokens', 'width', 'mode', 'rounds', 'seed', 'json'];
  const { files, flags } = parseCommandLine(argv, known);
  if (files.length) throw new InputError(`memory takes no files, but got ${files[0]}.`);
  const depths = numbers('layers', flags.get('layers') ?? '2,8,24');
  const tokens = number('tokens', flags.get('tokens') ?? 4096);
  const width = number('width', flags.get('width') ?? 256);
  const rounds = number('rounds', flags.get('rounds') ?? 4);
  const seed = number('seed', flags.get('seed') ?? 1);
  const mode = oneOf('mode', flags.get('mode') ?? 'reversible', ['reversible', 'stored']) as 'reversible' | 'stored';
  if (!Number.isInteger(width / 64) || width < 64) {
    throw new InputError(`width is ${width}; it must be a multiple of 64, the size of a head.`);
  }
  const context = await dawnContext();
  const results: Benchmark[] = [];
  for (const layers of depths) {
    results.push(await measure(context.createSibling(), modelFor(layers, tokens, width, rounds), tokens, mode, seed));
    if (!flags.has('json')) print(results.at(-1) as Benchmark);
  }
  context.destroy();
  if (flags.has('json')) console.log(JSON.stringify(results));
}

function modelFor(layers: number, tokens: number, width: number, rounds: number): ModelSettings {
  if (!(layers >= 1 && layers <= 256)) throw new InputError(`layers is ${layers}; it must be from 1 to 256.`);
  const chunk = 64;
  return {
    vocabulary: 256,
    width,
    heads: width / 64,
    headSize: 64,
    feedForward: 4 * width,
    activation: 'relu',
    layers: new Array<LayerKind>(layers).fill('lsh'),
    positions: learnedPositions(tokens, width),
    epsilon: 1e-6,
    lsh: {
      ...presets.paper,
      rounds,
      factors: defaultFactors(tokens, chunk, 'paper'),
      chunk,
      lookBack: 1,
      lookAhead: 0,
      causal: true,
    },
    local: { chunk, lookBack: 1, lookAhead: 0 },
    fullWhenShort: false,
    residual: 'reversible',
    slices: 8,
  };
}

/** Runs one training step on random symbols, then frees the context. */
async function measure(
  context: Context,
  settings: ModelSettings,
  n: number,
  mode: 'reversible' | 'stored',
  seed: number,
): Promise<Benchmark> {
  const weights = new Weights(context, settings, true);
  weights.reset(seed);
  const model = new Model(context, weights, settings, { batch: 1, n }, mode);
  const draw = random(seed, 40);
  const ids = Int32Array.from({ length: n }, () => draw.integer(settings.vocabulary));
  model.upload(ids, nextTokens(ids, n));
  model.uploadRotations(rotations({ heads: settings.heads, n, d: settings.headSize }, settings.lsh, seed));
  context.write(model.step, 0, stepBlock(defaultAdam, 0));
  const work = await context.prepare('step', [
    ...weights.clearDispatches(),
    ...model.forward(),
    ...model.loss(true),
    ...model.backward(),
    ...weights.adamDispatches(defaultAdam, model.step),
  ]);
  const started = performance.now();
  await context.queue.run(work);
  const seconds = (performance.now() - started) / 1000;
  const bytes = { layers: settings.layers.length, ...memoryOf(context.ledger), peakBytes: context.ledger.peak };
  const [loss] = await context.read(model.history, 0, 1);
  context.free();
  return { ...bytes, loss, seconds };
}

function print({ layers, seconds, loss, ...bytes }: Benchmark): void {
  const parts = Object.entries(bytes).map(([name, count]) => `${name} ${(count / 2 ** 20).toFixed(1)} MiB`);
  console.log(`${layers} layers: ${parts.join(', ')}; ${seconds.toFixed(1)} s, loss ${loss.toFixed(3)}`);
}
