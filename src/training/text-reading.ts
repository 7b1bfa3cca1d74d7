/** What a language model makes of a text, in float64 without a GPU. */
import { rotations } from '../algorithm/hash';
import { type ModelSettings, parameterShapes } from '../algorithm/model-settings';
import { Reformer } from '../algorithm/reformer';
import type { Shape } from '../algorithm/settings';
import { InputError } from '../shared/errors';
import { type TextModelFile, textSettings } from './text-model';

/** The vectors that one LSH layer reads, qk and v [heads, n, d] each. */
export interface LayerVectors {
  shape: Shape;
  qk: Float32Array;
  v: Float32Array;
}

/** What a model makes of a text. */
export interface Reading {
  /** Logits of the token after each token, [n, V]. */
  logits: Float32Array;
  /** The vectors of each layer that hashes, by its index. */
  layers: ReadonlyMap<number, LayerVectors>;
}

/** Indices of the layers that hash. */
export const lshLayers = ({ layers }: ModelSettings): number[] =>
  layers.flatMap((kind, index) => (kind === 'lsh' ? [index] : []));

/** @throws InputError if a text has no token, or more than the model reads. */
export function checkLength(tokens: number, most: number): void {
  if (tokens === 0) throw new InputError('The text is empty; it needs at least one character.');
  if (tokens > most) throw new InputError(`The text has ${tokens} tokens; this model reads at most ${most}.`);
}

/** The directions of all LSH layers of a text model, [heads, d, rounds, B/2]. */
export function directionsOf({ sizes, training }: TextModelFile, n: number, rounds = sizes.rounds): Float32Array {
  const { heads, headSize, lsh } = textSettings(sizes, rounds);
  return rotations({ heads, n, d: headSize }, lsh, training.seed);
}

/** The plain engine on a text, in float64. */
function plainModel(file: TextModelFile, ids: ArrayLike<number>, rounds: number): Reformer {
  const n = ids.length;
  const settings = textSettings(file.sizes, rounds);
  const parameters = new Map(
    [...parameterShapes(settings).keys()].map((name) => [name, Float64Array.from(file.values.get(name) ?? [])]),
  );
  return new Reformer(settings, parameters, { batch: 1, n, ids, rotations: directionsOf(file, n, rounds) });
}

/** The same as a `TextReader` reads, without a GPU. @throws InputError as `TextReader.read` */
export function readText(file: TextModelFile, ids: ArrayLike<number>): Reading {
  checkLength(ids.length, file.sizes.length);
  const model = plainModel(file, ids, file.sizes.rounds);
  const { logits, inputs } = model.forward();
  const { heads, headSize: d } = model.settings;
  const layers = new Map(
    lshLayers(model.settings).map((index): [number, LayerVectors] => {
      const [qk, v] = model.vectorsOf(index, inputs[index].x2).map((numbers) => Float32Array.from(numbers));
      return [index, { shape: { heads, n: ids.length, d }, qk, v }];
    }),
  );
  return { logits: Float32Array.from(logits), layers };
}

/** Logits of the token after a text, [V], without a GPU. Of a longer text the last tokens are read. `rounds` 0 is full attention. */
export function nextLogits(file: TextModelFile, ids: ArrayLike<number>, rounds: number): Float32Array {
  const last = Array.prototype.slice.call(ids, -file.sizes.length) as number[];
  checkLength(last.length, file.sizes.length);
  const { logits } = plainModel(file, last, rounds).forward();
  return Float32Array.from(logits.subarray(logits.length - file.sizes.vocabulary));
}
