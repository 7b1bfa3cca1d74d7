import { defaultAdam } from '../algorithm/adam';
import { checkTask, duplicationBatch, modelOf, type Task } from '../algorithm/duplication-task';
import type { WorkOptions } from '../engine/engine';
import type { Context } from '../gpu/runtime/context';
import type { TrainingMode } from '../model/model';
import { evaluate, type Score, scoreOf } from './evaluate';
import { ModelTrainer } from './model-trainer';

/** Stream of random numbers for training; see `random`. */
const trainingBatches = 30;

/** Default number of sequences of an evaluation. */
const evaluationSequences = 128;

/** Trains a small Reformer on the duplication task, step by step. On one adapter the same seed gives the same steps. */
export class Trainer extends ModelTrainer {
  /** @throws InputError if the task is invalid or too large. */
  constructor(
    context: Context,
    readonly task: Task,
    mode: TrainingMode,
    /** Number of slices of positions that feed-forward layers and the head go through: the same numbers with less memory. */
    slices = 1,
    /** True leaves the weights zero, to measure the memory of training. */
    isBlank = false,
  ) {
    checkTask(task);
    const { batch, length, symbols, rate, warmUp, seed } = task;
    super(
      context,
      {
        settings: { ...modelOf(task), slices },
        shape: { batch, n: length },
        adam: { ...defaultAdam, rate, warmUp },
        seed,
        batchOf: (step) => duplicationBatch(batch, length, symbols, seed, trainingBatches, step),
      },
      mode,
      isBlank,
    );
  }

  /** Reads loss and accuracy in training of the last steps, the newest last. */
  async history(steps: number): Promise<Score[]> {
    return (await this.recent(steps)).map((entry) => scoreOf(entry, this.task));
  }

  /** Evaluates the weights on new sequences with `rounds` hash rounds; 0 is full attention. See `evaluate`. */
  evaluate(rounds: number, sequences = evaluationSequences, options: WorkOptions = {}): Promise<Score> {
    return evaluate(this.weights, this.task, rounds, sequences, options);
  }
}
