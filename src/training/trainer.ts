import { type AdamSettings, defaultAdam } from '../algorithm/adam';
import { checkTask, duplicationBatch, modelOf, type Task } from '../algorithm/duplication-task';
import type { ModelSettings } from '../algorithm/model-settings';
import type { WorkOptions } from '../engine/engine';
import type { Context, Dispatch } from '../gpu/runtime/context';
import type { BoundDispatch } from '../gpu/runtime/queue';
import { historySteps, type Mode, Model } from '../model/model';
import { type Snapshot, Weights } from '../model/parameters';
import { directionSeed, evaluate, type Score, scoreAt, uploadBatch } from './evaluate';

/** A stream of random numbers; see `random`. */
const trainingBatches = 30;

/** Sequences of an evaluation, if nobody says otherwise. */
const evaluated = 128;

/** A small Reformer that learns the duplication task, step by step. The same seed gives the same steps on one adapter. */
export class Trainer {
  readonly weights: Weights;
  readonly settings: ModelSettings;
  readonly adam: AdamSettings;
  /** Steps done. */
  step = 0;
  private readonly model: Model;
  private work: Promise<BoundDispatch[]> | undefined;

  /** @throws InputError if the task cannot be computed with. */
  constructor(
    readonly context: Context,
    readonly task: Task,
    readonly mode: Exclude<Mode, 'nothing'>,
    /** Slices of positions that feed-forward layers and the head go through: the same numbers, less memory. */
    slices = 1,
    /** Weights are not drawn: to take the memory of training, and no more. */
    isBlank = false,
  ) {
    checkTask(task);
    this.settings = { ...modelOf(task), slices };
    this.adam = { ...defaultAdam, rate: task.rate, warmUp: task.warmUp };
    this.weights = new Weights(context, this.settings, true);
    this.model = new Model(context, this.weights, this.settings, { batch: task.batch, n: task.length }, mode);
    if (!isBlank) this.reset();
  }

  /** The same start again. */
  reset(): void {
    this.weights.reset(this.task.seed);
    this.step = 0;
  }

  /** Weights from elsewhere, as of a step; Adam's moments begin anew. */
  load(values: Map<string, ArrayLike<number>>, step: number): void {
    this.reset();
    this.weights.upload(values);
    this.step = step;
  }

  /** Weights and moments as of now, in the processor's memory. */
  async snapshot(): Promise<Snapshot & { step: number }> {
    return { step: this.step, ...(await this.weights.snapshot()) };
  }

  /** Goes on from a snapshot of the same task, as if nothing had been between. */
  restore(snapshot: Snapshot & { step: number }): void {
    this.weights.restore(snapshot);
    this.step = snapshot.step;
  }

  /** One step; stopped, it has not been done. @throws the signal's reason. */
  async train(options: WorkOptions = {}): Promise<void> {
    const { task, model, step, adam } = this;
    const work = await this.prepare();
    const { batch, length, symbols, seed } = task;
    const sequences = duplicationBatch(batch, length, symbols, seed, trainingBatches, step);
    uploadBatch(model, sequences, { seed: directionSeed(seed, step), adam, step });
    // A step is done whole or not at all: a signal is asked before it, not between its submits.
    options.signal?.throwIfAborted();
    await this.context.queue.run(work, { timed: false });
    this.step++;
  }

  /** Loss and accuracy of the last steps, in training, the newest last. */
  async history(steps: number): Promise<Score[]> {
    const count = Math.min(steps, this.step, historySteps);
    if (count === 0) return [];
    const numbers = await this.context.read(this.model.history);
    return Array.from({ length: count }, (_, k) => scoreAt(numbers, this.step - count + k, this.task));
  }

  /** On sequences never trained on, with that many rounds; 0 is full attention. */
  evaluate(rounds: number, sequences = evaluated, options: WorkOptions = {}): Promise<Score> {
    return evaluate(this.weights, this.task, rounds, sequences, options);
  }

  /** One step as dispatches not yet bound; with them all memory of training has been taken. */
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

  /** Gives back the memory of training. */
  free(): void {
    this.context.free();
  }

  private prepare(): Promise<BoundDispatch[]> {
    this.work ??= calibrate(this.model).then(() => this.context.prepare('step', this.dispatches()));
    return this.work;
  }
}

/** A first pass, so that the device's speed is known before work is cut by it. */
async function calibrate(model: Model): Promise<void> {
  const { queue } = model.context;
  if (!queue.calibrated) await queue.run(await model.context.prepare('calibration', model.forward()), { timed: false });
}
