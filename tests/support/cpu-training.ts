import { adamStep, defaultAdam } from '../../src/algorithm/adam';
import { duplicationBatch, modelOf, type Task } from '../../src/algorithm/duplication-task';
import { rotations } from '../../src/algorithm/hash';
import { Reformer } from '../../src/algorithm/reformer';

/** Loss and accuracy of each of the first steps of training, by the core in float64; `parameters` become those after the last. */
export function trainOnCpu(task: Task, parameters: Map<string, Float64Array>, steps: number) {
  const settings = modelOf(task);
  const moments = new Map(
    [...parameters].map(([name, { length }]) => [
      name,
      { first: new Float64Array(length), second: new Float64Array(length) },
    ]),
  );
  const adam = { ...defaultAdam, rate: task.rate };
  return Array.from({ length: steps }, (_, step) => {
    const { ids, targets } = duplicationBatch(task.batch, task.length, task.symbols, task.seed, 30, step);
    const shape = { heads: task.heads, n: task.length, d: task.width / task.heads };
    const directions = rotations(shape, settings.lsh, task.seed * 2 ** 20 + step);
    const given = { batch: task.batch, n: task.length, ids, rotations: directions };
    const { loss, gradients } = new Reformer(settings, parameters, given).gradients(targets, 'reversible');
    let square = 0;
    for (const gradient of gradients.values()) for (const g of gradient) square += g * g;
    for (const [name, weights] of parameters) {
      const of = { gradient: gradients.get(name) as Float64Array, moments: moments.get(name) };
      adamStep(weights, of.gradient, of.moments as NonNullable<typeof of.moments>, adam, step + 1, Math.sqrt(square));
    }
    return loss;
  });
}
