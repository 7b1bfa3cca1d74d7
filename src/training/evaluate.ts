import { type AdamSettings, defaultAdam } from '../algorithm/adam';
import { type Batch, duplicationBatch, modelOf, type Task } from '../algorithm/duplication-task';
import { rotations } from '../algorithm/hash';
import type { ModelSettings } from '../algorithm/model-settings';
import type { WorkOptions } from '../engine/engine';
import { historySteps, Model } from '../model/model';
import { stepBlock, type Weights } from '../model/parameters';

/** Loss in nats, and share of correct predictions among `symbols` symbols. */
export interface Score {
  loss: number;
  accuracy: number;
  symbols: number;
}

/** Stream of random numbers for evaluation, apart from that of training; see `random`. */
const evaluationBatches = 31;
const evaluationStep = 2 ** 20 - 1;

/** Seed of the directions of a step. Every step hashes with new directions. */
export const directionSeed = (seed: number, step: number): number => (seed * 2 ** 20 + step) % 2 ** 50;

/**
 * Evaluates weights of a task on `sequences` new sequences (rounded up to whole batches) with `rounds` hash rounds; 0 is full attention.
 * Takes its own memory and frees it. @throws the signal's reason; InputError if memory ran out
 */
export async function evaluate(
  weights: Weights,
  task: Task,
  rounds: number,
  sequences: number,
  options: WorkOptions = {},
): Promise<Score> {
  // Throws if the device had no memory for the weights.
  await weights.context.ledger.check();
  const context = weights.context.createSibling();
  try {
    const evaluation = { ...task, rounds, batch: Math.min(task.batch, sequences) };
    const model = new Model(
      context,
      weights,
      modelOf(evaluation),
      { batch: evaluation.batch, n: task.length },
      'nothing',
    );
    const work = await context.prepare('evaluation', [...model.forward(), ...model.loss(false)]);
    const count = Math.ceil(sequences / evaluation.batch);
    for (let k = 0; k < count; k++) {
      const { batch, length, symbols, seed } = evaluation;
      uploadBatch(model, duplicationBatch(batch, length, symbols, seed, evaluationBatches, k), {
        seed: directionSeed(seed, evaluationStep - k),
        adam: defaultAdam,
        step: k,
      });
      await context.queue.run(work, { ...options, timed: false });
    }
    const numbers = await context.read(model.history);
    const scores = Array.from({ length: count }, (_, k) => {
      const at = 2 * (k % historySteps);
      return scoreOf([numbers[at], numbers[at + 1]], evaluation);
    });
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

/** What a step of a model needs beside its batch. */
interface StepInput {
  /** Seed of the directions. */
  seed: number;
  adam: AdamSettings;
  step: number;
}

/** Uploads the inputs of one step of a model: ids and targets, directions, and the block of the step. */
export function uploadBatch(model: Model, { ids, targets, weights }: Batch, input: StepInput): void {
  model.upload(ids, targets, weights);
  uploadStep(model, input);
}

/** Uploads directions and the block of a step. Several batches may share them. */
export function uploadStep(model: Model, { seed, adam, step }: StepInput): void {
  const { heads, headSize, lsh }: ModelSettings = model.settings;
  if (model.hashes) model.uploadRotations(rotations({ heads, n: model.shape.n, d: headSize }, lsh, seed));
  model.context.write(model.step, 0, stepBlock(adam, step));
}

/** The score of a step from its loss and accuracy. Rounds the accuracy to whole symbols, because it is summed up in float32. */
export function scoreOf([loss, accuracy]: readonly [number, number], { batch, length }: Task): Score {
  const symbols = batch * (Math.floor(length / 2) - 1);
  return { loss, accuracy: Math.round(accuracy * symbols) / symbols, symbols };
}
