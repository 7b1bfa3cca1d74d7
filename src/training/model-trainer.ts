import type { AdamSettings } from '../algorithm/adam';
import type { Batch } from '../algorithm/duplication-task';
import type { BatchShape, ModelSettings } from '../algorithm/model-settings';
import type { WorkOptions } from '../engine/engine';
import type { Context, Dispatch } from '../gpu/runtime/context';
import type { BoundDispatch } from '../gpu/runtime/queue';
import { historySteps, Model, type TrainingMode } from '../model/model';
import { type Snapshot, Weights } from '../model/parameters';
import { directionSeed, uploadBatch } from './evaluate';

/** Everything that decides the steps of a training. */
export interface TrainingPlan {
  settings: ModelSettings;
  shape: BatchShape;
  adam: AdamSettings;
  /** Seed of the weights, and of the directions of every step. */
  seed: number;
  /** Deviation of the embeddings at the start. Default: that of `Weights.reset`. */
  embedding?: number;
  /** The batch of a step, counted from 0. */
  batchOf: (step: number) => Batch;
}

/** Trains a Reformer on batches from any source, step by step. On one adapter the same plan gives the same steps. */
export class ModelTrainer {
  readonly weights: Weights;
  /** Number of finished steps. */
  step = 0;
  private readonly model: Model;
  /** Steps before this one were not trained here: their losses are unknown. */
  private firstStep = 0;
  private work: Promise<BoundDispatch[]> | undefined;

  /** @throws InputError if the plan's sizes are invalid or too large. */
  constructor(
    readonly context: Context,
    readonly plan: TrainingPlan,
    readonly mode: TrainingMode,
    /** True leaves the weights zero, to measure the memory of training. */
    isBlank = false,
  ) {
    this.weights = new Weights(context, plan.settings, true);
    this.model = new Model(context, this.weights, plan.settings, plan.shape, mode);
    if (!isBlank) this.reset();
  }

  get settings(): ModelSettings {
    return this.plan.settings;
  }

  /** Draws the weights of the seed again, and forgets all steps. */
  reset(): void {
    this.weights.reset(this.plan.seed, this.plan.embedding);
    this.startAt(0);
  }

  /** Uploads weights of another training, after `step` steps. Without `moments` [count, 2] those of Adam start from zero. */
  load(values: Map<string, ArrayLike<number>>, step: number, moments?: Map<string, ArrayLike<number>>): void {
    this.reset();
    this.weights.upload(values);
    if (moments) this.weights.upload(moments, 'moments');
    this.startAt(step);
  }

  /** Reads weights and moments of the current step into CPU memory. */
  async snapshot(): Promise<Snapshot & { step: number }> {
    return { step: this.step, ...(await this.weights.snapshot()) };
  }

  /** Continues from a snapshot of the same plan; the next steps are those that followed it. */
  restore(snapshot: Snapshot & { step: number }): void {
    this.weights.restore(snapshot);
    this.startAt(snapshot.step);
  }

  private startAt(step: number): void {
    this.step = step;
    this.firstStep = step;
  }

  /** Trains one step. @throws the signal's reason if it is aborted before the step runs; the step is then not counted */
  async train(options: WorkOptions = {}): Promise<void> {
    const { model, step } = this;
    const { seed, adam, batchOf } = this.plan;
    const work = await this.prepare();
    uploadBatch(model, batchOf(step), { seed: directionSeed(seed, step), adam, step });
    // A signal is checked before the step, not between its submits, so that no step is left half done.
    options.signal?.throwIfAborted();
    await this.context.queue.run(work, { timed: false });
    this.step++;
  }

  /** Reads mean loss (nats) and accuracy of the last steps that were trained here, [loss, accuracy] each, the newest last. */
  async recent(steps: number): Promise<[number, number][]> {
    const count = Math.min(steps, this.step - this.firstStep, historySteps);
    if (count === 0) return [];
    const numbers = await this.context.read(this.model.history);
    return Array.from({ length: count }, (_, k) => {
      const at = 2 * ((this.step - count + k) % historySteps);
      return [numbers[at], numbers[at + 1]];
    });
  }

  /** The dispatches of one step, not yet compiled or bound. Making them takes all memory of training. */
  dispatches(): Dispatch[] {
    const { model, weights, plan } = this;
    return [
      ...weights.clearDispatches(),
      ...model.forward(),
      ...model.loss(true),
      ...model.backward(),
      ...weights.adamDispatches(plan.adam, model.step),
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
