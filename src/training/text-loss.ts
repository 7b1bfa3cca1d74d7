import { defaultAdam } from '../algorithm/adam';
import type { Batch } from '../algorithm/duplication-task';
import type { BatchShape } from '../algorithm/model-settings';
import type { Context } from '../gpu/runtime/context';
import { Model } from '../model/model';
import type { Weights } from '../model/parameters';
import { uploadBatch } from './evaluate';
import { type TextModelFile, textSettings } from './text-model';

/** Share of a window that a text's tokens have before them at least, if the text is longer. */
const overlap = 0.5;

/**
 * Batches [1, n] that score every token of a text but the first once: windows that overlap by half, of which only the new tokens have
 * targets. ids: the text; n: tokens of a window.
 */
export function* scoringWindows(ids: Int32Array, n: number): Generator<Batch & { count: number }> {
  for (let scored = 1; scored < ids.length; ) {
    const first = scored === 1 ? 0 : Math.min(scored - 1 - Math.floor(overlap * n) + 1, Math.max(0, ids.length - 1));
    const begin = Math.max(0, first);
    const window = ids.subarray(begin, begin + n);
    const targets = new Int32Array(n).fill(-1);
    let count = 0;
    for (let i = 0; i < window.length && begin + i + 1 < ids.length; i++) {
      if (begin + i + 1 < scored) continue;
      targets[i] = ids[begin + i + 1];
      count++;
    }
    const padded = new Int32Array(n);
    padded.set(window);
    yield { ids: padded, targets, count };
    scored += count;
  }
}

/** Sum of the losses in nats, and number of the targets, of batches [batch, n]. `rounds` 0 is full attention. Frees its memory. */
export async function lossOf(
  context: Context,
  weights: Weights,
  { sizes, training }: TextModelFile,
  rounds: number,
  { batch, n }: BatchShape,
  batches: Iterable<Batch>,
): Promise<{ nats: number; targets: number }> {
  const own = context.createSibling();
  try {
    const model = new Model(own, weights, textSettings(sizes, rounds), { batch, n }, 'nothing');
    const work = await own.prepare('loss', [...model.forward(), ...model.loss(false)]);
    let nats = 0;
    let targets = 0;
    for (const one of batches) {
      const sum = one.targets.reduce((sum, target, at) => sum + (target < 0 ? 0 : (one.weights?.[at] ?? 1)), 0);
      uploadBatch(model, one, { seed: training.seed, adam: defaultAdam, step: 0 });
      await own.queue.run(work, { timed: false });
      const [mean] = await own.read(model.history, 0, 2);
      nats += mean * sum;
      targets += sum;
    }
    return { nats, targets };
  } finally {
    own.free();
  }
}
