/** Reads models saved by Hugging Face transformers: a config.json and named tensors (ReformerConfig, ReformerModelWithLMHead). */

import {
  type Activation,
  axialPositions,
  checkModel,
  type LayerKind,
  learnedPositions,
  type ModelSettings,
  names,
  parameterShapes,
  sizeOf,
} from '../algorithm/model-settings';
import { checkSettings, presets } from '../algorithm/settings';
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
};

type Field = keyof typeof defaults;

/** Settings of the model of a config.json, for sequences of n tokens. @throws InputError naming the field or size that is invalid. */
export function modelOfConfig(text: string, n: number): ModelSettings {
  const config = parse(text);
  const value = (field: Field): unknown => (Object.hasOwn(config, field) ? config[field] : defaults[field]);
  const refuse = (field: Field, requirement: string): never => {
    throw new InputError(`In config.json, ${field} is ${describe(value(field))}; it must be ${requirement}.`);
  };
  const whole = (field: Field, entry = value(field), low = 1): number =>
    Number.isSafeInteger(entry) && (entry as number) >= low
      ? (entry as number)
      : refuse(field, `a whole number of at least ${low}`);
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
    refuse('attn_layers', 'a list of "lsh" and "local"');
  }
  const activation = value('hidden_act');
  if (activation !== 'relu' && activation !== 'gelu' && activation !== 'gelu_new') {
    refuse('hidden_act', '"relu", "gelu" or "gelu_new"');
  }
  const epsilon = value('layer_norm_eps');
  if (typeof epsilon !== 'number' || !(epsilon >= 0 && epsilon <= 1)) refuse('layer_norm_eps', 'a number from 0 to 1');
  const width = whole('hidden_size');
  const chunk = whole('lsh_attn_chunk_length');
  const longest = whole('max_position_embeddings');
  const buckets = value('num_buckets');
  const factors = Array.isArray(buckets) ? buckets.map((entry) => whole('num_buckets', entry)) : undefined;
  const slice = whole('chunk_size_feed_forward', undefined, 0);
  const model: ModelSettings = {
    vocabulary: whole('vocab_size'),
    width,
    heads: whole('num_attention_heads'),
    headSize: whole('attention_head_size'),
    feedForward: whole('feed_forward_size'),
    activation: activation as Activation,
    layers: layers as LayerKind[],
    positions: flag('axial_pos_embds')
      ? axialPositions(pair('axial_pos_shape'), pair('axial_pos_embds_dim'))
      : learnedPositions(longest, width),
    epsilon: epsilon as number,
    lsh: {
      ...presets.trax,
      rounds: whole('num_hashes'),
      factors: factors ?? (buckets === null ? bucketsOf(n, chunk, longest) : [whole('num_buckets')]),
      chunk,
      lookBack: whole('lsh_num_chunks_before', undefined, 0),
      lookAhead: whole('lsh_num_chunks_after', undefined, 0),
      causal: flag('is_decoder'),
    },
    local: {
      chunk: whole('local_attn_chunk_length'),
      lookBack: whole('local_num_chunks_before', undefined, 0),
      lookAhead: whole('local_num_chunks_after', undefined, 0),
    },
    fullWhenShort: true,
    residual: 'reversible',
    slices: slice === 0 ? 1 : Math.ceil(n / slice),
  };
  // Callers allocate memory by these sizes, so they are checked here.
  checkModel(model, { batch: 1, n });
  if (model.layers.includes('lsh')) checkSettings({ heads: model.heads, n, d: model.headSize }, model.lsh);
  return model;
}

/** The buckets that transformers chooses when the config has none: a power of two near 2n/m, in two factors when it is large. */
function bucketsOf(n: number, chunk: number, longest: number): number[] {
  const power = Math.max(1, Math.floor(Math.log2(Math.max(2, 2 * Math.floor(n / chunk)))));
  const most = 2 * Math.max(Math.floor(Math.sqrt(Math.floor(longest / chunk))), chunk);
  if (2 ** power <= most) return [2 ** power];
  const half = Math.floor(power / 2);
  return [2 ** half, 2 ** (power - half)];
}

/** Takes a model's parameters from a file's tensors. @throws InputError naming a tensor that is missing, unknown, or of the wrong shape. */
export function parametersOf(settings: ModelSettings, tensors: Map<string, Tensor>): Map<string, Float32Array> {
  const shapes = parameterShapes(settings);
  const parameters = new Map<string, Float32Array>();
  // transformers ties this tensor to lm_head.bias and saves one of the two, or both.
  const tied = 'lm_head.decoder.bias';
  for (const name of tensors.keys()) {
    if (!shapes.has(name) && name !== tied) throw new InputError(`The model has no tensor ${quote(name, 80)}.`);
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

function parse(text: string): Record<string, unknown> {
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === 'object' && config !== null && !Array.isArray(config))
      return config as Record<string, unknown>;
  } catch {}
  throw new InputError('config.json is not a JSON object.');
}

/** A value of a config.json for a sentence. Lists and objects are not written out, because they can be nested deeply. */
function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value, 80);
  if (typeof value !== 'object' || value === null) return value === undefined ? 'missing' : String(value);
  return Array.isArray(value) ? `a list of ${value.length}` : 'an object';
}
