/** A published Reformer of Hugging Face transformers as a language model. */
import { rotations } from '../algorithm/hash';
import {
  hashes,
  learnedPositions,
  longest,
  type ModelSettings,
  names,
  paddedLength,
  shortestChunk,
} from '../algorithm/model-settings';
import { directionCount } from '../algorithm/settings';
import {
  endsOfConfig,
  fieldBeyondKernels,
  hashSeedOfConfig,
  modelOfConfig,
  parametersOf,
} from '../formats/hugging-face';
import type { Tensor } from '../formats/safetensors';
import { torchNormals } from '../formats/torch-random';
import { InputError } from '../shared/errors';
import type { Tokenizer } from '../text/tokenizer';
import type { LanguageModel, UseOptions } from './language-model';

/** What the files of a published model hold. */
export interface PublishedFiles {
  /** The text of config.json. */
  config: string;
  /** The text of generation_config.json, which decides in its place where a text ends. */
  generationConfig?: string | undefined;
  tensors: Map<string, Tensor>;
  tokenizer: Tokenizer;
}

/** A published model. @throws InputError naming a field, a tensor or a tokenizer that does not fit, or if the model is not causal. */
export function publishedModel({ config, generationConfig, tensors, tokenizer }: PublishedFiles): LanguageModel {
  const settings = modelOfConfig(config, 1);
  if (!settings.lsh.causal) {
    throw new InputError('In config.json, is_decoder is false; only a causal model reads a text from left to right.');
  }
  if (tokenizer.size > settings.vocabulary) {
    throw new InputError(
      `The tokenizer has ${tokenizer.size} pieces, but in config.json, vocab_size is ${settings.vocabulary}.`,
    );
  }
  const parameters = parametersOf(settings, tensors);
  return {
    tokenizer,
    ends:
      generationConfig === undefined ? endsOfConfig(config) : endsOfConfig(generationConfig, 'generation_config.json'),
    slides: false,
    ready(options) {
      const { rounds, hashSeed, start = 0, length } = options;
      const own = settingsOf(config, options);
      const beyond = fieldBeyondKernels(own, length);
      if (beyond !== undefined) throw new InputError(`${beyond}; "lab forward" computes such a model on the CPU.`);
      return {
        settings: {
          ...own,
          layers: rounds === 0 ? own.layers.map((kind) => (kind === 'lsh' ? 'full' : kind)) : own.layers,
        },
        values: valuesOf(parameters, settings, start, longest(own)),
        directions: directionsOf(config, own, length, hashSeed),
        length,
      };
    },
  };
}

/**
 * The settings for texts that grow from `first` to `length` tokens, with the positions of these tokens as one table. An automatic number of
 * buckets is that of the first length that is hashed, as in transformers.
 */
function settingsOf(config: string, { first, length, rounds, start = 0 }: UseOptions): ModelSettings {
  const whole = modelOfConfig(config, length);
  const padded = paddedLength(whole, length);
  if (start + padded > longest(whole)) {
    const pads = padded === length ? '' : `, with pads ${padded},`;
    throw new InputError(
      `start is ${start}, and ${length} tokens${pads} follow, but the model has only ${longest(whole)} positions.`,
    );
  }
  let hashed = first;
  while (hashed < length && !hashes(whole, hashed)) hashed++;
  const { lsh } = modelOfConfig(config, hashed);
  const rows = Math.max(padded, shortestChunk(whole));
  return {
    ...whole,
    positions: learnedPositions(rows, whole.width),
    lsh: { ...lsh, rounds: rounds || lsh.rounds },
    // Slices of one token or more, also for a first text that is shorter.
    slices: Math.min(whole.slices, first),
  };
}

/** The parameters, with the position vectors of `rows` tokens from `start` on as one table. */
function valuesOf(
  parameters: Map<string, Float32Array>,
  { positions, width }: ModelSettings,
  start: number,
  rows: number,
): Map<string, Float32Array> {
  const values = new Map(parameters);
  const table = new Float32Array(rows * width);
  let first = 0;
  for (const [k, { rows: height, width: columns, every }] of positions.entries()) {
    const name = names.positions(k, positions.length);
    const vectors = parameters.get(name) as Float32Array;
    for (let token = 0; token < rows; token++) {
      const row = Math.floor((start + token) / every) % height;
      table.set(vectors.subarray(row * columns, (row + 1) * columns), token * width + first);
    }
    values.delete(name);
    first += columns;
  }
  return values.set(names.positions(0, 1), table);
}

/** The directions of the seed or, without one, those that transformers draws from the config's hash_seed, or those of seed 0. */
function directionsOf(
  config: string,
  { heads, headSize, lsh }: ModelSettings,
  n: number,
  seed: number | undefined,
): ArrayLike<number> {
  const hashSeed = hashSeedOfConfig(config);
  return seed === undefined && hashSeed !== undefined
    ? torchNormals(hashSeed, heads * headSize * lsh.rounds * directionCount(lsh))
    : rotations({ heads, n, d: headSize }, lsh, seed ?? 0);
}
