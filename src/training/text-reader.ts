import type { Numbers } from '../algorithm/hash';
import { rotations } from '../algorithm/hash';
import { type ModelSettings, parameterShapes } from '../algorithm/model-settings';
import { Reformer } from '../algorithm/reformer';
import type { Shape } from '../algorithm/settings';
import type { WorkOptions } from '../engine/engine';
import type { Context } from '../gpu/runtime/context';
import type { BoundDispatch } from '../gpu/runtime/queue';
import { Model } from '../model/model';
import { windowStep } from '../model/next-token';
import type { Weights } from '../model/parameters';
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

/** Reads texts with a text model on the GPU: the distribution after each token, and the vectors of each LSH layer. */
export class TextReader {
  private readonly windows = new Map<number, { model: Model; work: Promise<BoundDispatch[]> }>();

  /** Takes its memory from siblings of `context`. */
  constructor(
    private readonly context: Context,
    private readonly weights: Weights,
    private readonly file: TextModelFile,
  ) {}

  /** @throws InputError for an empty text or one that is longer than the model's window; the signal's reason */
  async read(ids: ArrayLike<number>, options: WorkOptions = {}): Promise<Reading> {
    const { sizes } = this.file;
    const length = ids.length;
    checkLength(length, sizes.length);
    const { model, work } = this.window(Math.min(sizes.length, windowStep * Math.ceil(length / windowStep)));
    const { n } = model.shape;
    const padded = new Int32Array(n);
    padded.set(Array.from(ids));
    model.upload(padded);
    model.uploadLengths([length]);
    const { context, settings } = model;
    await context.queue.run(await work, { ...options, timed: false });
    const { heads, headSize: d, vocabulary } = settings;
    const layers = new Map<number, LayerVectors>();
    for (const index of lshLayers(settings)) {
      const shape = { heads, n: length, d };
      const tensors = await Promise.all(model.vectorsOf(index).map((tensor) => context.read(tensor)));
      const [qk, v] = tensors.map((numbers) => withoutGaps(numbers, n, shape));
      layers.set(index, { shape, qk, v });
    }
    const logits = (await context.read(model.logits, 0, length * vocabulary)) as Float32Array;
    return { logits, layers };
  }

  /** Frees the memory, but not the weights. */
  free(): void {
    for (const { model } of this.windows.values()) model.context.free();
    this.windows.clear();
  }

  private window(n: number) {
    let window = this.windows.get(n);
    if (!window) {
      const { file, weights } = this;
      const settings = textSettings(file.sizes);
      const own = this.context.createSibling();
      const model = new Model(own, weights, settings, { batch: 1, n }, 'read');
      model.uploadRotations(directionsOf(file, n));
      window = { model, work: own.prepare('read', model.forward()) };
      this.windows.set(n, window);
    }
    return window;
  }
}

/** The first rows [heads, shape.n, d] of numbers [heads, n, pitch]. */
function withoutGaps(numbers: ArrayLike<number>, n: number, { heads, n: length, d }: Shape): Float32Array {
  const pitch = numbers.length / (heads * n);
  return Float32Array.from({ length: heads * length * d }, (_, at) => {
    const row = Math.floor(at / d);
    return numbers[(Math.floor(row / length) * n + (row % length)) * pitch + (at % d)];
  });
}

/** The directions of all LSH layers of a text model, [heads, d, rounds, B/2]. */
export function directionsOf({ sizes, training }: TextModelFile, n: number, rounds = sizes.rounds): Float32Array {
  const { heads, headSize, lsh } = textSettings(sizes, rounds);
  return rotations({ heads, n, d: headSize }, lsh, training.seed);
}

/** The same in float64, without a GPU. @throws InputError as `TextReader.read` */
export function readText(file: TextModelFile, ids: ArrayLike<number>): Reading {
  const n = ids.length;
  checkLength(n, file.sizes.length);
  const settings = textSettings(file.sizes);
  const parameters = new Map(
    [...parameterShapes(settings).keys()].map((name) => [name, Float64Array.from(file.values.get(name) ?? [])]),
  );
  const model = new Reformer(settings, parameters, { batch: 1, n, ids, rotations: directionsOf(file, n) as Numbers });
  const { logits, inputs } = model.forward();
  const { heads, headSize: d } = settings;
  const layers = new Map(
    lshLayers(settings).map((index): [number, LayerVectors] => {
      const [qk, v] = model.vectorsOf(index, inputs[index].x2).map((numbers) => Float32Array.from(numbers));
      return [index, { shape: { heads, n, d }, qk, v }];
    }),
  );
  return { logits: Float32Array.from(logits), layers };
}
