import { duplicationBatch } from '../algorithm/duplication-task';
import { rotations } from '../algorithm/hash';
import type { Dispatch } from '../gpu/runtime/context';
import { Model } from '../model/model';
import type { Trainer } from './trainer';

/** How far one layer's streams come back from what they were. */
export interface LayerDrift {
  /** ‖x̂ − x‖ / ‖x‖ of x1 and x2 below the layer. */
  x1: number;
  x2: number;
  /** Share of hashes that come out otherwise when the layer hashes what came back, instead of keeping its buckets. */
  flipped: number;
}

/**
 * Runs a trainer's model forwards, keeping a copy of every layer's streams, and backwards by reversible layers, and compares. Kept buckets
 * are used throughout; what hashing anew would have given is only counted. In memory of its own, given back.
 */
export async function measureDrift(trainer: Trainer): Promise<LayerDrift[]> {
  const { weights, settings, task } = trainer;
  // There may have been no memory for them.
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
      const kept = await model.bucketsOf(layer);
      await run('back', model.layerInverse(layer));
      const [x1, x2] = await streams();
      // The layer's queries have been computed again from x̂2: hash them too, and put the buckets back.
      const again = kept && (await model.hashAgain(layer, (dispatches) => run('hash again', dispatches)));
      const flips = kept && again ? kept.reduce((count, bucket, k) => count + (bucket === again[k] ? 0 : 1), 0) : 0;
      drifts.unshift({
        x1: away(x1, before[layer][0]),
        x2: away(x2, before[layer][1]),
        flipped: kept ? flips / kept.length : 0,
      });
    }
    return drifts;
  } finally {
    context.free();
  }
}

function away(now: ArrayLike<number>, then: ArrayLike<number>): number {
  let difference = 0;
  let size = 0;
  for (let k = 0; k < now.length; k++) {
    difference += (now[k] - then[k]) ** 2;
    size += then[k] ** 2;
  }
  return Math.sqrt(difference / size);
}
