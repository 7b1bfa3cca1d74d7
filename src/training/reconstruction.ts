import { duplicationBatch } from '../algorithm/duplication-task';
import { rotations } from '../algorithm/hash';
import type { Dispatch } from '../gpu/runtime/context';
import { Model } from '../model/model';
import type { Trainer } from './trainer';

/** The error of the streams that one layer reconstructs. */
export interface LayerDrift {
  /** ‖x̂ − x‖ / ‖x‖ of x1 below the layer. */
  x1: number;
  /** The same of x2. */
  x2: number;
  /** Share of buckets that change if the layer hashes the reconstructed streams instead of keeping its buckets. */
  flipped: number;
}

/**
 * Runs a trainer's model forward, with a copy of the streams below every layer, runs its reversible layers back, and compares. The
 * reconstruction uses the kept buckets; buckets that new hashing would change are only counted. Takes its own memory and frees it.
 */
export async function measureDrift(trainer: Trainer): Promise<LayerDrift[]> {
  const { weights, settings, task } = trainer;
  // Throws if the device had no memory for the weights.
  await weights.context.ledger.check();
  const context = weights.context.createSibling();
  try {
    const model = new Model(context, weights, settings, { batch: task.batch, n: task.length }, 'reversible');
    const { ids } = duplicationBatch(task.batch, task.length, task.symbols, task.seed, 32);
    model.upload(ids);
    const { heads, headSize, lsh } = settings;
    if (model.hashes) model.uploadRotations(rotations({ heads, n: task.length, d: headSize }, lsh, task.seed));
    const run = async (name: string, dispatches: Dispatch[]) =>
      context.queue.run(await context.prepare(name, dispatches), { timed: false });
    const streams = () => Promise.all(model.streams.map((stream) => context.read(stream)));
    await run('embed', model.embed());
    const before = [];
    for (let layer = 0; layer < settings.layers.length; layer++) {
      before.push(await streams());
      await run('layer', model.layerForward(layer));
    }
    const drifts: LayerDrift[] = [];
    for (let layer = settings.layers.length - 1; layer >= 0; layer--) {
      const keptBuckets = await model.bucketsOf(layer);
      await run('back', model.layerInverse(layer));
      const [x1, x2] = await streams();
      // The layer computed its queries again, from x̂2. Hash them, to count the buckets that differ from the kept ones.
      const newBuckets = keptBuckets && (await model.hashAgain(layer, (dispatches) => run('hash again', dispatches)));
      const flips =
        keptBuckets && newBuckets
          ? keptBuckets.reduce((count, bucket, k) => count + (bucket === newBuckets[k] ? 0 : 1), 0)
          : 0;
      drifts.unshift({
        x1: relativeDistance(x1, before[layer][0]),
        x2: relativeDistance(x2, before[layer][1]),
        flipped: keptBuckets ? flips / keptBuckets.length : 0,
      });
    }
    return drifts;
  } finally {
    context.free();
  }
}

/** ‖x̂ − x‖ / ‖x‖ */
function relativeDistance(reconstruction: ArrayLike<number>, original: ArrayLike<number>): number {
  let difference = 0;
  let size = 0;
  for (let k = 0; k < reconstruction.length; k++) {
    difference += (reconstruction[k] - original[k]) ** 2;
    size += original[k] ** 2;
  }
  return Math.sqrt(difference / size);
}
