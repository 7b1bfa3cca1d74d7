import type { Shape } from '../algorithm/settings';
import type { WorkOptions } from '../engine/engine';
import type { Context } from '../gpu/runtime/context';
import type { BoundDispatch } from '../gpu/runtime/queue';
import { Model } from '../model/model';
import { windowStep } from '../model/next-token';
import type { Weights } from '../model/parameters';
import { type TextModelFile, textSettings } from './text-model';
import { checkLength, directionsOf, type LayerVectors, lshLayers, type Reading } from './text-reading';

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
