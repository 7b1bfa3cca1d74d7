import { InputError } from './core/errors';
import { defaultTask, modelOf, type Task } from './core/task';
import type { Context } from './gpu/context';
import { type LayerDrift, measureDrift } from './model/drift';
import { evaluate, type Score } from './model/evaluate';
import { isLasting, type Memory, memoryOf } from './model/memory';
import { shipped, shippedRounds } from './model/shipped';
import { Trainer } from './model/trainer';
import { Weights } from './model/weights';
import { readWeights, stateOfTask, type WeightsFile, writeWeights } from './model/weights-file';
import type { State } from './state/schema';

/** Depths whose memory is measured. */
const depths = [1, 2, 4, 8, 16, 24];

/** Rounds that models are asked with; 0 is full attention. */
export const askedRounds = [0, 8, 4, 2, 1] as const;

/** Sequences of a first, quick answer, and of a better one. */
const sequences = [16, 96];

/** Steps of training between two evaluations of what is trained. */
const evaluateEvery = 40;

/** Milliseconds after an error within which a browser has said that the device is lost. */
const lossNews = 2000;

/** How fast the page's small models learn: what was found to do for up to 128 tokens. */
const pace = { batch: 16, rate: 5e-3, warmUp: 50 };

/** Memory of one training step, by what each layer keeps. */
export interface Depth {
  layers: number;
  activations: Memory;
  buckets: Memory;
  /** The buffers of activations and bucket ids, by what each layer keeps. */
  parts: { activations: Part[]; buckets: Part[] };
}

/** Buffers of one purpose: one, or one in each layer. */
export interface Part {
  name: string;
  count: number;
  bytes: number;
}

/** What one layer keeps for the way back, in bytes: from its attention, and from its feed-forward layer. */
export interface Kept {
  attention: number;
  feedForward: number;
}

/** A row of the accuracy table. */
export interface Row {
  /** Rounds trained with; 0 is full attention. */
  trained: number;
  /** The model that is trained here, and its steps; or one that came with the page. */
  steps: number | undefined;
  /** By the rounds it was asked with. */
  cells: Map<number, Score>;
}

/** All that the room of reversible layers shows. */
export interface Findings {
  step: number;
  training: boolean;
  /** Of every step since the start. */
  losses: { reversible: number[]; standard: number[] };
  /** The first step that `losses` holds. */
  firstStep: number;
  rows: Row[];
  depths: Depth[];
  kept: { activations: Kept; buckets: Kept };
  /** What a step holds besides what layers keep. */
  shared: { activations: number; buckets: number };
  drift: LayerDrift[] | undefined;
  task: Task;
}

type TrainerSnapshot = Awaited<ReturnType<Trainer['snapshot']>>;

/** A trainer, and what it said. */
interface Pupil {
  trainer: Trainer;
  losses: number[];
}

/**
 * The room of reversible layers: a small model of the state's sizes, the memory it takes, its training, and the table of what more hash
 * rounds buy. Does one thing at a time, the most urgent first, and says when something is new.
 */
export class Workshop {
  private key = '';
  private task: Task = defaultTask;
  private rounds = 4;
  private context: Context | undefined;
  private reversible: Pupil | undefined;
  private standard: Pupil | undefined;
  private firstStep = 0;
  private training = false;
  private stepsWanted = 0;
  /** Where work is being done. */
  private busy: Context | undefined;
  /** The piece of work that is being done. */
  private piece: Promise<boolean> | undefined;
  private measured: { depths: Depth[]; kept: Findings['kept']; shared: Findings['shared'] } | undefined;
  private drift: { step: number; layers: LayerDrift[] } | undefined;
  private readonly shippedCells = new Map<string, Score>();
  private ownCells = new Map<number, { step: number; score: Score }>();
  /** The last finished step, in the processor's memory. */
  private snapshot: (TrainerSnapshot & { key: string }) | undefined;
  private standardSnapshot: TrainerSnapshot | undefined;
  private shown = false;

  constructor(
    /** Called when there is something new to draw. */
    private readonly news: () => void,
    private readonly say: (words: string) => void,
  ) {}

  /** Makes the model of a state, if it is another than before; training stops then. @throws InputError if it cannot be. */
  open(context: Context, state: State): void {
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
    this.rounds = state.rounds;
    this.shown = true;
    if (this.context === context && key === this.key) {
      this.wake();
      return;
    }
    // On another device than before the same model goes on from its last finished step.
    const isSame = this.key === key && this.snapshot?.key === key;
    const before = { training: isSame && this.training, reversible: this.reversible, standard: this.standard };
    this.close();
    this.shown = true;
    this.context = context;
    this.key = key;
    this.task = task;
    const measured = measure(context, task, slices);
    this.measured = measured;
    this.reversible = { trainer: new Trainer(context.beside(), task, mode, slices), losses: [] };
    this.standard = state.standard
      ? { trainer: new Trainer(context.beside(), { ...task, residual: 'standard' }, 'stored', slices), losses: [] }
      : undefined;
    if (isSame && this.snapshot) {
      const { snapshot, standardSnapshot, firstStep } = this;
      const lossesOf = (pupil: Pupil | undefined) => pupil?.losses.slice(0, snapshot.step - firstStep) ?? [];
      this.reversible.trainer.restore(snapshot);
      this.reversible.losses = lossesOf(before.reversible);
      if (this.standard && standardSnapshot) {
        this.standard.trainer.restore(standardSnapshot);
        this.standard.losses = lossesOf(before.standard);
      }
      this.training = before.training;
    } else {
      this.snapshot = undefined;
      this.firstStep = 0;
    }
    this.wake();
  }

  /** Another room is shown: nothing goes on that nobody sees. */
  leave(): void {
    this.shown = false;
    this.training = false;
  }

  /** Gives back all memory. What was trained is kept for as long as the same model may be opened again. */
  close(): void {
    this.training = false;
    this.stepsWanted = 0;
    this.shown = false;
    const trainers = [this.reversible, this.standard].map((pupil) => pupil?.trainer);
    const free = () => {
      for (const trainer of trainers) trainer?.free();
    };
    // What is being done with them has to end first.
    if (this.piece) this.piece.then(free, free);
    else free();
    this.reversible = undefined;
    this.standard = undefined;
    this.drift = undefined;
    this.ownCells = new Map();
  }

  /** Bytes of GPU memory that training takes. */
  get bytes(): number {
    return [this.reversible, this.standard].reduce((sum, pupil) => sum + (pupil?.trainer.context.ledger.live ?? 0), 0);
  }

  get isTraining(): boolean {
    return this.training;
  }

  start(): void {
    this.training = true;
    this.wake();
  }

  pause(): void {
    this.training = false;
  }

  /** One step, and rest. */
  once(): void {
    this.training = false;
    this.stepsWanted = 1;
    this.wake();
  }

  /** The same start again. */
  reset(): void {
    this.training = false;
    this.snapshot = undefined;
    for (const pupil of [this.reversible, this.standard]) {
      pupil?.trainer.reset();
      if (pupil) pupil.losses = [];
    }
    this.firstStep = 0;
    this.ownCells = new Map();
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
    const rows = shippedRounds.map((trained): Row => {
      const cells = this.columns.map((asked) => [asked, this.shippedCells.get(cellKey(trained, asked))] as const);
      return { trained, steps: undefined, cells: known(cells) };
    });
    const own = this.columns.map((asked) => [asked, this.ownCells.get(asked)?.score] as const);
    rows.push({ trained: task.rounds, steps: reversible.trainer.step, cells: known(own) });
    return {
      step: reversible.trainer.step,
      training: this.training,
      losses: { reversible: reversible.losses, standard: this.standard?.losses ?? [] },
      firstStep: this.firstStep,
      rows,
      ...measured,
      drift: this.drift?.layers,
      task,
    };
  }

  /** Rounds that the table asks with: the usual ones, and the one of the slider. */
  get columns(): number[] {
    return [...new Set([...askedRounds, this.rounds])].sort((a, b) => (a === 0 ? -1 : b === 0 ? 1 : b - a));
  }

  /** Does what there is to do, if nobody does it already. */
  private wake(): void {
    const { context } = this;
    if (!context || this.busy === context) return;
    this.busy = context;
    const isCurrent = () => this.shown && this.context === context;
    const run = async () => {
      // The page draws and answers between two pieces of work.
      while (isCurrent()) {
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
      .catch(async (error) => {
        // What a lost device says comes before the news that it is lost; with another one this room is opened anew.
        await new Promise((resolve) => setTimeout(resolve, lossNews));
        if (!isCurrent()) return;
        this.training = false;
        this.say(error instanceof Error ? error.message : String(error));
        if (!(error instanceof InputError)) console.error(error);
      })
      .finally(() => {
        if (this.busy === context) this.busy = undefined;
        if (isCurrent()) this.news();
      });
  }

  /** One piece of work; false if there is none. */
  private async next(): Promise<boolean> {
    const { reversible } = this;
    if (!reversible) return false;
    if (this.training || this.stepsWanted > 0) {
      this.stepsWanted = 0;
      await this.step(reversible);
      return true;
    }
    return (await this.fillDrift(reversible)) || (await this.fillCell());
  }

  private async step(reversible: Pupil): Promise<void> {
    const { standard, key } = this;
    const losses: number[] = [];
    for (const pupil of [reversible, ...(standard ? [standard] : [])]) {
      await pupil.trainer.train();
      losses.push((await pupil.trainer.history(1))[0].loss);
    }
    const snapshots = [await reversible.trainer.snapshot(), await standard?.trainer.snapshot()];
    if (this.reversible !== reversible || this.key !== key) return;
    // All of it is there: the step is finished.
    this.snapshot = { ...(snapshots[0] as TrainerSnapshot), key };
    this.standardSnapshot = snapshots[1];
    reversible.losses.push(losses[0]);
    standard?.losses.push(losses[1]);
    this.drift = undefined;
    this.news();
    if (reversible.trainer.step % evaluateEvery === 0) {
      for (const asked of this.columns) await this.askOwn(reversible, asked, sequences[0]);
    }
  }

  /** Fills the most wanted empty cell of the table; false if there is none. */
  private async fillCell(): Promise<boolean> {
    const { reversible, columns } = this;
    if (!reversible) return false;
    for (const [level, count] of sequences.entries()) {
      for (const trained of shippedRounds) {
        const asked = columns.find((rounds) => !this.isAnswered(trained, rounds, level));
        if (asked === undefined) continue;
        await this.askShipped(trained, asked, count);
        return true;
      }
      const asked = columns.find((rounds) => {
        const cell = this.ownCells.get(rounds);
        return !cell || cell.step !== reversible.trainer.step || !isFirm(cell.score, this.task, level);
      });
      if (asked !== undefined && reversible.trainer.step > 0) {
        await this.askOwn(reversible, asked, count);
        return true;
      }
    }
    return false;
  }

  private isAnswered(trained: number, asked: number, level: number): boolean {
    const score = this.shippedCells.get(cellKey(trained, asked));
    return score !== undefined && isFirm(score, defaultTask, level);
  }

  private async askShipped(trained: number, asked: number, count: number): Promise<void> {
    const { context } = this;
    const { task, values } = await shipped(trained);
    if (!context) return;
    const own = context.beside();
    try {
      const weights = new Weights(own, modelOf(task), false);
      weights.upload(values);
      const score = await evaluate(weights, { ...task, batch: 16 }, asked, count);
      this.shippedCells.set(cellKey(trained, asked), score);
    } finally {
      own.free();
    }
    this.news();
  }

  private async askOwn(pupil: Pupil, asked: number, count: number): Promise<void> {
    const { step } = pupil.trainer;
    const score = await pupil.trainer.evaluate(asked, count);
    if (this.reversible !== pupil || pupil.trainer.step !== step) return;
    this.ownCells.set(asked, { step, score });
    this.news();
  }

  private async fillDrift(pupil: Pupil): Promise<boolean> {
    const { trainer } = pupil;
    if (this.drift?.step === trainer.step) return false;
    const { step } = trainer;
    const layers = await measureDrift(trainer);
    if (this.reversible !== pupil) return true;
    this.drift = { step, layers };
    this.news();
    return true;
  }
}

const cellKey = (trained: number, asked: number): string => `${trained} ${asked}`;

const known = (cells: (readonly [number, Score | undefined])[]): Map<number, Score> =>
  new Map(cells.filter((cell): cell is readonly [number, Score] => cell[1] !== undefined));

/** Whether a score is of as many sequences as a level asks. */
const isFirm = ({ symbols }: Score, { length }: Task, level: number): boolean =>
  symbols >= sequences[level] * (length / 2 - 1);

/** Memory of one training step, taken and given back, for several depths; and what is kept of a layer. */
function measure(
  context: Context,
  task: Task,
  slices: number,
): { depths: Depth[]; kept: Findings['kept']; shared: Findings['shared'] } {
  const of = (layers: number, mode: 'stored' | 'reversible') => {
    const own = context.beside();
    try {
      new Trainer(own, { ...task, layers }, mode, slices).drafts();
      return { memory: memoryOf(own.ledger), kept: keptOf(own), parts: partsOf(own) };
    } finally {
      own.free();
    }
  };
  const all = depths.map((layers) => ({
    layers,
    activations: of(layers, 'stored'),
    buckets: of(layers, 'reversible'),
  }));
  const one = all[0];
  const perLayer = ({ attention, feedForward }: Kept) => attention + feedForward;
  return {
    depths: all.map(({ layers, activations, buckets }) => ({
      layers,
      activations: activations.memory,
      buckets: buckets.memory,
      parts: { activations: activations.parts, buckets: buckets.parts },
    })),
    kept: { activations: one.activations.kept, buckets: one.buckets.kept },
    shared: {
      activations: one.activations.memory.activationPeakBytes - perLayer(one.activations.kept),
      buckets: one.buckets.memory.activationPeakBytes,
    },
  };
}

/** Buffers of activations and bucket ids, the largest first; those that every layer has together. */
function partsOf({ ledger }: Context): Part[] {
  const parts = new Map<string, Part>();
  for (const { label, bytes } of ledger.list()) {
    if (isLasting(label)) continue;
    const name = label.replace(/^layer \d+: /, '');
    const part = parts.get(name) ?? { name, count: 0, bytes: 0 };
    parts.set(name, { name, count: part.count + 1, bytes: part.bytes + bytes });
  }
  return [...parts.values()].sort((a, b) => b.bytes - a.bytes);
}

/** What the first layer has buffers of its own for. */
function keptOf({ ledger }: Context): Kept {
  const kept: Kept = { attention: 0, feedForward: 0 };
  for (const { label, bytes } of ledger.list()) {
    const [, name] = /^layer 0: (.*)$/.exec(label) ?? [];
    if (name === undefined) continue;
    if (/feed-forward|^hidden$/.test(name)) kept.feedForward += bytes;
    else kept.attention += bytes;
  }
  return kept;
}
