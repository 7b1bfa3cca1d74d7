/** Reads models saved by Hugging Face transformers: a config.json and named tensors (ReformerConfig, ReformerModelWithLMHead). */

import {
  type Activation,
  axialPositions,
  checkModel,
  hashes,
  type LayerKind,
  learnedPositions,
  type ModelSettings,
  names,
  paddedLength,
  parameterShapes,
  sizeOf,
} from '../algorithm/model-settings';
import { checkSettings, cpuRanges, kernelRanges, presets } from '../algorithm/settings';
import { formatShape, InputError, quote } from '../shared/errors';
import type { Tensor } from './safetensors';

/** ReformerConfig's defaults for fields that a config.json omits. */
const defaults = {
  attention_head_size: 64,
  attn_layers: ['local', 'lsh', 'local', 'lsh', 'local', 'lsh'],
  axial_pos_embds: true,
  axial_pos_embds_dim: [64, 192],
  axial_pos_shape: [64, 64],
  feed_forward_size: 512,
  hidden_act: 'relu',
  hidden_size: 256,
  is_decoder: false,
  layer_norm_eps: 1e-12,
  local_attn_chunk_length: 64,
  local_num_chunks_after: 0,
  local_num_chunks_before: 1,
  lsh_attn_chunk_length: 64,
  lsh_num_chunks_after: 0,
  lsh_num_chunks_before: 1,
  max_position_embeddings: 4096,
  num_attention_heads: 12,
  num_buckets: null as unknown,
  num_hashes: 1,
  vocab_size: 320,
  chunk_size_feed_forward: 0,
  pad_token_id: 0,
};

type Field = keyof typeof defaults;

/** The classes of transformers that have a head for each token's symbol. One is causal, the other not. */
const classes = { ReformerModelWithLMHead: true, ReformerForMaskedLM: false } as const;
const wantedClasses = Object.keys(classes).join(' or ');

/** Activations by their names in transformers. Some names stand for one function. */
const activations: Record<string, Activation> = {
  relu: 'relu',
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'gelu_new',
  gelu_fast: 'gelu_new',
  gelu_accurate: 'gelu_new',
  gelu_pytorch_tanh: 'gelu_new',
  silu: 'silu',
  swish: 'silu',
};

/** Settings of the model of a config.json, for sequences of n tokens. @throws InputError naming the field or size that is invalid. */
export function modelOfConfig(text: string, n: number): ModelSettings {
  const config = parse(text);
  const value = (field: Field): unknown => (Object.hasOwn(config, field) ? config[field] : defaults[field]);
  const refuse = (field: Field, requirement: string): never => {
    throw new InputError(`In config.json, ${field} is ${describe(value(field))}; it must be ${requirement}.`);
  };
  const whole = (field: Field, entry = value(field), low = 1, high = Number.MAX_SAFE_INTEGER): number => {
    if (Number.isSafeInteger(entry) && (entry as number) >= low && (entry as number) <= high) return entry as number;
    const range = high < Number.MAX_SAFE_INTEGER ? `from ${low} to ${high}` : `of at least ${low}`;
    return refuse(field, `a whole number ${range}`);
  };
  const pair = (field: Field): [number, number] => {
    const entries = value(field);
    if (!Array.isArray(entries) || entries.length !== 2) return refuse(field, 'two whole numbers');
    return [whole(field, entries[0]), whole(field, entries[1])];
  };
  const flag = (field: Field): boolean => {
    const entry = value(field);
    return typeof entry === 'boolean' ? entry : refuse(field, 'true or false');
  };
  const layers = value('attn_layers');
  if (!Array.isArray(layers) || layers.length === 0 || layers.some((kind) => kind !== 'lsh' && kind !== 'local')) {
    return refuse('attn_layers', 'a list of "lsh" and "local"');
  }
  // transformers never reads the fields of a kind of layer that the model lacks, and null is usual there.
  const ofKind = (kind: LayerKind, field: Field, low: number, high: number): number =>
    layers.includes(kind) || value(field) !== null ? whole(field, undefined, low, high) : (defaults[field] as number);
  const name = value('hidden_act');
  const activation = typeof name === 'string' && Object.hasOwn(activations, name) ? activations[name] : undefined;
  if (!activation) return refuse('hidden_act', `one of ${Object.keys(activations).join(', ')}`);
  const epsilon = value('layer_norm_eps');
  if (typeof epsilon !== 'number' || !(epsilon >= 0 && epsilon <= 1)) refuse('layer_norm_eps', 'a number from 0 to 1');
  const width = whole('hidden_size');
  const most = whole('max_position_embeddings');
  const slice = whole('chunk_size_feed_forward', undefined, 0);
  const { leastChunk, chunk, lookBack, lookAhead, rounds, heads, d } = cpuRanges;
  const model: ModelSettings = {
    vocabulary: whole('vocab_size'),
    width,
    heads: whole('num_attention_heads', undefined, 1, heads),
    headSize: whole('attention_head_size', undefined, 1, d),
    feedForward: whole('feed_forward_size'),
    activation,
    layers: layers as LayerKind[],
    positions: flag('axial_pos_embds')
      ? axialPositions(pair('axial_pos_shape'), pair('axial_pos_embds_dim'))
      : learnedPositions(most, width),
    epsilon: epsilon as number,
    lsh: {
      ...presets.trax,
      rounds: ofKind('lsh', 'num_hashes', 1, rounds),
      factors: [2],
      chunk: ofKind('lsh', 'lsh_attn_chunk_length', leastChunk, chunk),
      lookBack: ofKind('lsh', 'lsh_num_chunks_before', 0, lookBack),
      lookAhead: ofKind('lsh', 'lsh_num_chunks_after', 0, lookAhead),
      causal: flag('is_decoder'),
    },
    local: {
      chunk: ofKind('local', 'local_attn_chunk_length', leastChunk, chunk),
      lookBack: ofKind('local', 'local_num_chunks_before', 0, lookBack),
      lookAhead: ofKind('local', 'local_num_chunks_after', 0, lookAhead),
    },
    fullWhenShort: true,
    padsToChunks: true,
    residual: 'reversible',
    slices: slice === 0 ? 1 : Math.ceil(n / slice),
  };
  checkClass(config, model);
  const padded = paddedLength(model, n);
  if (padded > most) {
    const length = padded === n ? `${n} tokens` : `${n} tokens, with pads ${padded},`;
    throw new InputError(`${length} are too many: in config.json, max_position_embeddings is ${most}.`);
  }
  // Callers allocate memory by these sizes, so they are checked here.
  checkModel(model, { batch: 1, n });
  const buckets = value('num_buckets');
  if (buckets !== null) {
    const factors = (Array.isArray(buckets) ? buckets : [buckets]).map((entry) => whole('num_buckets', entry, 2));
    if (!factors.every((factor) => factor % 2 === 0)) refuse('num_buckets', 'even, or a list of even numbers');
    model.lsh.factors = factors;
  } else if (hashes(model, n)) {
    model.lsh.factors = bucketsOf(padded, model.lsh.chunk, most);
  }
  if (hashes(model, n)) checkSettings({ heads: model.heads, n, d: model.headSize, padded }, model.lsh, 1, cpuRanges);
  return model;
}

/**
 * The seed from which transformers draws the directions of every LSH layer, if the config has one. Without, it draws others at every call.
 * @throws InputError if it is no whole number.
 */
export function hashSeedOfConfig(text: string): number | undefined {
  const { hash_seed: seed = null } = parse(text);
  if (seed === null) return undefined;
  if (Number.isSafeInteger(seed)) return seed as number;
  throw new InputError(`In config.json, hash_seed is ${describe(seed)}; it must be null or a whole number.`);
}

/**
 * Ids after which a text ends, from config.json or, in its place, generation_config.json. Without a field, config.json has the default of
 * ReformerConfig. @throws InputError if the field is neither null, an id, nor a list of ids.
 */
export function endsOfConfig(text: string, file: 'config.json' | 'generation_config.json' = 'config.json'): number[] {
  const { eos_token_id: ends = file === 'config.json' ? 2 : null } = parse(text, file);
  const ids: unknown[] = ends === null ? [] : Array.isArray(ends) ? ends : [ends];
  if (ids.every((id): id is number => Number.isSafeInteger(id))) return ids;
  throw new InputError(`In ${file}, eos_token_id is ${describe(ends)}; it must be null, an id, or a list of ids.`);
}

/** Id of the token that fills a sequence up to the chunk lengths. @throws InputError if the vocabulary lacks it. */
export function padTokenOfConfig(text: string, { vocabulary }: Pick<ModelSettings, 'vocabulary'>): number {
  const { pad_token_id: id = defaults.pad_token_id } = parse(text);
  if (Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < vocabulary) return id as number;
  throw new InputError(
    `In config.json, pad_token_id is ${describe(id)}; to pad a masked sequence, it must be a whole number from 0 to ${vocabulary - 1}.`,
  );
}

/**
 * Checks that the config is that of a Reformer with a head for each token's symbol. @throws InputError naming what the config is, or the
 * field with which transformers refuses it.
 */
function checkClass(config: Record<string, unknown>, { layers, lsh, local }: ModelSettings): void {
  const { model_type: type = 'reformer', architectures } = config;
  if (type !== 'reformer') {
    throw new InputError(`config.json is that of the model type ${describe(type)}; it must be "reformer".`);
  }
  const found = Array.isArray(architectures) && architectures.length > 0 ? architectures : undefined;
  const known = found?.find((name) => typeof name === 'string' && Object.hasOwn(classes, name));
  if (found && !known) {
    throw new InputError(`config.json is that of a ${nameOf(found[0])}; a ${wantedClasses} is needed.`);
  }
  if (known && classes[known as keyof typeof classes] !== lsh.causal) {
    throw new InputError(`In config.json, is_decoder is ${lsh.causal}; for a ${known} it must be ${!lsh.causal}.`);
  }
  const ahead =
    (layers.includes('lsh') && lsh.lookAhead > 0 && 'lsh') ||
    (layers.includes('local') && local.lookAhead > 0 && 'local');
  if (lsh.causal && ahead) {
    throw new InputError(`In config.json, ${ahead}_num_chunks_after must be 0, because is_decoder is true.`);
  }
}

const nameOf = (entry: unknown): string => (typeof entry === 'string' ? entry.slice(0, 80) : describe(entry));

/**
 * The buckets that transformers chooses when the config has none: a power of two near 2n/m, in two factors when it is large. `padded` is
 * the length with pads, `longest` is `max_position_embeddings` (`LSHSelfAttention._set_num_buckets`).
 */
function bucketsOf(padded: number, chunk: number, longest: number): number[] {
  const power = Math.floor(Math.log2(2 * Math.floor(padded / chunk)));
  const most = 2 * Math.max(Math.floor(Math.sqrt(Math.floor(longest / chunk))), chunk);
  if (2 ** power <= most) return [2 ** power];
  const half = Math.floor(power / 2);
  return [2 ** half, 2 ** (power - half)];
}

/** The first field of a config.json whose value is beyond the GPU's kernels, with the range of the kernels. Undefined if there is none. */
export function fieldBeyondKernels(settings: ModelSettings, n: number): string | undefined {
  const { heads, headSize, lsh } = settings;
  const ranges: [string, number, number, number][] = [
    ['num_attention_heads', heads, 1, kernelRanges.heads],
    ['attention_head_size', headSize, 1, kernelRanges.d],
  ];
  if (hashes(settings, n)) {
    ranges.push(
      ['num_hashes', lsh.rounds, 1, kernelRanges.rounds],
      ['lsh_attn_chunk_length', lsh.chunk, kernelRanges.leastChunk, kernelRanges.chunk],
      ['lsh_num_chunks_before', lsh.lookBack, 0, kernelRanges.lookBack],
      ['lsh_num_chunks_after', lsh.lookAhead, 0, kernelRanges.lookAhead],
    );
  }
  const beyond = ranges.find(([, value, low, high]) => value < low || value > high);
  return beyond && `${beyond[0]} is ${beyond[1]}, but the GPU computes ${beyond[2]} to ${beyond[3]}`;
}

/** Scalars that old versions of transformers saved with every layer. They are constants of the attention. */
const maskScalars: Record<string, number> = {
  self_mask_value_float16: -1e3,
  self_mask_value_float32: -1e5,
  mask_value_float16: -1e4,
  mask_value_float32: -1e9,
};

/** True for a mask scalar of a layer. @throws InputError if it has another value than the attention. */
function isMaskScalar(name: string, { data }: Tensor): boolean {
  const key = /^reformer\.encoder\.layers\.\d+\.attention\.self_attention\.(\w+)$/.exec(name)?.[1];
  if (key === undefined || !Object.hasOwn(maskScalars, key)) return false;
  if (data.length !== 1 || Number(data[0]) !== maskScalars[key]) {
    throw new InputError(`The tensor ${describe(name)} must be the number ${maskScalars[key]}.`);
  }
  return true;
}

/** @throws InputError for a Reformer with another head, or without one. */
function checkHead(tensors: Map<string, Tensor>): void {
  const starts = (start: string) => [...tensors.keys()].some((name) => name.startsWith(start));
  const found = starts('classifier.')
    ? 'ReformerForSequenceClassification'
    : starts('qa_outputs.')
      ? 'ReformerForQuestionAnswering'
      : starts('embeddings.') || (starts('reformer.encoder.') && !starts('lm_head.'))
        ? 'ReformerModel, which has no head'
        : undefined;
  if (found) throw new InputError(`The tensors are those of a ${found}; a ${wantedClasses} is needed.`);
}

/** Takes a model's parameters from a file's tensors. @throws InputError naming a tensor that is missing, unknown, or of the wrong shape. */
export function parametersOf(settings: ModelSettings, tensors: Map<string, Tensor>): Map<string, Float32Array> {
  const shapes = parameterShapes(settings);
  const parameters = new Map<string, Float32Array>();
  // transformers ties this tensor to lm_head.bias and saves one of the two, or both.
  const tied = 'lm_head.decoder.bias';
  checkHead(tensors);
  for (const [name, tensor] of tensors) {
    if (!shapes.has(name) && name !== tied && !isMaskScalar(name, tensor))
      throw new InputError(`The model has no tensor ${quote(name, 80)}.`);
  }
  for (const [name, shape] of shapes) {
    const tensor = tensors.get(name) ?? (name === names.headBias ? tensors.get(tied) : undefined);
    if (!tensor) throw new InputError(`The tensor ${describe(name)} is missing.`);
    if (tensor.shape.join() !== shape.join()) {
      throw new InputError(
        `The tensor ${describe(name)} has the shape ${formatShape(tensor.shape)}, not ${formatShape(shape)}.`,
      );
    }
    const data = new Float32Array(tensor.data);
    if (!data.every(Number.isFinite))
      throw new InputError(`The tensor ${describe(name)} has numbers that are not finite.`);
    if (data.length !== sizeOf(shape))
      throw new Error(`${name} has ${data.length} numbers, which do not fill its shape.`);
    parameters.set(name, data);
  }
  return parameters;
}

/**
 * The names of the tensors in each part of a model, from its model.safetensors.index.json. @throws InputError if it has no list, or a part
 * that is no file of its folder.
 */
export function partsOfIndex(text: string): Map<string, Set<string>> {
  const index = 'model.safetensors.index.json';
  let map: unknown;
  try {
    map = JSON.parse(text).weight_map;
  } catch {}
  if (typeof map !== 'object' || map === null || Array.isArray(map) || Object.keys(map).length === 0) {
    throw new InputError(`${index} must be a JSON object with a weight_map of tensors and files.`);
  }
  const parts = new Map<string, Set<string>>();
  for (const [name, part] of Object.entries(map)) {
    if (typeof part !== 'string' || !/^[^.\p{C}/\\][^\p{C}/\\]{0,254}$/u.test(part)) {
      throw new InputError(`${index} must name a file of its folder for the tensor ${quote(name, 80)}.`);
    }
    const names = parts.get(part) ?? new Set();
    parts.set(part, names.add(name));
  }
  return parts;
}

function parse(text: string, file = 'config.json'): Record<string, unknown> {
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === 'object' && config !== null && !Array.isArray(config))
      return config as Record<string, unknown>;
  } catch {}
  throw new InputError(`${file} is not a JSON object.`);
}

/** A value of a config.json for a sentence. Lists and objects are not written out, because they can be nested deeply. */
function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value, 80);
  if (typeof value !== 'object' || value === null) return value === undefined ? 'missing' : String(value);
  return Array.isArray(value) ? `a list of ${value.length}` : 'an object';
}
