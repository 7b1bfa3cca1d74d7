import { adamStep, defaultAdam, type Moments } from '../../src/algorithm/adam';
import { duplicationBatch, modelOf, type Task } from '../../src/algorithm/duplication-task';
import { rotations } from '../../src/algorithm/hash';
import { Reformer } from '../../src/algorithm/reformer';

/** Trains in float64 on the CPU and returns the loss and accuracy of each step. Updates `parameters` in place. */
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
    const input = { batch: task.batch, n: task.length, ids, rotations: directions };
    const { loss, gradients } = new Reformer(settings, parameters, input).gradients(targets, 'reversible');
    let square = 0;
    for (const gradient of gradients.values()) for (const g of gradient) square += g * g;
    for (const [name, weights] of parameters) {
      const state = { gradient: gradients.get(name) as Float64Array, moments: moments.get(name) as Moments };
      adamStep(weights, state.gradient, state.moments, adam, step + 1, Math.sqrt(square));
    }
    return loss;
  });
}
