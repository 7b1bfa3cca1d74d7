import { type AdamSettings, defaultAdam } from '../core/adam';
import type { WorkOptions } from '../core/engine';
import { rotations } from '../core/hash';
import type { ModelSettings } from '../core/model';
import { type Batch, checkTask, duplicationBatch, modelOf, type Task } from '../core/task';
import type { Context, Draft } from '../gpu/context';
import type { Dispatch } from '../gpu/queue';
import { historySteps, type Mode, Model } from './model';
import { stepBlock, Weights } from './weights';

/** Rounds to evaluate with; 0 is full attention. */
export type Rounds = number;

/** Loss in nats and share of symbols said right. */
export interface Score {
  loss: number;
  accuracy: number;
}

/** Streams of random numbers; see `random`. */
const trainingBatches = 30;
const evaluationBatches = 31;
/** Seeds of directions: each step's, and those of evaluation. */
const directionSeed = (seed: number, step: number) => (seed * 2 ** 20 + step) % 2 ** 50;
const evaluationStep = 2 ** 20 - 1;

/** Sequences of one evaluation. */
const evaluated = 128;

/** A small Reformer that learns the duplication task, step by step. The same seed gives the same steps on one adapter. */
export class Trainer {
  readonly weights: Weights;
  readonly settings: ModelSettings;
  readonly adam: AdamSettings;
  /** Steps done. */
  step = 0;
  private readonly model: Model;
  private work: Promise<Dispatch[]> | undefined;
  private readonly evaluators = new Map<Rounds, Promise<Evaluator>>();

  /** @throws InputError if the task cannot be computed with. */
  constructor(
    readonly context: Context,
    readonly task: Task,
    readonly mode: Exclude<Mode, 'nothing'>,
  ) {
    checkTask(task);
    this.settings = modelOf(task);
    this.adam = { ...defaultAdam, rate: task.rate, warmUp: task.warmUp };
    this.weights = new Weights(context, this.settings, true);
    this.model = new Model(context, this.weights, this.settings, { batch: task.batch, n: task.length }, mode);
    this.reset();
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

  /** One step; stopped, it has not been done. @throws the signal's reason. */
  async train(options: WorkOptions = {}): Promise<void> {
    const { task, settings, model } = this;
    const work = await this.prepare();
    const batch = duplicationBatch(task.batch, task.length, task.symbols, task.seed, trainingBatches, this.step);
    upload(model, batch, settings, directionSeed(task.seed, this.step), this.adam, this.step);
    await this.context.queue.run(work, options);
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
  async evaluate(rounds: Rounds, options: WorkOptions = {}): Promise<Score> {
    let evaluator = this.evaluators.get(rounds);
    if (!evaluator) {
      evaluator = Evaluator.make(this.weights, this.task, rounds);
      evaluator.catch(() => this.evaluators.delete(rounds));
      this.evaluators.set(rounds, evaluator);
    }
    return (await evaluator).run(options);
  }

  /** One step as dispatches not yet bound; with them all memory of training has been taken. */
  drafts(): Draft[] {
    const { model, weights } = this;
    return [
      ...weights.clearDrafts(),
      ...model.forward(),
      ...model.loss(true),
      ...model.backward(),
      ...weights.adamDrafts(this.adam, model.step),
    ];
  }

  /** Gives back the memory of training and evaluation. */
  async free(): Promise<void> {
    for (const evaluator of await Promise.allSettled(this.evaluators.values())) {
      if (evaluator.status === 'fulfilled') evaluator.value.free();
    }
    this.evaluators.clear();
    this.context.free();
  }

  private prepare(): Promise<Dispatch[]> {
    this.work ??= calibrate(this.model).then(() => this.context.prepare('step', this.drafts()));
    return this.work;
  }
}

/** The weights of a trainer asked with other rounds, in memory of its own. */
class Evaluator {
  private constructor(
    private readonly model: Model,
    private readonly work: Dispatch[],
    private readonly batches: Batch[],
    private readonly task: Task,
  ) {}

  static async make(weights: Weights, task: Task, rounds: Rounds): Promise<Evaluator> {
    const context = weights.context.beside();
    const settings = modelOf({ ...task, rounds });
    const model = new Model(context, weights, settings, { batch: task.batch, n: task.length }, 'nothing');
    const work = await context.prepare('evaluation', [...model.forward(), ...model.loss(false)]);
    const count = Math.ceil(evaluated / task.batch);
    const batches = Array.from({ length: count }, (_, k) =>
      duplicationBatch(task.batch, task.length, task.symbols, task.seed, evaluationBatches, k),
    );
    return new Evaluator(model, work, batches, task);
  }

  async run(options: WorkOptions): Promise<Score> {
    const { model, batches, task } = this;
    for (const [k, batch] of batches.entries()) {
      const seed = directionSeed(task.seed, evaluationStep - k);
      upload(model, batch, model.settings, seed, defaultAdam, k);
      await model.context.queue.run(this.work, options);
    }
    const numbers = await model.context.read(model.history);
    const scores = batches.map((_, k) => scoreAt(numbers, k, task));
    const mean = (of: (score: Score) => number) => scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
    return { loss: mean(({ loss }) => loss), accuracy: mean(({ accuracy }) => accuracy) };
  }

  free(): void {
    this.model.context.free();
  }
}

function upload(
  model: Model,
  { ids, targets }: Batch,
  { heads, headSize, lsh }: ModelSettings,
  seed: number,
  adam: AdamSettings,
  step: number,
): void {
  const asked = targets.reduce((count, target) => count + (target >= 0 ? 1 : 0), 0);
  model.upload(ids, targets);
  if (model.hashes) model.uploadRotations(rotations({ heads, n: model.shape.n, d: headSize }, lsh, seed));
  model.context.device.queue.writeBuffer(model.step, 0, stepBlock(adam, step, asked));
}

/** A first pass, so that the device's speed is known before work is cut by it. */
async function calibrate(model: Model): Promise<void> {
  const { queue } = model.context;
  if (!queue.calibrated) await queue.run(await model.context.prepare('calibration', model.forward()));
}

/** Accuracy is a share of whole symbols, which float32 sums miss by a little. */
const scoreAt = (history: ArrayLike<number>, step: number, { batch, length }: Task): Score => {
  const at = 2 * (step % historySteps);
  const asked = batch * (Math.floor(length / 2) - 1);
  return { loss: history[at], accuracy: Math.round(history[at + 1] * asked) / asked };
};
