import { type AdamSettings, defaultAdam } from '../algorithm/adam';
import { checkTask, duplicationBatch, modelOf, type Task } from '../algorithm/duplication-task';
import type { ModelSettings } from '../algorithm/model-settings';
import type { WorkOptions } from '../engine/engine';
import type { Context, Dispatch } from '../gpu/runtime/context';
import type { BoundDispatch } from '../gpu/runtime/queue';
import { historySteps, type Mode, Model } from '../model/model';
import { type Snapshot, Weights } from '../model/parameters';
import { directionSeed, evaluate, type Score, scoreAt, uploadBatch } from './evaluate';

/** Stream of random numbers for training; see `random`. */
const trainingBatches = 30;

/** Default number of sequences of an evaluation. */
const evaluationSequences = 128;

/** Trains a small Reformer on the duplication task, step by step. On one adapter the same seed gives the same steps. */
export class Trainer {
  readonly weights: Weights;
  readonly settings: ModelSettings;
  readonly adam: AdamSettings;
  /** Number of finished steps. */
  step = 0;
  private readonly model: Model;
  private work: Promise<BoundDispatch[]> | undefined;

  /** @throws InputError if the task is invalid or too large. */
  constructor(
    readonly context: Context,
    readonly task: Task,
    readonly mode: Exclude<Mode, 'nothing'>,
    /** Number of slices of positions that feed-forward layers and the head go through: the same numbers with less memory. */
    slices = 1,
    /** True leaves the weights zero, to measure the memory of training. */
    isBlank = false,
  ) {
    checkTask(task);
    this.settings = { ...modelOf(task), slices };
    this.adam = { ...defaultAdam, rate: task.rate, warmUp: task.warmUp };
    this.weights = new Weights(context, this.settings, true);
    this.model = new Model(context, this.weights, this.settings, { batch: task.batch, n: task.length }, mode);
    if (!isBlank) this.reset();
  }

  /** Draws the weights of the seed again, and forgets all steps. */
  reset(): void {
    this.weights.reset(this.task.seed);
    this.step = 0;
  }

  /** Uploads weights of another training, after `step` steps. Adam's moments start from zero. */
  load(values: Map<string, ArrayLike<number>>, step: number): void {
    this.reset();
    this.weights.upload(values);
    this.step = step;
  }

  /** Reads weights and moments of the current step into CPU memory. */
  async snapshot(): Promise<Snapshot & { step: number }> {
    return { step: this.step, ...(await this.weights.snapshot()) };
  }

  /** Continues from a snapshot of the same task; the next steps are those that followed it. */
  restore(snapshot: Snapshot & { step: number }): void {
    this.weights.restore(snapshot);
    this.step = snapshot.step;
  }

  /** Trains one step. @throws the signal's reason if it is aborted before the step runs; the step is then not counted */
  async train(options: WorkOptions = {}): Promise<void> {
    const { task, model, step, adam } = this;
    const work = await this.prepare();
    const { batch, length, symbols, seed } = task;
    const sequences = duplicationBatch(batch, length, symbols, seed, trainingBatches, step);
    uploadBatch(model, sequences, { seed: directionSeed(seed, step), adam, step });
    // A signal is checked before the step, not between its submits, so that no step is left half done.
    options.signal?.throwIfAborted();
    await this.context.queue.run(work, { timed: false });
    this.step++;
  }

  /** Reads loss and accuracy in training of the last steps, the newest last. */
  async history(steps: number): Promise<Score[]> {
    const count = Math.min(steps, this.step, historySteps);
    if (count === 0) return [];
    const numbers = await this.context.read(this.model.history);
    return Array.from({ length: count }, (_, k) => scoreAt(numbers, this.step - count + k, this.task));
  }

  /** Evaluates the weights on new sequences with `rounds` hash rounds; 0 is full attention. See `evaluate`. */
  evaluate(rounds: number, sequences = evaluationSequences, options: WorkOptions = {}): Promise<Score> {
    return evaluate(this.weights, this.task, rounds, sequences, options);
  }

  /** The dispatches of one step, not yet compiled or bound. Making them takes all memory of training. */
  dispatches(): Dispatch[] {
    const { model, weights } = this;
    return [
      ...weights.clearDispatches(),
      ...model.forward(),
      ...model.loss(true),
      ...model.backward(),
      ...weights.adamDispatches(this.adam, model.step),
    ];
  }

  /** Frees the memory of training. */
  free(): void {
    this.context.free();
  }

  private prepare(): Promise<BoundDispatch[]> {
    this.work ??= calibrate(this.model).then(() => this.context.prepare('step', this.dispatches()));
    return this.work;
  }
}

/** Runs a forward pass if the speed of the device is unknown, because dispatches are cut by it. */
async function calibrate(model: Model): Promise<void> {
  const { queue } = model.context;
  if (!queue.calibrated) await queue.run(await model.context.prepare('calibration', model.forward()), { timed: false });
}
