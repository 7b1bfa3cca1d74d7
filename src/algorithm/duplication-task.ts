/** The paper's duplication task (§5): 0 w 0 w, where w must be said again; and the small models that learn it here. */
import { InputError } from '../shared/errors';
import { random } from '../shared/random';
import { type LayerKind, learnedPositions, type ModelSettings } from './model-settings';
import { factorize, limits, presets } from './settings';

/** What is trained, and on what. */
export interface Task {
  /** Tokens of a sequence, n. */
  length: number;
  /** Symbols, V: 0 and those of words. */
  symbols: number;
  width: number;
  heads: number;
  layers: number;
  /** Rounds trained with; `full` attention instead of LSH where it is 0. */
  rounds: number;
  /** Sequences in a step. */
  batch: number;
  /** Learning rate of Adam. */
  rate: number;
  /** Steps over which the rate grows to that. */
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

/** @throws InputError naming the first value that cannot be trained with. */
export function checkTask({ length, symbols, width, heads, layers, rounds, batch, rate, warmUp, seed }: Task): void {
  const whole = (name: string, value: number, low: number, high: number) => {
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new InputError(`${name} is ${value}; it must be a whole number from ${low} to ${high}.`);
    }
  };
  whole('length', length, 8, 2 ** 16);
  if (length % 2) throw new InputError(`length is ${length}; 0 w 0 w needs an even number.`);
  whole('symbols', symbols, 3, 2 ** 16);
  whole('width', width, 4, 4096);
  whole('heads', heads, 1, limits.heads);
  if (width % heads || width / heads < 2 || width / heads > limits.d) {
    throw new InputError(`width ${width} cannot be shared by ${heads} heads of 2 to ${limits.d} features.`);
  }
  whole('layers', layers, 1, 64);
  whole('train rounds', rounds, 0, limits.rounds);
  whole('batch', batch, 1, 4096);
  whole('warm-up', warmUp, 0, 1e6);
  whole('seed', seed, 0, Number.MAX_SAFE_INTEGER);
  if (!(rate > 0 && rate <= 1)) throw new InputError(`rate is ${rate}; it must lie above 0 and not above 1.`);
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

/** Sequences [batch, n] and what is to follow each token, [batch, n], −1 where nothing is asked. */
export interface Batch {
  ids: Int32Array;
  targets: Int32Array;
}

/** Half a sequence is 0 and a word of random symbols 1 … V − 1. Asked for is the second word, each symbol from what stands before it. */
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

/** Each token asks for the next one; the last one for none. ids [batch, n]. */
export function nextTokens(ids: ArrayLike<number>, n: number): Int32Array {
  return Int32Array.from({ length: ids.length }, (_, at) => (at % n === n - 1 ? -1 : ids[at + 1]));
}
