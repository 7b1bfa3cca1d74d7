import { defaultAdam } from '../algorithm/adam';
import type { Batch } from '../algorithm/duplication-task';
import type { BatchShape, ModelSettings } from '../algorithm/model-settings';
import type { WorkOptions } from '../engine/engine';
import type { Context } from '../gpu/runtime/context';
import { Model } from '../model/model';
import { type Directions, uploadDirections } from '../model/next-token';
import { stepBlock, type Weights } from '../model/parameters';
import { type TextModelFile, textSettings } from './text-model';

/**
 * Batches [1, n] that score every token of a text but the first once: windows that overlap by half, of which only the new tokens have
 * targets. ids: the text; n: tokens of a window.
 */
export function* scoringWindows(ids: Int32Array, n: number): Generator<Batch> {
  for (let scored = 1; scored < ids.length; ) {
    const first = scored === 1 ? 0 : scored - Math.floor(n / 2);
    const end = Math.min(first + n, ids.length - 1);
    const window = new Int32Array(n);
    window.set(ids.subarray(first, first + n));
    const targets = new Int32Array(n).fill(-1);
    targets.set(ids.subarray(scored, end + 1), scored - 1 - first);
    yield { ids: window, targets };
    scored = end + 1;
  }
}

/** Sum of the losses in nats, and number of the targets, of batches [batch, n]. `rounds` 0 is full attention. Frees its memory. */
export function lossOf(
  context: Context,
  weights: Weights,
  { sizes, training }: TextModelFile,
  rounds: number,
  shape: BatchShape,
  batches: Iterable<Batch>,
): Promise<{ nats: number; targets: number }> {
  return lossWith(context, weights, textSettings(sizes, rounds), training.seed, shape, batches);
}

/** As `lossOf`, for any settings and directions. `onBatch` is called after each batch. @throws the signal's reason */
export async function lossWith(
  context: Context,
  weights: Weights,
  settings: ModelSettings,
  directions: Directions,
  { batch, n }: BatchShape,
  batches: Iterable<Batch>,
  { onBatch, ...options }: WorkOptions & { onBatch?: () => void } = {},
): Promise<{ nats: number; targets: number }> {
  const own = context.createSibling();
  try {
    const model = new Model(own, weights, settings, { batch, n }, 'nothing');
    const work = await own.prepare('loss', [...model.forward(), ...model.loss(false)]);
    let nats = 0;
    let targets = 0;
    uploadDirections(model, directions);
    own.write(model.step, 0, stepBlock(defaultAdam, 0));
    for (const { ids, targets: wanted, weights: shares } of batches) {
      const sum = wanted.reduce((sum, target, at) => sum + (target < 0 ? 0 : (shares?.[at] ?? 1)), 0);
      model.upload(ids, wanted, shares);
      await own.queue.run(work, { ...options, timed: false });
      const [mean] = await own.read(model.history, 0, 2);
      nats += mean * sum;
      targets += sum;
      onBatch?.();
    }
    return { nats, targets };
  } finally {
    own.free();
  }
}
