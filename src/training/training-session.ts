import { defaultTask, type Task } from '../algorithm/duplication-task';
import type { Context } from '../gpu/runtime/context';
import { InputError } from '../shared/errors';
import { laterTask } from '../shared/tasks';
import type { State } from '../state/schema';
import { AccuracyTable, type Row } from './accuracy-table';
import { type DepthFindings, measureDepths } from './memory-by-depth';
import { type LayerDrift, measureDrift } from './reconstruction';
import { Trainer } from './trainer';
import { readWeights, stateOfTask, type WeightsFile, writeWeights } from './weights-file';

/** Steps of training between two evaluations of what is trained. */
const evaluateEvery = 40;

/** Milliseconds after an error within which a browser has said that the device is lost. */
const lossNews = 2000;

/** Milliseconds without a change until that is computed which nobody asked for: how far the streams drift, and the table of answers. */
const patience = 1000;

/** How fast the page's small models learn: what was found to do for up to 128 tokens. */
const pace = { batch: 16, rate: 5e-3, warmUp: 50 };

/** All that the view of reversible layers shows. */
export interface Findings extends DepthFindings {
  step: number;
  training: boolean;
  /** Of every step since the start. */
  losses: { reversible: number[]; standard: number[] };
  /** The first step that `losses` holds. */
  firstStep: number;
  rows: Row[];
  drift: LayerDrift[] | undefined;
  task: Task;
}

type TrainerSnapshot = Awaited<ReturnType<Trainer['snapshot']>>;

/** A trainer, and what it said. */
interface TrainedModel {
  trainer: Trainer;
  losses: number[];
}

/**
 * The view of reversible layers: a small model of the state's sizes, the memory it takes, its training, and what it answers. Does one
 * thing at a time, the most urgent first, and says when something is new.
 */
export class TrainingSession {
  private key = '';
  private task: Task = defaultTask;
  private context: Context | undefined;
  private reversible: TrainedModel | undefined;
  private standard: TrainedModel | undefined;
  private firstStep = 0;
  private training = false;
  private stepsWanted = 0;
  /** Where work is being done. */
  private busy: Context | undefined;
  /** The piece of work that is being done. */
  private piece: Promise<boolean> | undefined;
  private measured: DepthFindings | undefined;
  private drift: { step: number; layers: LayerDrift[] } | undefined;
  readonly accuracy: AccuracyTable;
  /** The last finished step, in the processor's memory. */
  private snapshot: (TrainerSnapshot & { key: string; losses: Findings['losses'] }) | undefined;
  private standardSnapshot: TrainerSnapshot | undefined;
  private shown = false;
  /** What was opened last; how many are still being opened, and when they will be. */
  private wanted: [Context, State] | undefined;
  private openings = 0;
  private opened: Promise<unknown> = Promise.resolve();
  /** When, on the page's clock, nothing will have changed for a while; and what then goes on. */
  private quietAt = 0;
  private later: ReturnType<typeof setTimeout> | undefined;

  constructor(
    /** Called when there is something new to draw. */
    private readonly news: () => void,
    private readonly say: (words: string) => void,
  ) {
    this.accuracy = new AccuracyTable(news);
  }

  /**
   * Makes the model of a state, in a few tasks, if it is another than before; training stops then.
   * @throws InputError if it cannot be.
   */
  open(context: Context, state: State): Promise<void> {
    this.wanted = [context, state];
    this.openings++;
    // One after the other.
    const opened = this.opened.then(() => this.openNow(context, state));
    this.opened = opened
      .catch(() => this.drop())
      .then(() => {
        this.openings--;
      });
    return opened;
  }

  private async openNow(context: Context, state: State): Promise<void> {
    const task: Task = {
      ...defaultTask,
      ...pace,
      length: state.taskLength,
      layers: state.layers,
      rounds: state.trainRounds,
      seed: state.seed,
    };
    const mode = state.keep === 'buckets' ? 'reversible' : 'stored';
    const { slices } = state;
    const key = JSON.stringify([task, mode, slices, state.standard]);
    this.accuracy.rounds = state.rounds;
    this.shown = true;
    if (this.context === context && key === this.key && this.reversible) {
      this.wake();
      return;
    }
    // On another device than before the same model goes on from its last finished step, as after one that there was no memory for.
    const isSame = this.snapshot?.key === key;
    const wasTraining = isSame && this.key === key && this.training;
    this.close();
    this.shown = true;
    this.context = context;
    this.key = key;
    this.task = task;
    const measured = await measureDepths(context, task, slices);
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
      const until = (losses: number[]) => losses.slice(0, snapshot.step - firstStep);
      this.reversible.trainer.restore(snapshot);
      this.reversible.losses = until(snapshot.losses.reversible);
      if (this.standard && standardSnapshot) {
        this.standard.trainer.restore(standardSnapshot);
        this.standard.losses = until(snapshot.losses.standard);
      }
      this.training = wasTraining;
    }
    for (const trainedModel of [this.reversible, this.standard]) await trainedModel?.trainer.context.ledger.check();
    if (!isSame) {
      this.snapshot = undefined;
      this.firstStep = 0;
    }
    this.measured = measured;
    this.wake();
    await laterTask();
  }

  /** Another view is shown: nothing goes on that nobody sees. */
  leave(): void {
    this.shown = false;
    this.training = false;
  }

  /** Gives back all memory. What was trained is kept for as long as the same model may be opened again. */
  close(): void {
    this.training = false;
    this.stepsWanted = 0;
    this.shown = false;
    this.drop();
  }

  /** What was trained is no longer in the device's memory. */
  private drop(): void {
    const trainers = [this.reversible, this.standard].map((trainedModel) => trainedModel?.trainer);
    const free = () => {
      for (const trainer of trainers) trainer?.free();
    };
    // What is being done with them has to end first.
    if (this.piece) this.piece.then(free, free);
    else free();
    this.reversible = undefined;
    this.standard = undefined;
    this.measured = undefined;
    this.drift = undefined;
    this.accuracy.forgetOwn();
  }

  /** Bytes of GPU memory that training takes. */
  get bytes(): number {
    return [this.reversible, this.standard].reduce(
      (sum, trainedModel) => sum + (trainedModel?.trainer.context.ledger.live ?? 0),
      0,
    );
  }

  get isTraining(): boolean {
    return this.training;
  }

  start(): void {
    void this.goOn(() => {
      this.training = true;
    });
  }

  pause(): void {
    this.training = false;
  }

  /** One step, and rest. */
  once(): void {
    void this.goOn(() => {
      this.training = false;
      this.stepsWanted = 1;
    });
  }

  /** Where memory ran out, another try begins with the model made again, as it was after its last step. */
  private async goOn(want: () => void): Promise<void> {
    try {
      if (this.openings) await this.opened;
      if (this.wanted && !this.reversible) await this.open(...this.wanted);
    } catch (error) {
      await this.complain(error, this.context, undefined);
      return;
    }
    want();
    this.wake();
  }

  /** Says what kept a piece of work from being done. Without memory for it the `trainedModel` gives back its own. */
  private async complain(
    error: unknown,
    context: Context | undefined,
    trainedModel: TrainedModel | undefined,
  ): Promise<void> {
    const isMemory = error instanceof InputError;
    if (isMemory && trainedModel && this.reversible === trainedModel) this.drop();
    // What a lost device says comes before the news that it is lost; with another one this view is opened anew.
    if (!isMemory) await new Promise((resolve) => setTimeout(resolve, lossNews));
    if (!this.shown || this.context !== context) return;
    this.training = false;
    this.say(error instanceof Error ? error.message : String(error));
    if (!isMemory) console.error(error);
  }

  /** The same start again. */
  reset(): void {
    this.training = false;
    this.snapshot = undefined;
    for (const trainedModel of [this.reversible, this.standard]) {
      trainedModel?.trainer.reset();
      if (trainedModel) trainedModel.losses = [];
    }
    this.firstStep = 0;
    this.accuracy.forgetOwn();
    this.drift = undefined;
    this.wake();
    this.news();
  }

  async save(): Promise<Uint8Array | undefined> {
    return this.reversible && (await writeWeights(this.reversible.trainer));
  }

  /** The part of the state that a file of weights asks for. @throws InputError naming what is wrong with the file. */
  read(bytes: Uint8Array): { file: WeightsFile; change: Partial<State> } {
    const file = readWeights(bytes);
    return { file, change: stateOfTask(file.task) };
  }

  /** Weights for the model that is open. */
  load({ values, steps }: WeightsFile): void {
    this.reset();
    this.reversible?.trainer.load(values, steps);
    this.firstStep = steps;
    this.wake();
    this.news();
  }

  get findings(): Findings | undefined {
    const { reversible, measured, task } = this;
    if (!reversible || !measured) return undefined;
    return {
      step: reversible.trainer.step,
      training: this.training,
      losses: { reversible: reversible.losses, standard: this.standard?.losses ?? [] },
      firstStep: this.firstStep,
      rows: this.accuracy.rows(reversible.trainer),
      ...measured,
      drift: this.drift?.layers,
      task,
    };
  }

  /** Something changed: what is asked for is done at once, the rest in a while. */
  private wake(): void {
    this.quietAt = performance.now() + patience;
    this.work();
  }

  /** Does what there is to do, if nobody does it already. */
  private work(): void {
    clearTimeout(this.later);
    const { context } = this;
    if (!context || this.busy === context) return;
    this.busy = context;
    const isCurrent = () => this.shown && this.context === context;
    let trainedModel: TrainedModel | undefined;
    const run = async () => {
      // The page draws and answers between two pieces of work.
      while (isCurrent()) {
        trainedModel = this.reversible;
        const piece = this.next();
        this.piece = piece;
        const isMore = await piece.finally(() => {
          if (this.piece === piece) this.piece = undefined;
        });
        if (!isMore) return;
        await new Promise((resolve) => setTimeout(resolve));
      }
    };
    run()
      .catch((error) => this.complain(error, context, trainedModel))
      .finally(() => {
        if (this.busy === context) this.busy = undefined;
        if (isCurrent()) this.news();
      });
  }

  /** One piece of work; false if there is none. */
  private async next(): Promise<boolean> {
    const { reversible, context, accuracy } = this;
    // Without what it takes being measured the view is not open yet.
    if (!reversible || !context || !this.measured) return false;
    if (this.training || this.stepsWanted > 0) {
      this.stepsWanted = 0;
      await this.step(reversible);
      return true;
    }
    const early = this.quietAt - performance.now();
    if (early > 0) {
      this.later = setTimeout(() => this.work(), early);
      return false;
    }
    return (await this.fillDrift(reversible)) || (await accuracy.fill(context, reversible.trainer));
  }

  private async step(reversible: TrainedModel): Promise<void> {
    const { standard, key } = this;
    const losses: number[] = [];
    for (const trainedModel of [reversible, ...(standard ? [standard] : [])]) {
      await trainedModel.trainer.train();
      losses.push((await trainedModel.trainer.history(1))[0].loss);
    }
    const snapshots = [await reversible.trainer.snapshot(), await standard?.trainer.snapshot()];
    if (this.reversible !== reversible || this.key !== key) return;
    // All of it is there: the step is finished.
    reversible.losses.push(losses[0]);
    standard?.losses.push(losses[1]);
    const kept = { reversible: reversible.losses, standard: standard?.losses ?? [] };
    this.snapshot = { ...(snapshots[0] as TrainerSnapshot), key, losses: kept };
    this.standardSnapshot = snapshots[1];
    this.drift = undefined;
    this.news();
    if (reversible.trainer.step % evaluateEvery === 0) await this.accuracy.askAll(reversible.trainer);
  }

  private async fillDrift(trainedModel: TrainedModel): Promise<boolean> {
    const { trainer } = trainedModel;
    if (this.drift?.step === trainer.step) return false;
    const { step } = trainer;
    const layers = await measureDrift(trainer);
    if (this.reversible !== trainedModel) return true;
    this.drift = { step, layers };
    this.news();
    return true;
  }
}
