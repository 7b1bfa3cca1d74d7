import { rotations } from '../algorithm/hash';
import { type ModelSettings, paddedLength, shortestChunk } from '../algorithm/model-settings';
import type { WorkOptions } from '../engine/engine';
import { shortSequence } from '../gpu/attention/kernel-choice';
import type { Context } from '../gpu/runtime/context';
import type { BoundDispatch } from '../gpu/runtime/queue';
import { InputError } from '../shared/errors';
import { Model } from './model';
import type { Weights } from './parameters';

/** Windows come in multiples of it, so that few models serve all lengths. */
export const windowStep = 64;

interface Window {
  model: Model;
  work: Promise<BoundDispatch[]>;
}

/** The directions of all LSH layers, [heads or 1, d, rounds, ΣB_f/2], or the seed that they are drawn from. */
export type Directions = number | ArrayLike<number>;

/** Uploads the directions, if the model hashes. */
export function uploadDirections(model: Model, directions: Directions): void {
  const { heads, headSize, lsh } = model.settings;
  if (!model.hashes) return;
  model.uploadRotations(
    typeof directions === 'number' ? rotations({ heads, n: model.shape.n, d: headSize }, lsh, directions) : directions,
  );
}

/**
 * Predicts the token after each of several texts. Each call computes the whole window: with LSH attention no cache would be exact, because a
 * new token may move earlier ones to other chunks. A text that is shorter than its window is padded on the right; the pads sort behind all
 * buckets, and by causality no token sees them.
 */
export class NextToken {
  private readonly windows = new Map<number, Window>();

  /**
   * `settings` must be causal. Takes its memory from siblings of `context`.
   * @throws InputError if the settings are not causal; Error for several texts of a model that pads as Hugging Face's, because its pads
   * change what the first chunk sees
   */
  constructor(
    readonly context: Context,
    readonly weights: Weights,
    readonly settings: ModelSettings,
    /** Texts that are continued side by side. */
    readonly sequences: number,
    /** Most tokens of a text that the model reads; of a longer one it reads the last. */
    readonly length: number,
    readonly directions: Directions,
  ) {
    if (!settings.lsh.causal) throw new InputError('Only a causal model can continue a text.');
    if (settings.padsToChunks && sequences > 1) throw new Error('a model that pads to chunks continues one text');
  }

  /**
   * Logits of the next token of each text, [V] each. @throws InputError for an empty text, or a token that is no symbol; the signal's reason
   */
  async logits(texts: readonly ArrayLike<number>[], options: WorkOptions = {}): Promise<Float32Array[]> {
    const { sequences, length, settings } = this;
    if (texts.length === 0 || texts.length > sequences) {
      throw new InputError(`${texts.length} texts are given; there must be 1 to ${sequences}.`);
    }
    if (texts.some((text) => text.length === 0)) throw new InputError('A text is empty; it needs at least one token.');
    const last = texts.map((text) => Array.prototype.slice.call(text, -length) as number[]);
    const longest = Math.max(...last.map((text) => text.length));
    const n = this.windowOf(longest);
    const { model, work } = this.window(n);
    const ids = new Int32Array(sequences * n);
    for (const [k, text] of last.entries()) ids.set(text, k * n);
    try {
      model.upload(ids);
      model.uploadLengths(Array.from({ length: sequences }, (_, k) => last[k]?.length ?? 1));
      await this.context.queue.run(await work, { ...options, timed: false });
      const all = (await this.context.read(model.logits)) as Float32Array;
      const { vocabulary } = settings;
      return last.map((_, k) => all.slice(k * vocabulary, (k + 1) * vocabulary));
    } finally {
      if (n > shortSequence) this.release(n);
    }
  }

  /**
   * Tokens of the window for a text. The kernels take pads up to 512 tokens; longer texts get a window of their own length. In the
   * convention of Hugging Face the first chunk sees the last one, so the window is the padded length and no longer.
   */
  private windowOf(tokens: number): number {
    const { settings, length } = this;
    const n = settings.padsToChunks
      ? Math.max(paddedLength(settings, tokens), shortestChunk(settings))
      : Math.min(length, windowStep * Math.ceil(tokens / windowStep));
    return n > shortSequence ? tokens : n;
  }

  /** Frees the memory. */
  free(): void {
    for (const n of [...this.windows.keys()]) this.release(n);
  }

  private release(n: number): void {
    this.windows.get(n)?.model.context.free();
    this.windows.delete(n);
  }

  private window(n: number): Window {
    let window = this.windows.get(n);
    if (!window) {
      const { context, weights, settings, sequences, directions } = this;
      // Every length has its own context, because buffers of one name have one size.
      const own = context.createSibling();
      const model = new Model(own, weights, settings, { batch: sequences, n }, 'next');
      uploadDirections(model, directions);
      window = { model, work: own.prepare('next token', model.forward()) };
      this.windows.set(n, window);
    }
    return window;
  }
}
