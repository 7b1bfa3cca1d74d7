/** The paper's duplication task (§5): a model learns to predict the second word of 0 w 0 w. Also the small models that learn it here. */
import { InputError } from '../shared/errors';
import { random } from '../shared/random';
import { type LayerKind, learnedPositions, type ModelSettings } from './model-settings';
import { factorize, limits, presets } from './settings';

/** Sizes of the task and of the model, and how it is trained. */
export interface Task {
  /** Tokens of a sequence, n. */
  length: number;
  /** Symbols, V: the separator 0 and V − 1 symbols of words. */
  symbols: number;
  width: number;
  heads: number;
  layers: number;
  /** Hash rounds in training; 0 selects full attention. */
  rounds: number;
  /** Sequences in each step. */
  batch: number;
  /** Learning rate of Adam. */
  rate: number;
  /** Steps over which the rate grows linearly from 0 to `rate`. */
  warmUp: number;
  residual: ModelSettings['residual'];
  seed: number;
}

export const defaultTask: Task = {
  length: 64,
  symbols: 32,
  width: 64,
  heads: 4,
  layers: 1,
  rounds: 4,
  batch: 32,
  rate: 3e-3,
  warmUp: 200,
  residual: 'reversible',
  seed: 1,
};

/** @throws InputError naming the first value out of range. */
export function checkTask({ length, symbols, width, heads, layers, rounds, batch, rate, warmUp, seed }: Task): void {
  const whole = (name: string, value: number, low: number, high: number) => {
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new InputError(`${name} is ${value}; it must be a whole number from ${low} to ${high}.`);
    }
  };
  whole('length', length, 8, 2 ** 16);
  if (length % 2) throw new InputError(`length is ${length}; it must be even, for two words of equal length.`);
  whole('symbols', symbols, 3, 2 ** 16);
  whole('width', width, 4, 4096);
  whole('heads', heads, 1, limits.heads);
  if (width % heads || width / heads < 2 || width / heads > limits.d) {
    throw new InputError(
      `width is ${width}; it must give each of ${heads} heads the same number of features, 2 to ${limits.d}.`,
    );
  }
  whole('layers', layers, 1, 64);
  whole('train rounds', rounds, 0, limits.rounds);
  whole('batch', batch, 1, 4096);
  whole('warm-up', warmUp, 0, 1e6);
  whole('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  if (!(rate > 0 && rate <= 1)) throw new InputError(`rate is ${rate}; it must be above 0 and at most 1.`);
}

/** The model of a task: eight chunks, twice as many buckets, learned positions, the paper's convention. */
export function modelOf({ length, symbols, width, heads, layers, rounds, residual }: Task): ModelSettings {
  const chunk = Math.min(limits.chunk, Math.max(4, Math.round(length / 8)));
  const kind: LayerKind = rounds === 0 ? 'full' : 'lsh';
  return {
    vocabulary: symbols,
    width,
    heads,
    headSize: width / heads,
    feedForward: width,
    activation: 'relu',
    layers: new Array<LayerKind>(layers).fill(kind),
    positions: learnedPositions(length, width),
    epsilon: 1e-6,
    lsh: {
      ...presets.paper,
      rounds: Math.max(1, rounds),
      factors: factorize(2 * Math.ceil(length / chunk)),
      chunk,
      lookBack: 1,
      lookAhead: 0,
      causal: true,
    },
    local: { chunk, lookBack: 1, lookAhead: 0 },
    fullWhenShort: false,
    residual,
    slices: 1,
  };
}

/** ids [batch, n], and the symbol to predict after each token, [batch, n]; −1 where none is predicted. */
export interface Batch {
  ids: Int32Array;
  targets: Int32Array;
  /** Weight of each target in the mean loss, [batch, n]. Default: all weigh the same. */
  weights?: Float32Array;
}

/**
 * Each half of a sequence is 0 and the same word of random symbols 1 … V − 1. Targets are the symbols of the second word, each at the
 * token before it. `keys` seed the random numbers.
 */
export function duplicationBatch(batch: number, n: number, symbols: number, ...keys: number[]): Batch {
  const half = Math.floor(n / 2);
  const ids = new Int32Array(batch * n);
  const targets = new Int32Array(batch * n).fill(-1);
  const draw = random(...keys);
  for (let b = 0; b < batch; b++) {
    for (let i = 1; i < half; i++) {
      const symbol = 1 + draw.integer(symbols - 1);
      ids[b * n + i] = symbol;
      ids[b * n + half + i] = symbol;
      targets[b * n + half + i - 1] = symbol;
    }
  }
  return { ids, targets };
}

/** Targets of language modelling: each token's successor, −1 for the last of a sequence. ids [batch, n]. */
export function nextTokens(ids: ArrayLike<number>, n: number): Int32Array {
  return Int32Array.from({ length: ids.length }, (_, at) => (at % n === n - 1 ? -1 : (ids[at + 1] ?? -1)));
}
