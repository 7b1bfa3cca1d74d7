/** Seeded vectors to attend with: twins, a sphere, and the vectors of the paper's duplication task (§5). */

import { random } from '../shared/random';
import type { AttentionInput } from './lsh';
import { dotOfRows, entryOf } from './rows';
import type { Shape } from './settings';

/** Vectors qk and v [heads, n, d], and names of the tokens for display. */
export interface Vectors extends Omit<AttentionInput, 'rotations' | 'buckets'> {
  qk: Float32Array;
  v: Float32Array;
  /** Name of token i; undefined when tokens have no names. */
  label?: (token: number) => string;
}

export interface VectorOptions {
  seed: number;
  /** Standard deviation of the noise on repeated vectors, in units of the standard deviation of a vector's entries. */
  noise: number;
  /** ‖q‖ of every token. A longer query attends more sharply, because a score is ‖q‖·cos. */
  length: number;
}

/** The second half repeats the first with noise, so each late token has one early twin. Directions of qk are uniform, v is normal. */
export function twins(shape: Shape, { seed, noise, length }: VectorOptions): Vectors {
  const half = Math.ceil(shape.n / 2);
  return build(shape, seed, length, (head) => {
    const first = random(seed, 2, head);
    const second = random(seed, 3, head);
    const original = Float64Array.from({ length: half * shape.d }, () => first.normal());
    return (i, k) => {
      const value = entryOf(original, (i % half) * shape.d + k);
      return i < half ? value : value + noise * second.normal();
    };
  });
}

/** Points uniform on a sphere of radius `length` in d dimensions. */
export function sphere(shape: Shape, { seed, length }: VectorOptions): Vectors {
  return build(shape, seed, length, (head) => {
    const draw = random(seed, 4, head);
    return () => draw.normal();
  });
}

/**
 * Vectors of the paper's duplication task (§5): 0 w 0 w, where w consists of random symbols 1 … V − 1. Equal symbols share one random
 * vector; each token adds its own noise.
 */
export function duplication(shape: Shape, options: VectorOptions & { symbols: number }): Vectors {
  const { seed, noise, length, symbols } = options;
  const ids = duplicationTokens(shape.n, symbols, seed);
  const vectors = build(shape, seed, length, (head) => {
    const draw = random(seed, 6, head);
    const table = Float64Array.from({ length: symbols * shape.d }, () => draw.normal());
    const jitter = random(seed, 7, head);
    return (i, k) => entryOf(table, entryOf(ids, i) * shape.d + k) + noise * jitter.normal();
  });
  return { ...vectors, label: (token) => `“${ids[token]}”` };
}

/** Token ids [n] of 0 w 0 w. For odd n the second word lacks its last symbol. */
export function duplicationTokens(n: number, symbols: number, seed: number): Int32Array {
  const half = Math.ceil(n / 2);
  const draw = random(seed, 5);
  const word = Int32Array.from({ length: half }, (_, i) => (i === 0 ? 0 : 1 + draw.integer(symbols - 1)));
  return Int32Array.from({ length: n }, (_, i) => entryOf(word, i % half));
}

function build(
  shape: Shape,
  seed: number,
  length: number,
  entriesOf: (head: number) => (token: number, k: number) => number,
): Vectors {
  const { heads, n, d } = shape;
  const qk = new Float32Array(heads * n * d);
  const v = new Float32Array(heads * n * d);
  for (let head = 0; head < heads; head++) {
    const entry = entriesOf(head);
    const values = random(seed, 8, head);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < d; k++) {
        const at = (head * n + i) * d + k;
        qk[at] = entry(i, k);
        v[at] = values.normal();
      }
    }
  }
  setLengths(qk, d, length);
  return { shape, qk, v };
}

function setLengths(vectors: Float32Array, d: number, length: number): void {
  for (let start = 0; start < vectors.length; start += d) {
    const vector = vectors.subarray(start, start + d);
    const square = dotOfRows(vector, 0, vector, 0, d);
    const factor = square === 0 ? 0 : length / Math.sqrt(square);
    vector.set(vector.map((value) => factor * value));
  }
}
