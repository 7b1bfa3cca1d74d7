import { type AdamSettings, defaultAdam } from '../algorithm/adam';
import { type Batch, duplicationBatch, modelOf, type Task } from '../algorithm/duplication-task';
import { rotations } from '../algorithm/hash';
import type { ModelSettings } from '../algorithm/model-settings';
import type { WorkOptions } from '../engine/engine';
import { historySteps, Model } from '../model/model';
import { stepBlock, type Weights } from '../model/parameters';

/** Loss in nats and share of symbols said right, of how many. */
export interface Score {
  loss: number;
  accuracy: number;
  symbols: number;
}

/** A stream of random numbers beside those of training; see `random`. */
const evaluationBatches = 31;
const evaluationStep = 2 ** 20 - 1;

/** The seed of a step's directions: every step hashes anew. */
export const directionSeed = (seed: number, step: number): number => (seed * 2 ** 20 + step) % 2 ** 50;

/**
 * How a task's weights do on sequences that no step has trained on, with a number of rounds of their own; 0 is full attention. In memory
 * of its own, which is given back. @throws the signal's reason; InputError if memory ran out.
 */
export async function evaluate(
  weights: Weights,
  task: Task,
  rounds: number,
  sequences: number,
  options: WorkOptions = {},
): Promise<Score> {
  // There may have been no memory for them.
  await weights.context.ledger.check();
  const context = weights.context.createSibling();
  try {
    const asked = { ...task, rounds, batch: Math.min(task.batch, sequences) };
    const model = new Model(context, weights, modelOf(asked), { batch: asked.batch, n: task.length }, 'nothing');
    const work = await context.prepare('evaluation', [...model.forward(), ...model.loss(false)]);
    const count = Math.ceil(sequences / asked.batch);
    for (let k = 0; k < count; k++) {
      const { batch, length, symbols, seed } = asked;
      uploadBatch(model, duplicationBatch(batch, length, symbols, seed, evaluationBatches, k), {
        seed: directionSeed(seed, evaluationStep - k),
        adam: defaultAdam,
        step: k,
      });
      await context.queue.run(work, { ...options, timed: false });
    }
    const numbers = await context.read(model.history);
    const scores = Array.from({ length: count }, (_, k) => scoreAt(numbers, k, asked));
    const mean = (of: (score: Score) => number) => scores.reduce((sum, score) => sum + of(score), 0) / count;
    return {
      loss: mean(({ loss }) => loss),
      accuracy: mean(({ accuracy }) => accuracy),
      symbols: count * scores[0].symbols,
    };
  } finally {
    context.free();
  }
}

/** All that a model is told before a step. */
export function uploadBatch(
  model: Model,
  { ids, targets }: Batch,
  { seed, adam, step }: { seed: number; adam: AdamSettings; step: number },
): void {
  const { heads, headSize, lsh }: ModelSettings = model.settings;
  const asked = targets.reduce((count, target) => count + (target >= 0 ? 1 : 0), 0);
  model.upload(ids, targets);
  if (model.hashes) model.uploadRotations(rotations({ heads, n: model.shape.n, d: headSize }, lsh, seed));
  model.context.write(model.step, 0, stepBlock(adam, step, asked));
}

/** A step's score in a model's history. Accuracy is a share of whole symbols, which float32 sums miss by a little. */
export function scoreAt(history: ArrayLike<number>, step: number, { batch, length }: Task): Score {
  const at = 2 * (step % historySteps);
  const symbols = batch * (Math.floor(length / 2) - 1);
  return { loss: history[at], accuracy: Math.round(history[at + 1] * symbols) / symbols, symbols };
}
