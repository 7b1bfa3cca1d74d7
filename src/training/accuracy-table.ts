import { defaultTask, modelOf, type Task } from '../algorithm/duplication-task';
import type { Context } from '../gpu/runtime/context';
import { Weights } from '../model/parameters';
import { evaluate, type Score } from './evaluate';
import { shipped, shippedRounds } from './shipped-weights';
import type { Trainer } from './trainer';

/** Rounds that models are asked with; 0 is full attention. */
const askedRounds = [0, 8, 4, 2, 1] as const;

/** Sequences of a first, quick answer, and of a better one. */
const sequences = [16, 96];

/** A row of the accuracy table. */
export interface Row {
  /** Rounds trained with; 0 is full attention. */
  trained: number;
  /** The model that is trained here, and its steps; or one that came with the page. */
  steps: number | undefined;
  /** By the rounds it was asked with. */
  cells: Map<number, Score>;
}

/** The table of what more hash rounds buy: models trained with some rounds, asked with others. Fills one cell at a time. */
export class AccuracyTable {
  /** Rounds of the slider. */
  rounds = 4;
  private readonly shippedCells = new Map<string, Score>();
  private ownCells = new Map<number, { step: number; score: Score }>();

  constructor(
    /** Called when there is something new to draw. */
    private readonly news: () => void,
  ) {}

  /** Rounds that the table asks with: the usual ones, and the one of the slider. */
  get columns(): number[] {
    return [...new Set([...askedRounds, this.rounds])].sort((a, b) => (a === 0 ? -1 : b === 0 ? 1 : b - a));
  }

  /** The rows of the models that came with the page, and of the one trained here. */
  rows(own: Trainer): Row[] {
    const { columns } = this;
    const rows = shippedRounds.map((trained): Row => {
      const cells = columns.map((asked) => [asked, this.shippedCells.get(cellKey(trained, asked))] as const);
      return { trained, steps: undefined, cells: known(cells) };
    });
    const cells = columns.map((asked) => [asked, this.ownCells.get(asked)?.score] as const);
    return [...rows, { trained: own.task.rounds, steps: own.step, cells: known(cells) }];
  }

  /** The model trained here is another one now. */
  forgetOwn(): void {
    this.ownCells = new Map();
  }

  /** Asks the model trained here with all numbers of rounds, quickly. */
  async askAll(own: Trainer): Promise<void> {
    for (const asked of this.columns) await this.askOwn(own, asked, sequences[0]);
  }

  /** Fills the most wanted empty cell of the table; false if there is none. */
  async fill(context: Context, own: Trainer): Promise<boolean> {
    const { columns } = this;
    for (const [level, count] of sequences.entries()) {
      for (const trained of shippedRounds) {
        const asked = columns.find((rounds) => !this.isAnswered(trained, rounds, level));
        if (asked === undefined) continue;
        await this.askShipped(context, trained, asked, count);
        return true;
      }
      const asked = columns.find((rounds) => {
        const cell = this.ownCells.get(rounds);
        return !cell || cell.step !== own.step || !isFirm(cell.score, own.task, level);
      });
      if (asked !== undefined && own.step > 0) {
        await this.askOwn(own, asked, count);
        return true;
      }
    }
    return false;
  }

  private isAnswered(trained: number, asked: number, level: number): boolean {
    const score = this.shippedCells.get(cellKey(trained, asked));
    return score !== undefined && isFirm(score, defaultTask, level);
  }

  private async askShipped(context: Context, trained: number, asked: number, count: number): Promise<void> {
    const { task, values } = await shipped(trained);
    const own = context.createSibling();
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

  private async askOwn(own: Trainer, asked: number, count: number): Promise<void> {
    const { ownCells } = this;
    const { step } = own;
    const score = await own.evaluate(asked, count);
    if (this.ownCells !== ownCells || own.step !== step) return;
    ownCells.set(asked, { step, score });
    this.news();
  }
}

const cellKey = (trained: number, asked: number): string => `${trained} ${asked}`;

const known = (cells: (readonly [number, Score | undefined])[]): Map<number, Score> =>
  new Map(cells.filter((cell): cell is readonly [number, Score] => cell[1] !== undefined));

/** Whether a score is of as many sequences as a level asks. */
const isFirm = ({ symbols }: Score, { length }: Task, level: number): boolean =>
  symbols >= sequences[level] * (length / 2 - 1);
