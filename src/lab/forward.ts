/** `lab forward`: a model of Hugging Face transformers, forward and backward. */

import { join } from 'node:path';
import { defaultAdam } from '../algorithm/adam';
import { rotations as seededRotations } from '../algorithm/hash';
import { crossEntropy } from '../algorithm/layers';
import {
  hashes,
  longest,
  type ModelSettings,
  paddedLength,
  parameterCount,
  parameterShapes,
} from '../algorithm/model-settings';
import { type ModelInput, Reformer } from '../algorithm/reformer';
import { directionCount } from '../algorithm/settings';
import {
  fieldBeyondKernels,
  hashSeedOfConfig,
  modelOfConfig,
  padTokenOfConfig,
  parametersOf,
} from '../formats/hugging-face';
import { type Tensor, type TensorFile, writeSafetensors } from '../formats/safetensors';
import { torchNormals } from '../formats/torch-random';
import { Model } from '../model/model';
import { stepBlock, Weights } from '../model/parameters';
import { formatShape, InputError, quote } from '../shared/errors';
import { dawnContext } from './dawn';
import { checkContent, readInput, readModelTensors, readTensorFile, tensor, writeWhole } from './files';
import { number, oneOf, parseCommandLine } from './options';

export const forwardUsage = `forward MODEL_FOLDER IN.safetensors OUT.safetensors [--backward] [--mode reversible|stored] [--seed S]
  Runs a ReformerModelWithLMHead or ReformerForMaskedLM of Hugging Face transformers, with its padding. MODEL_FOLDER has its config.json
  and model.safetensors, or the parts that model.safetensors.index.json lists.
  IN has input_ids [n] or [batch, n], and perhaps rotations [heads or 1, d, rounds, ΣB/2] for all LSH layers. Otherwise
  they come from --seed or, without it, from the config's hash_seed, as on a CPU there.
  attention_mask, position_ids and labels, each of the shape of input_ids, are used as there. Other tensors are errors, except those of OUT.
  OUT: logits [batch, n, V]; with --backward also loss, the mean cross-entropy of each token's logits with the next token or by the
  labels, and grad.NAME for every parameter. With labels, loss is there in any case. --mode recomputes the activations (reversible) or
  keeps them (stored).`;

/** Most tokens × parameters of a model that the CPU computes: about a minute. */
const mostOnCpu = 2e10;

/** What one run computes. */
interface Job {
  settings: ModelSettings;
  parameters: Map<string, Float32Array>;
  input: ModelInput;
  /** Target of each token, [batch, n]; −1 for none. Undefined without a loss. */
  targets: Int32Array | undefined;
  isBackward: boolean;
  mode: 'reversible' | 'stored';
}

interface Results {
  logits: Float32Array;
  loss?: number;
  gradients?: Map<string, ArrayLike<number>>;
}

/** Runs the command. @throws InputError for invalid files or options; OUT is then not written. */
export async function forward(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, ['backward', 'mode', 'seed']);
  if (files.length !== 3) {
    throw new InputError(`forward needs MODEL_FOLDER, IN and OUT, but got ${files.length} of these three.`);
  }
  const [folder, inPath, outPath] = files;
  const isBackward = flags.get('backward') === 'true';
  const mode = oneOf('mode', flags.get('mode') ?? 'reversible', ['reversible', 'stored']) as 'reversible' | 'stored';
  const givenSeed = flags.get('seed');
  const file = await readTensorFile(inPath);
  checkContent(file, {
    tensors: ['input_ids', 'attention_mask', 'position_ids', 'labels', 'rotations'],
    unused: /^(logits|loss|grad\..*)$/,
    metadata: [],
  });
  if (givenSeed !== undefined && file.tensors.has('rotations'))
    throw new InputError(`IN has rotations, so the seed ${quote(givenSeed)} is not used; leave one of them out.`);
  const ids = wholeNumbers(tensor(file, 'input_ids'), 'input_ids');
  const { batch, n } = batchOf(ids);
  const config = new TextDecoder().decode(await readInput(join(folder, 'config.json')));
  const settings = modelOfConfig(config, n);
  checkIds(ids.data, settings);
  const input: ModelInput = {
    batch,
    n,
    ids: ids.data,
    rotations: file.tensors.has('rotations')
      ? rotationsOf(file, settings, n)
      : drawnRotations(settings, n, givenSeed === undefined ? undefined : number('seed', givenSeed), config),
    mask: maskOf(file, ids),
    positions: positionsOf(file, ids, settings),
  };
  const targets = targetsOf(file, ids, settings, isBackward, input.mask);
  const parameters = parametersOf(settings, await readModelTensors(folder));
  const job: Job = { settings, parameters, input, targets, isBackward, mode };
  const { logits, loss, gradients } = runsOnCpu(job) ? computeOnCpu(withPads(job, config)) : await computeOnGpu(job);
  const out = new Map<string, Tensor>([
    ['logits', { shape: [batch, n, settings.vocabulary], data: withoutPads(logits, batch, n, settings.vocabulary) }],
  ]);
  if (loss !== undefined) out.set('loss', { shape: [1], data: Float32Array.of(loss) });
  if (gradients) {
    for (const [name, shape] of parameterShapes(settings)) {
      out.set(`grad.${name}`, { shape, data: Float32Array.from(gradients.get(name) as ArrayLike<number>) });
    }
  }
  await writeWhole(outPath, writeSafetensors(out));
}

/** True if the kernels of the GPU lack something that the job needs. @throws InputError naming it if the job is too large for the CPU. */
function runsOnCpu({ settings, input }: Job): boolean {
  const lack =
    fieldBeyondKernels(settings, input.n) ??
    (input.mask ? 'the GPU has no attention_mask' : input.positions ? 'the GPU has no position_ids' : undefined);
  if (lack === undefined) return false;
  const size = input.batch * input.n * parameterCount(settings);
  if (size > mostOnCpu) {
    throw new InputError(
      `${lack}, and the CPU computes at most ${mostOnCpu} tokens × parameters, of which this has ${size.toPrecision(3)}.`,
    );
  }
  return true;
}

/**
 * The job with its pads as tokens, if it has a mask. A masked token of a local layer that sees no other token attends to all of its window
 * alike, and so to pads. Without a mask no token sees a pad.
 */
function withPads(job: Job, config: string): Job {
  const { settings, input, targets } = job;
  const { batch, n, ids, mask } = input;
  const padded = paddedLength(settings, n);
  if (!mask || padded === n) return job;
  const fill = (values: ArrayLike<number>, pad: number) =>
    Int32Array.from({ length: batch * padded }, (_, at) =>
      at % padded < n ? values[Math.floor(at / padded) * n + (at % padded)] : pad,
    );
  const pad = padTokenOfConfig(config, settings);
  return {
    ...job,
    input: { ...input, n: padded, ids: fill(ids, pad), mask: fill(mask, 0) },
    targets: targets && fill(targets, -1),
  };
}

/** The first n rows of each sequence. rows [batch, n or more, V] */
function withoutPads(rows: Float32Array, batch: number, n: number, vocabulary: number): Float32Array {
  const all = rows.length / batch;
  const out = new Float32Array(batch * n * vocabulary);
  for (let b = 0; b < batch; b++) out.set(rows.subarray(b * all, b * all + n * vocabulary), b * n * vocabulary);
  return out;
}

function computeOnCpu({ settings, parameters, input, targets, isBackward, mode }: Job): Results {
  const inDouble = new Map([...parameters].map(([name, values]) => [name, Float64Array.from(values)]));
  const model = new Reformer(settings, inDouble, input);
  const { logits } = model.forward();
  const results: Results = { logits: Float32Array.from(logits) };
  if (targets) results.loss = crossEntropy(logits, targets).loss;
  if (targets && isBackward) results.gradients = model.gradients(targets, mode).gradients;
  return results;
}

async function computeOnGpu({ settings, parameters, input, targets, isBackward, mode }: Job): Promise<Results> {
  const { batch, n, ids, rotations } = input;
  const context = await dawnContext();
  const weights = new Weights(context, settings, isBackward);
  const model = new Model(context, weights, settings, { batch, n }, isBackward ? mode : 'nothing');
  weights.upload(parameters);
  model.upload(ids, targets);
  if (model.hashes) model.uploadRotations(rotations);
  context.write(model.step, 0, stepBlock(defaultAdam, 0));
  await context.queue.run(await context.prepare('forward', model.forward()));
  const results: Results = { logits: (await context.read(model.logits)) as Float32Array };
  if (targets) {
    const dispatches = isBackward
      ? [...weights.clearDispatches(), ...model.loss(true), ...model.backward()]
      : model.loss(false);
    await context.queue.run(await context.prepare('backward', dispatches));
    [results.loss] = await context.read(model.history, 0, 1);
    if (isBackward) {
      // The memory of the GPU is freed before these are written.
      const gradients = await weights.read('gradients');
      results.gradients = new Map([...gradients].map(([name, values]) => [name, Float32Array.from(values)]));
    }
  }
  context.destroy();
  return results;
}

function batchOf({ shape }: Tensor): { batch: number; n: number } {
  if (shape.length !== 1 && shape.length !== 2) {
    throw new InputError(`input_ids has the shape ${formatShape(shape)}; it must be n or batch×n.`);
  }
  const [batch, n] = shape.length === 1 ? [1, shape[0]] : shape;
  if (batch === 0 || n === 0)
    throw new InputError(`input_ids has the shape ${formatShape(shape)}; it must have tokens.`);
  return { batch, n };
}

function checkIds(ids: ArrayLike<number>, { vocabulary }: ModelSettings): void {
  const bad = Array.prototype.findIndex.call(ids, (id) => !(id >= 0 && id < vocabulary));
  if (bad >= 0) throw new InputError(`Token ${bad} is ${ids[bad]}; symbols go from 0 to ${vocabulary - 1}.`);
}

/** @throws InputError for a number with a fraction. */
function wholeNumbers(given: Tensor, name: string): Tensor {
  const bad = Array.prototype.findIndex.call(given.data, (value) => !Number.isSafeInteger(value));
  if (bad >= 0) throw new InputError(`${name} is ${given.data[bad]} at element ${bad}; all must be whole numbers.`);
  return given;
}

/** A tensor of whole numbers of IN, if it is there. @throws InputError if it has another shape than the ids, apart from a leading 1. */
function tokensOf(file: TensorFile, name: string, ids: Tensor): Tensor | undefined {
  if (!file.tensors.has(name)) return undefined;
  const given = wholeNumbers(tensor(file, name), name);
  const bare = ({ shape }: Tensor) => (shape.length === 2 && shape[0] === 1 ? shape.slice(1) : shape).join();
  if (bare(given) === bare(ids)) return given;
  throw new InputError(
    `${name} has the shape ${formatShape(given.shape)}; it must have that of input_ids, ${formatShape(ids.shape)}.`,
  );
}

/** The attention mask, [batch, n]; undefined if it masks no token. @throws InputError for another number than 0 and 1. */
function maskOf(file: TensorFile, ids: Tensor): ArrayLike<number> | undefined {
  const mask = tokensOf(file, 'attention_mask', ids)?.data;
  const bad = mask?.findIndex((value) => value !== 0 && value !== 1) ?? -1;
  if (mask && bad >= 0) throw new InputError(`attention_mask is ${mask[bad]} at element ${bad}; it must be 0 or 1.`);
  return mask?.includes(0) ? mask : undefined;
}

/** Positions, [batch, n]. @throws InputError for a position that the model lacks, or for a length at which transformers refuses them. */
function positionsOf(file: TensorFile, ids: Tensor, settings: ModelSettings): ArrayLike<number> | undefined {
  if (!file.tensors.has('position_ids')) return undefined;
  const { batch, n } = batchOf(ids);
  const given = tensor(file, 'position_ids');
  const isShared = batch > 1 && given.data.length === n;
  const row = { ...ids, shape: [n] };
  const { data } = tokensOf(file, 'position_ids', isShared ? row : ids) as Tensor;
  const padded = paddedLength(settings, n);
  if (padded !== n) {
    throw new InputError(
      `position_ids needs a length without pads, as in transformers; ${n} tokens are padded to ${padded}.`,
    );
  }
  const most = longest(settings);
  const bad = data.findIndex((position) => position < 0 || position >= most);
  if (bad >= 0)
    throw new InputError(`position_ids is ${data[bad]} at element ${bad}; positions go from 0 to ${most - 1}.`);
  return isShared ? Int32Array.from({ length: batch * n }, (_, at) => data[at % n]) : data;
}

/**
 * The targets of the loss, [batch, n]: the next token or, with labels, the next label (causal) or the label (masked language model). −1 for
 * none: at the end, at a label of −100, and without labels where the mask hides one of the two tokens. @throws InputError if none is left.
 */
function targetsOf(
  file: TensorFile,
  ids: Tensor,
  { lsh: { causal }, vocabulary }: ModelSettings,
  isBackward: boolean,
  mask: ArrayLike<number> | undefined,
): Int32Array | undefined {
  const labels = tokensOf(file, 'labels', ids);
  if (!labels && !isBackward) return undefined;
  const { n } = batchOf(ids);
  const { data } = labels ?? ids;
  const bad = data.findIndex((label) => label !== -100 && !(label >= 0 && label < vocabulary));
  if (bad >= 0) {
    throw new InputError(`labels is ${data[bad]} at element ${bad}; it must be -100 or from 0 to ${vocabulary - 1}.`);
  }
  const shift = causal || !labels ? 1 : 0;
  const isHidden = (at: number) => !labels && (mask?.[at] === 0 || mask?.[at + shift] === 0);
  const targets = Int32Array.from(data, (_, at) =>
    (at % n) + shift >= n || isHidden(at) ? -1 : Math.max(-1, data[at + shift]),
  );
  if (targets.some((target) => target >= 0)) return targets;
  throw new InputError(
    labels ? 'labels leaves no token with a target.' : '--backward needs two tokens in a row, or labels.',
  );
}

/** The directions of the seed or, without one, those that transformers draws from the config's hash_seed, or those of seed 0. */
function drawnRotations(
  settings: ModelSettings,
  n: number,
  seed: number | undefined,
  config: string,
): ArrayLike<number> {
  const { heads, headSize, lsh } = settings;
  const hashSeed = hashSeedOfConfig(config);
  if (!hashes(settings, n)) return [];
  return seed === undefined && hashSeed !== undefined
    ? torchNormals(hashSeed, heads * headSize * lsh.rounds * directionCount(lsh))
    : seededRotations({ heads, n, d: headSize }, lsh, seed ?? 0);
}

/** The directions of IN. @throws InputError naming the shape that is needed. */
function rotationsOf(file: TensorFile, settings: ModelSettings, n: number): ArrayLike<number> {
  const { heads, headSize, layers, lsh } = settings;
  if (!layers.includes('lsh')) throw new InputError('IN has rotations, but the model has no LSH layer.');
  const { shape, data } = tensor(file, 'rotations');
  // In one chunk no token is hashed, and the number of buckets may be open.
  const columns = hashes(settings, n) ? directionCount(lsh) : shape[3];
  if (![1, heads].includes(shape[0]) || shape.slice(1).join() !== [headSize, lsh.rounds, columns].join()) {
    throw new InputError(
      `rotations has the shape ${formatShape(shape)}; it must be ${heads}×${headSize}×${lsh.rounds}×${columns ?? 'ΣB/2'} (heads×d×rounds×ΣB/2).`,
    );
  }
  return data;
}
