import { defaultTask, type Task } from '../algorithm/duplication-task';
import type { Context } from '../gpu/runtime/context';
import { InputError } from '../shared/errors';
import { laterTask } from '../shared/tasks';
import type { State } from '../state/schema';
import { AccuracyTable, type Row } from './accuracy-table';
import { exampleIds, guessesFor, type TaskExample } from './example';
import { type DepthFindings, measureDepths } from './memory-by-depth';
import { type LayerDrift, measureDrift } from './reconstruction';
import { Trainer } from './trainer';
import { readWeights, stateOfTask, type WeightsFile, writeWeights } from './weights-file';

/** Steps of training between two evaluations of the model. */
const evaluateEvery = 40;

/** Steps of training between two guesses for the example. */
const guessEvery = 5;

/** Milliseconds after an error within which a browser reports that the device is lost. */
const deviceLossMilliseconds = 2000;

/** Idle time in milliseconds before background results are computed: the reconstruction error, and the accuracy table. */
const idleMilliseconds = 1000;

/** Batch size, learning rate and warm-up of the page's small models, tuned for up to 128 tokens. */
const trainingPace = { batch: 16, rate: 5e-3, warmUp: 50 };

/** The results that the view of reversible layers shows. */
export interface Findings extends DepthFindings {
  /** Number of finished steps. */
  step: number;
  isTraining: boolean;
  /** Loss of every step from `firstStep` on. */
  losses: { reversible: number[]; standard: number[] };
  /** The first step that `losses` holds. */
  firstStep: number;
  /** Rows of the accuracy table. */
  rows: Row[];
  /** Reconstruction error of each layer; undefined until it is measured. */
  drift: LayerDrift[] | undefined;
  task: Task;
}

type TrainerSnapshot = Awaited<ReturnType<Trainer['snapshot']>>;

/** A trainer, and the loss of its steps. */
interface TrainedModel {
  trainer: Trainer;
  losses: number[];
}

/**
 * Trains a small model of the sizes in the state, measures its memory and reconstruction error, and evaluates it. Does one piece of work
 * at a time, the most urgent first: training steps at once, background results after an idle time.
 */
export class TrainingSession {
  private key = '';
  private task: Task = defaultTask;
  private context: Context | undefined;
  private reversible: TrainedModel | undefined;
  private standard: TrainedModel | undefined;
  private firstStep = 0;
  private isRunning = false;
  private pendingSteps = 0;
  /** The context on which work runs. */
  private busyContext: Context | undefined;
  /** The piece of work that runs. */
  private currentWork: Promise<boolean> | undefined;
  private depthFindings: DepthFindings | undefined;
  private drift: { step: number; layers: LayerDrift[] } | undefined;
  private exampleNumber = 0;
  /** The model's guesses for an example, and the step after which it made them. */
  private guesses: { number: number; step: number; symbols: Int32Array } | undefined;
  readonly accuracy: AccuracyTable;
  /** The state after the last finished step, in CPU memory. */
  private snapshot: (TrainerSnapshot & { key: string; losses: Findings['losses'] }) | undefined;
  private standardSnapshot: TrainerSnapshot | undefined;
  private isShown = false;
  /** Arguments of the last `open`. */
  private latest: [Context, State] | undefined;
  /** Number of `open` calls that are not finished. */
  private pendingOpens = 0;
  /** Resolves when all `open` calls so far are finished. */
  private lastOpen: Promise<unknown> = Promise.resolve();
  /** When the idle time ends, by `performance.now`. */
  private idleAt = 0;
  private idleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    /** Called when the findings change. */
    private readonly onChange: () => void,
    /** Shows an error message. */
    private readonly report: (message: string) => void,
  ) {
    this.accuracy = new AccuracyTable(onChange);
  }

  /**
   * Makes the model of a state, in several browser tasks, unless it is open already. Training stops if the model changes.
   * @throws InputError if the state allows no model, or memory runs out
   */
  open(context: Context, state: State): Promise<void> {
    this.latest = [context, state];
    this.pendingOpens++;
    // Calls run in order.
    const opening = this.lastOpen.then(() => this.openNow(context, state));
    this.lastOpen = opening
      .catch(() => this.drop())
      .then(() => {
        this.pendingOpens--;
      });
    return opening;
  }

  private async openNow(context: Context, state: State): Promise<void> {
    const task: Task = {
      ...defaultTask,
      ...trainingPace,
      length: state.taskLength,
      layers: state.layers,
      rounds: state.trainRounds,
      seed: state.seed,
    };
    const mode = state.keep === 'buckets' ? 'reversible' : 'stored';
    const { slices } = state;
    const key = JSON.stringify([task, mode, slices, state.standard]);
    this.accuracy.selectedRounds = state.rounds;
    this.isShown = true;
    if (this.context === context && key === this.key && this.reversible) {
      this.scheduleWork();
      return;
    }
    // The same model continues from its last finished step after its device was lost or memory ran out.
    const isSame = this.snapshot?.key === key;
    const wasTraining = isSame && this.key === key && this.isRunning;
    this.close();
    this.isShown = true;
    this.context = context;
    this.key = key;
    this.task = task;
    const depthFindings = await measureDepths(context, task, slices);
    await laterTask();
    this.reversible = { trainer: new Trainer(context.createSibling(), task, mode, slices), losses: [] };
    await laterTask();
    this.standard = state.standard
      ? {
          trainer: new Trainer(context.createSibling(), { ...task, residual: 'standard' }, 'stored', slices),
          losses: [],
        }
      : undefined;
    if (isSame && this.snapshot) {
      const { snapshot, standardSnapshot, firstStep } = this;
      const untilSnapshot = (losses: number[]) => losses.slice(0, snapshot.step - firstStep);
      this.reversible.trainer.restore(snapshot);
      this.reversible.losses = untilSnapshot(snapshot.losses.reversible);
      if (this.standard && standardSnapshot) {
        this.standard.trainer.restore(standardSnapshot);
        this.standard.losses = untilSnapshot(snapshot.losses.standard);
      }
      this.isRunning = wasTraining;
    }
    for (const trainedModel of [this.reversible, this.standard]) await trainedModel?.trainer.context.ledger.check();
    if (!isSame) {
      this.snapshot = undefined;
      this.firstStep = 0;
    }
    this.depthFindings = depthFindings;
    this.scheduleWork();
    await laterTask();
  }

  /** Pauses all work while another view is shown. */
  leave(): void {
    this.isShown = false;
    this.isRunning = false;
  }

  /** Frees all GPU memory. The snapshot stays, so that the same model can be opened again. */
  close(): void {
    this.isRunning = false;
    this.pendingSteps = 0;
    this.isShown = false;
    this.drop();
  }

  /** Frees the trainers and forgets their measurements. */
  private drop(): void {
    const trainers = [this.reversible, this.standard].map((trainedModel) => trainedModel?.trainer);
    const free = () => {
      for (const trainer of trainers) trainer?.free();
    };
    // Work that uses them has to end first.
    if (this.currentWork) this.currentWork.then(free, free);
    else free();
    this.reversible = undefined;
    this.standard = undefined;
    this.depthFindings = undefined;
    this.drift = undefined;
    this.guesses = undefined;
    this.accuracy.clearTrainer();
  }

  /** GPU memory of the trainers, in bytes. */
  get bytes(): number {
    return [this.reversible, this.standard].reduce(
      (sum, trainedModel) => sum + (trainedModel?.trainer.context.ledger.live ?? 0),
      0,
    );
  }

  get isTraining(): boolean {
    return this.isRunning;
  }

  /** Starts to train until `pause`. */
  start(): void {
    void this.resume(() => {
      this.isRunning = true;
    });
  }

  pause(): void {
    this.isRunning = false;
  }

  /** Trains one step, then pauses. */
  trainOneStep(): void {
    void this.resume(() => {
      this.isRunning = false;
      this.pendingSteps = 1;
    });
  }

  /** Applies a change and starts to work. If memory ran out before, first makes the model again, from its snapshot. */
  private async resume(applyChange: () => void): Promise<void> {
    try {
      if (this.pendingOpens) await this.lastOpen;
      if (this.latest && !this.reversible) await this.open(...this.latest);
    } catch (error) {
      await this.handleError(error, this.context, undefined);
      return;
    }
    applyChange();
    this.scheduleWork();
  }

  /** Stops training and reports the error of a piece of work. If memory ran out, frees the `trainedModel`. */
  private async handleError(
    error: unknown,
    context: Context | undefined,
    trainedModel: TrainedModel | undefined,
  ): Promise<void> {
    const isMemory = error instanceof InputError;
    if (isMemory && trainedModel && this.reversible === trainedModel) this.drop();
    // Errors of a lost device arrive before the loss itself, after which this view is opened with another device.
    if (!isMemory) await new Promise((resolve) => setTimeout(resolve, deviceLossMilliseconds));
    if (!this.isShown || this.context !== context) return;
    this.isRunning = false;
    this.report(error instanceof Error ? error.message : String(error));
    if (!isMemory) console.error(error);
  }

  /** Draws the weights again and forgets all steps. */
  reset(): void {
    this.isRunning = false;
    this.snapshot = undefined;
    for (const trainedModel of [this.reversible, this.standard]) {
      trainedModel?.trainer.reset();
      if (trainedModel) trainedModel.losses = [];
    }
    this.firstStep = 0;
    this.accuracy.clearTrainer();
    this.drift = undefined;
    this.guesses = undefined;
    this.scheduleWork();
    this.onChange();
  }

  /** The weights as a file; undefined if no model is open. */
  async save(): Promise<Uint8Array | undefined> {
    return this.reversible && (await writeWeights(this.reversible.trainer));
  }

  /** Reads a file of weights, and the part of the state that it needs. @throws InputError that names what is wrong with the file */
  read(bytes: Uint8Array): { file: WeightsFile; change: Partial<State> } {
    const file = readWeights(bytes);
    return { file, change: stateOfTask(file.task) };
  }

  /** Continues the open model from the weights of a file. */
  load({ values, steps }: WeightsFile): void {
    this.reset();
    this.reversible?.trainer.load(values, steps);
    this.firstStep = steps;
    this.scheduleWork();
    this.onChange();
  }

  /** The results so far; undefined until a model is open. */
  get findings(): Findings | undefined {
    const { reversible, depthFindings, task } = this;
    if (!reversible || !depthFindings) return undefined;
    return {
      step: reversible.trainer.step,
      isTraining: this.isRunning,
      losses: { reversible: reversible.losses, standard: this.standard?.losses ?? [] },
      firstStep: this.firstStep,
      rows: this.accuracy.rows(reversible.trainer),
      ...depthFindings,
      drift: this.drift?.layers,
      task,
    };
  }

  /** A sequence of the task, and the model's last guesses for it. */
  get example(): TaskExample {
    const { guesses, exampleNumber } = this;
    const isOwn = guesses?.number === exampleNumber;
    return { ids: exampleIds(this.task, exampleNumber), guesses: isOwn ? guesses.symbols : undefined };
  }

  /** Takes another sequence as the example. */
  anotherExample(): void {
    this.exampleNumber++;
    this.scheduleWork();
    this.onChange();
  }

  /** Has the model guess the symbols of the example. Resolves to false if it did so already, or was not trained. */
  private async guess({ trainer }: TrainedModel): Promise<boolean> {
    const { exampleNumber: number, guesses } = this;
    const { step } = trainer;
    if (step === 0 || (guesses?.number === number && guesses.step === step)) return false;
    const symbols = await guessesFor(trainer.weights, trainer.task, number);
    if (this.reversible?.trainer === trainer) this.guesses = { number, step, symbols };
    return true;
  }

  /** Starts pending steps at once, and background results after the idle time. */
  private scheduleWork(): void {
    this.idleAt = performance.now() + idleMilliseconds;
    this.work();
  }

  /** Does all pending work, unless a call on this context does it already. */
  private work(): void {
    clearTimeout(this.idleTimer);
    const { context } = this;
    if (!context || this.busyContext === context) return;
    this.busyContext = context;
    const isCurrent = () => this.isShown && this.context === context;
    let trainedModel: TrainedModel | undefined;
    const run = async () => {
      // The page draws and handles events between two pieces of work.
      while (isCurrent()) {
        trainedModel = this.reversible;
        const work = this.doNextWork();
        this.currentWork = work;
        const wasWork = await work.finally(() => {
          if (this.currentWork === work) this.currentWork = undefined;
        });
        if (!wasWork) return;
        await new Promise((resolve) => setTimeout(resolve));
      }
    };
    run()
      .catch((error) => this.handleError(error, context, trainedModel))
      .finally(() => {
        if (this.busyContext === context) this.busyContext = undefined;
        if (isCurrent()) this.onChange();
      });
  }

  /** Does one piece of work. Resolves to false if none is left, or none before the idle time ends. */
  private async doNextWork(): Promise<boolean> {
    const { reversible, context, accuracy } = this;
    // Without findings about its memory the model is not open yet.
    if (!reversible || !context || !this.depthFindings) return false;
    if (this.isRunning || this.pendingSteps > 0) {
      this.pendingSteps = 0;
      await this.step(reversible);
      return true;
    }
    if (this.guesses?.number !== this.exampleNumber && (await this.guess(reversible))) {
      this.onChange();
      return true;
    }
    const idleLeft = this.idleAt - performance.now();
    if (idleLeft > 0) {
      this.idleTimer = setTimeout(() => this.work(), idleLeft);
      return false;
    }
    return (await this.fillDrift(reversible)) || (await accuracy.fillNext(context, reversible.trainer));
  }

  /** Trains one step of both models, and keeps its losses and snapshots unless the model changed in between. */
  private async step(reversible: TrainedModel): Promise<void> {
    const { standard, key } = this;
    const losses: number[] = [];
    for (const trainedModel of [reversible, ...(standard ? [standard] : [])]) {
      await trainedModel.trainer.train();
      losses.push((await trainedModel.trainer.history(1))[0].loss);
    }
    const snapshots = [await reversible.trainer.snapshot(), await standard?.trainer.snapshot()];
    if (this.reversible !== reversible || this.key !== key) return;
    // The step is finished: losses and snapshots of both models are there.
    reversible.losses.push(losses[0]);
    standard?.losses.push(losses[1]);
    const allLosses = { reversible: reversible.losses, standard: standard?.losses ?? [] };
    this.snapshot = { ...(snapshots[0] as TrainerSnapshot), key, losses: allLosses };
    this.standardSnapshot = snapshots[1];
    this.drift = undefined;
    if (reversible.trainer.step % guessEvery === 0) await this.guess(reversible);
    this.onChange();
    if (reversible.trainer.step % evaluateEvery === 0) await this.accuracy.evaluateTrainer(reversible.trainer);
  }

  /** Measures the reconstruction error of the current step. Resolves to false if it is measured already. */
  private async fillDrift(trainedModel: TrainedModel): Promise<boolean> {
    const { trainer } = trainedModel;
    if (this.drift?.step === trainer.step) return false;
    const { step } = trainer;
    const layers = await measureDrift(trainer);
    if (this.reversible !== trainedModel) return true;
    this.drift = { step, layers };
    this.onChange();
    return true;
  }
}
