import { rotations } from '../algorithm/hash';
import type { ModelSettings } from '../algorithm/model-settings';
import type { WorkOptions } from '../engine/engine';
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

/**
 * Predicts the token after each of several texts. Each call computes the whole window: with LSH attention no cache would be exact, because a
 * new token may move earlier ones to other chunks. A text that is shorter than its window is padded on the right; the pads sort behind all
 * buckets, and by causality no token sees them.
 */
export class NextToken {
  private readonly windows = new Map<number, Window>();

  /**
   * `settings` must be causal. Takes its memory from siblings of `context`.
   * @throws InputError if the settings are not causal
   */
  constructor(
    readonly context: Context,
    readonly weights: Weights,
    readonly settings: ModelSettings,
    /** Texts that are continued side by side. */
    readonly sequences: number,
    /** Most tokens of a text that the model reads; of a longer one it reads the last. */
    readonly length: number,
    /** Seed of the directions of all LSH layers. */
    readonly seed: number,
  ) {
    if (!settings.lsh.causal) throw new InputError('only a causal model can continue a text.');
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
    const n = Math.min(length, windowStep * Math.ceil(longest / windowStep));
    const { model, work } = this.window(n);
    const ids = new Int32Array(sequences * n);
    for (const [k, text] of last.entries()) ids.set(text, k * n);
    model.upload(ids);
    model.uploadLengths(Array.from({ length: sequences }, (_, k) => last[k]?.length ?? 1));
    await this.context.queue.run(await work, { ...options, timed: false });
    const all = (await this.context.read(model.logits)) as Float32Array;
    const { vocabulary } = settings;
    return last.map((_, k) => all.slice(k * vocabulary, (k + 1) * vocabulary));
  }

  /** Frees the memory. */
  free(): void {
    for (const { model } of this.windows.values()) model.context.free();
    this.windows.clear();
  }

  private window(n: number): Window {
    let window = this.windows.get(n);
    if (!window) {
      const { context, weights, settings, sequences, seed } = this;
      // Every length has its own context, because buffers of one name have one size.
      const own = context.createSibling();
      const model = new Model(own, weights, settings, { batch: sequences, n }, 'next');
      const { heads, headSize, lsh } = settings;
      if (model.hashes) model.uploadRotations(rotations({ heads, n, d: headSize }, lsh, seed));
      window = { model, work: own.prepare('next token', model.forward()) };
      this.windows.set(n, window);
    }
    return window;
  }
}
