/** What can read and continue a text: a text model of this lab, or a published model. */
import type { ModelSettings } from '../algorithm/model-settings';
import type { Directions } from '../model/next-token';
import { InputError } from '../shared/errors';
import type { Tokenizer } from '../text/tokenizer';
import { type TextModelFile, textSettings } from './text-model';

/** How a model is used. */
export interface UseOptions {
  /** Tokens of the first text that the model reads. */
  first: number;
  /** Most tokens that it reads at once. */
  length: number;
  /** Hash rounds; 0 is full attention in the layers that hash. Default: those of the model. */
  rounds?: number | undefined;
  /** Seed of the directions. Default: that of the model. */
  hashSeed?: number | undefined;
  /** Position of the first token. Default: 0. */
  start?: number | undefined;
}

/** Settings, weights and directions of a model, for texts of at most `length` tokens. */
export interface ReadyModel {
  settings: ModelSettings;
  values: Map<string, Float32Array>;
  directions: Directions;
  /** Most tokens that the model reads at once. */
  length: number;
}

export interface LanguageModel {
  tokenizer: Tokenizer;
  /** Ids after which a text ends. */
  ends: readonly number[];
  /** True if the model reads the last tokens of a longer text; false if it refuses it. */
  slides: boolean;
  /** @throws InputError naming the option that does not fit the model. */
  ready(options: UseOptions): ReadyModel;
}

/** A text model of this lab. It reads the last tokens of a text that is longer than its window, and knows no end of a text. */
export function languageModelOf(file: TextModelFile): LanguageModel {
  const { sizes, tokenizer, training, values } = file;
  return {
    tokenizer,
    ends: [],
    slides: true,
    ready({ rounds, hashSeed, start = 0 }) {
      if (start > 0) {
        throw new InputError(`start is ${start}, but a text model of this lab begins at position 0; leave it out.`);
      }
      const settings = textSettings(sizes, rounds);
      return { settings, values, directions: hashSeed ?? training.seed, length: sizes.length };
    },
  };
}
