/** Language models of text: their sizes, and their files. */
import { defaultAdam } from '../algorithm/adam';
import { checkModel, learnedPositions, type ModelSettings, parameterShapes, sizeOf } from '../algorithm/model-settings';
import { presets } from '../algorithm/settings';
import { readSafetensors, type Tensor, type WrittenTensor, writeSafetensors } from '../formats/safetensors';
import { InputError, quote } from '../shared/errors';
import { ByteBpe } from '../text/byte-bpe';

/** Sizes of a text model. All its heads hash in the paper's convention, with 2n/chunk buckets. */
export interface TextSizes {
  vocabulary: number;
  width: number;
  /** Pairs of a local and an LSH layer. */
  pairs: number;
  heads: number;
  feedForward: number;
  /** Most tokens, n. */
  length: number;
  chunk: number;
  /** Hash rounds in training. */
  rounds: number;
}

/** Sizes by name: `XS` for software devices, `S` for any GPU, and the models that come with the page. */
export const textSizes = {
  XS: { vocabulary: 256, width: 64, pairs: 1, heads: 4, feedForward: 256, length: 256, chunk: 16, rounds: 2 },
  S: { vocabulary: 512, width: 96, pairs: 2, heads: 4, feedForward: 384, length: 256, chunk: 16, rounds: 2 },
  guide: { vocabulary: 512, width: 128, pairs: 2, heads: 4, feedForward: 384, length: 512, chunk: 32, rounds: 2 },
  book: { vocabulary: 512, width: 128, pairs: 3, heads: 4, feedForward: 512, length: 512, chunk: 32, rounds: 2 },
} as const satisfies Record<string, TextSizes>;

export type TextModelName = keyof typeof textSizes;

/** The settings of a text model. `rounds` are those of hashing now; 0 is full attention in the layers that hash. */
export function textSettings(sizes: TextSizes, rounds: number = sizes.rounds): ModelSettings {
  const { vocabulary, width, pairs, heads, feedForward, length, chunk } = sizes;
  const kinds = ['local', rounds === 0 ? 'full' : 'lsh'] as const;
  return {
    vocabulary,
    width,
    heads,
    headSize: width / heads,
    feedForward,
    activation: 'relu',
    layers: Array.from({ length: pairs }, () => kinds).flat(),
    positions: learnedPositions(length, width),
    epsilon: 1e-6,
    lsh: {
      ...presets.paper,
      rounds: Math.max(1, rounds),
      factors: [2 * Math.ceil(length / chunk)],
      chunk,
      lookBack: 1,
      lookAhead: 0,
      causal: true,
    },
    local: { chunk, lookBack: 1, lookAhead: 0 },
    fullWhenShort: false,
    residual: 'reversible',
    slices: 1,
  };
}

/** How a text model was, or is, trained. Together with the tokenizer it decides every step. */
export interface TextTraining {
  /** `guide` or the name of a file. */
  data: string;
  seed: number;
  batch: number;
  rate: number;
  warmUp: number;
  decay: number;
  /** Steps of the whole schedule. */
  steps: number;
  /** Steps that are done. */
  step: number;
}

export const defaultTextTraining: Omit<TextTraining, 'data' | 'step'> = {
  seed: 1,
  batch: 8,
  rate: 3e-3,
  warmUp: 200,
  decay: 0.01,
  steps: 4000,
};

/** @throws InputError naming the first value out of range. */
export function checkTextTraining({ data, seed, batch, rate, warmUp, decay, steps, step }: TextTraining): void {
  const whole = (name: string, value: number, low: number, high: number) => {
    if (!Number.isInteger(value) || value < low || value > high)
      throw new InputError(`${name} is ${value}; it must be a whole number from ${low} to ${high}.`);
  };
  if (typeof data !== 'string' || data === '') throw new InputError('data must be guide or the name of a file.');
  whole('seed', seed, 0, 2 ** 31);
  whole('batch', batch, 1, 4096);
  whole('warm-up', warmUp, 0, 1e6);
  whole('steps', steps, 1, 1e6);
  whole('step', step, 0, steps);
  if (!(rate > 0 && rate <= 1)) throw new InputError(`rate is ${rate}; it must be above 0 and at most 1.`);
  if (!(decay >= 0 && decay < 1)) throw new InputError(`decay is ${decay}; it must be from 0 to below 1.`);
}

export const adamOf = ({ rate, warmUp, decay, steps }: TextTraining) => ({
  ...defaultAdam,
  rate,
  warmUp,
  decay,
  steps,
});

/** A text model as a file holds it. */
export interface TextModelFile {
  sizes: TextSizes;
  tokenizer: ByteBpe;
  training: TextTraining;
  values: Map<string, Float32Array>;
  /** Adam's moments, [count, 2] each; undefined if the file has only weights. */
  moments: Map<string, Float32Array> | undefined;
}

const momentPrefix = 'adam.';
const scaleSuffix = '.scale';

/**
 * Writes a model with float32 weights and, if there are moments, all that is needed to go on. `bits` 8 writes matrices as whole numbers
 * from −127 to 127 with one float a row, and no moments: a quarter of the bytes.
 */
export function writeTextModel(
  { sizes, tokenizer, training, values, moments }: TextModelFile,
  bits: 8 | 32 = 32,
): Uint8Array {
  const tensors = new Map<string, WrittenTensor>();
  const packed = new Map<string, WrittenTensor>();
  for (const [name, shape] of parameterShapes(textSettings(sizes))) {
    const data = Float32Array.from(values.get(name) ?? []);
    if (bits === 8 && shape.length > 1) {
      const { scales, numbers } = packRows(data, shape[shape.length - 1]);
      tensors.set(name + scaleSuffix, { shape: [scales.length], data: scales });
      packed.set(name, { shape, data: numbers });
      continue;
    }
    tensors.set(name, { shape, data });
    const moment = bits === 32 ? moments?.get(name) : undefined;
    if (moment) tensors.set(momentPrefix + name, { shape: [...shape, 2], data: Float32Array.from(moment) });
  }
  return writeSafetensors(
    // Numbers of one byte come last, so that all others begin at multiples of their size.
    new Map([...tensors, ...packed]),
    new Map([
      ['sizes', JSON.stringify(sizes)],
      ['training', JSON.stringify(training)],
      ['tokenizer', tokenizer.toJson()],
    ]),
  );
}

/** Reads a text model. @throws InputError that names what is wrong with the file. */
export function readTextModel(bytes: Uint8Array): TextModelFile {
  const { tensors, metadata } = readSafetensors(bytes);
  const sizes = wholeNumbers(metadata.get('sizes'), 'sizes', textSizes.guide) as unknown as TextSizes;
  const settings = textSettings(sizes);
  // Before the names of all parameters are listed: a file could claim a million layers.
  checkModel(settings, { batch: 1, n: sizes.length });
  const training = fields(metadata.get('training'), 'training') as unknown as TextTraining;
  checkTextTraining(training);
  const pieces = metadata.get('tokenizer');
  if (pieces === undefined) throw new InputError('The file has no "tokenizer" in its metadata.');
  const tokenizer = ByteBpe.fromJson(pieces);
  if (tokenizer.size > sizes.vocabulary) {
    throw new InputError(`The file has ${tokenizer.size} pieces, but its model has ${sizes.vocabulary} symbols.`);
  }
  const values = new Map<string, Float32Array>();
  const moments = new Map<string, Float32Array>();
  let scaleCount = 0;
  for (const [name, shape] of parameterShapes(settings)) {
    const numbers = numbersOf(tensors, name, sizeOf(shape));
    if (tensors.has(name + scaleSuffix)) {
      const columns = shape[shape.length - 1];
      const scales = numbersOf(tensors, name + scaleSuffix, numbers.length / columns);
      scaleCount++;
      values.set(
        name,
        numbers.map((number, at) => number * scales[Math.floor(at / columns)]),
      );
    } else values.set(name, numbers);
    if (tensors.has(momentPrefix + name)) {
      moments.set(name, numbersOf(tensors, momentPrefix + name, 2 * sizeOf(shape)));
    }
  }
  const known = values.size + moments.size + scaleCount;
  if (tensors.size > known || (moments.size > 0 && moments.size < values.size)) {
    throw new InputError(
      `The file has ${tensors.size} tensors, but a model of these sizes has ${values.size}, and as many of Adam or none.`,
    );
  }
  return { sizes, tokenizer, training, values, moments: moments.size > 0 ? moments : undefined };
}

/** Rows of whole numbers from −127 to 127, and the float that gives each row's values back. */
function packRows(data: Float32Array, columns: number): { scales: Float32Array; numbers: Int8Array } {
  const scales = Float32Array.from({ length: data.length / columns }, (_, row) => {
    const largest = data
      .subarray(row * columns, (row + 1) * columns)
      .reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    return largest / 127 || 1;
  });
  return { scales, numbers: Int8Array.from(data, (x, at) => Math.round(x / scales[Math.floor(at / columns)])) };
}

function numbersOf(tensors: Map<string, Tensor>, name: string, count: number): Float32Array {
  const tensor = tensors.get(name);
  if (!tensor) throw new InputError(`The file lacks the tensor ${quote(name)}.`);
  if (tensor.data.length !== count) {
    throw new InputError(
      `The tensor ${quote(name)} has ${tensor.data.length} numbers; a model of these sizes needs ${count}.`,
    );
  }
  return Float32Array.from(tensor.data);
}

function fields(json: string | undefined, key: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json ?? '');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {}
  throw new InputError(`The file has no valid "${key}" in its metadata; it is no text model of this lab.`);
}

function wholeNumbers(json: string | undefined, key: string, example: object): Record<string, number> {
  const given = fields(json, key);
  for (const name of Object.keys(example)) {
    const value = given[name];
    if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > 2 ** 20) {
      throw new InputError(`The ${key} in the file have no valid ${name}; it must be a whole number from 1.`);
    }
  }
  return given as Record<string, number>;
}
