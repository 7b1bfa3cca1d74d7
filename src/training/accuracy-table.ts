import { defaultTask, modelOf, type Task } from '../algorithm/duplication-task';
import type { Context } from '../gpu/runtime/context';
import { Weights } from '../model/parameters';
import { evaluate, type Score } from './evaluate';
import { shippedRounds, shippedWeights } from './shipped-weights';
import type { Trainer } from './trainer';

/** Hash rounds at evaluation that the table always has; 0 is full attention. */
const evaluatedRounds = [0, 8, 4, 2, 1] as const;

/** Sequences of a first, quick evaluation, and of a more precise one. */
const sequences = [16, 96];

/** A row of the accuracy table: one model, evaluated with several numbers of hash rounds. */
export interface Row {
  /** Hash rounds in training; 0 is full attention. */
  trainingRounds: number;
  /** Steps of the model that is trained here; undefined for a model that is shipped with the page. */
  steps: number | undefined;
  /** Scores by hash rounds at evaluation. Cells that are not computed yet are missing. */
  cells: Map<number, Score>;
}

/** Accuracy by hash rounds in training and at evaluation. Cells are computed one at a time. */
export class AccuracyTable {
  /** Hash rounds selected on the page, which the table evaluates too. */
  selectedRounds = 4;
  private readonly shippedCells = new Map<string, Score>();
  private trainerCells = new Map<number, { step: number; score: Score }>();

  constructor(
    /** Called when a cell changes. */
    private readonly onChange: () => void,
  ) {}

  /** Hash rounds at evaluation, one for each column: full attention first, then falling. */
  get columns(): number[] {
    return [...new Set([...evaluatedRounds, this.selectedRounds])].sort((a, b) => (a === 0 ? -1 : b === 0 ? 1 : b - a));
  }

  /** The rows of the shipped models, and of the model trained here. */
  rows(trainer: Trainer): Row[] {
    const { columns } = this;
    const rows = shippedRounds.map((trainingRounds): Row => {
      const cells = columns.map((rounds) => [rounds, this.shippedCells.get(cellKey(trainingRounds, rounds))] as const);
      return { trainingRounds, steps: undefined, cells: withoutGaps(cells) };
    });
    const cells = columns.map((rounds) => [rounds, this.trainerCells.get(rounds)?.score] as const);
    return [...rows, { trainingRounds: trainer.task.rounds, steps: trainer.step, cells: withoutGaps(cells) }];
  }

  /** Clears the row of the model trained here. */
  clearTrainer(): void {
    this.trainerCells = new Map();
  }

  /** Evaluates the model trained here for all columns, quickly. */
  async evaluateTrainer(trainer: Trainer): Promise<void> {
    for (const rounds of this.columns) await this.fillTrainerCell(trainer, rounds, sequences[0]);
  }

  /** Computes the next cell: quick scores first, shipped models before the one trained here. Resolves to false if no cell is left. */
  async fillNext(context: Context, trainer: Trainer): Promise<boolean> {
    const { columns } = this;
    for (const [level, count] of sequences.entries()) {
      for (const trainingRounds of shippedRounds) {
        const nextRounds = columns.find((rounds) => !this.isShippedCellDone(trainingRounds, rounds, level));
        if (nextRounds === undefined) continue;
        await this.fillShippedCell(context, trainingRounds, nextRounds, count);
        return true;
      }
      const nextRounds = columns.find((rounds) => {
        const cell = this.trainerCells.get(rounds);
        return !cell || cell.step !== trainer.step || !hasLevel(cell.score, trainer.task, level);
      });
      if (nextRounds !== undefined && trainer.step > 0) {
        await this.fillTrainerCell(trainer, nextRounds, count);
        return true;
      }
    }
    return false;
  }

  private isShippedCellDone(trainingRounds: number, rounds: number, level: number): boolean {
    const score = this.shippedCells.get(cellKey(trainingRounds, rounds));
    return score !== undefined && hasLevel(score, defaultTask, level);
  }

  private async fillShippedCell(
    context: Context,
    trainingRounds: number,
    rounds: number,
    count: number,
  ): Promise<void> {
    const { task, values } = await shippedWeights(trainingRounds);
    const sibling = context.createSibling();
    try {
      const weights = new Weights(sibling, modelOf(task), false);
      weights.upload(values);
      const score = await evaluate(weights, { ...task, batch: 16 }, rounds, count);
      this.shippedCells.set(cellKey(trainingRounds, rounds), score);
    } finally {
      sibling.free();
    }
    this.onChange();
  }

  private async fillTrainerCell(trainer: Trainer, rounds: number, count: number): Promise<void> {
    const { trainerCells } = this;
    const { step } = trainer;
    const score = await trainer.evaluate(rounds, count);
    if (this.trainerCells !== trainerCells || trainer.step !== step) return;
    trainerCells.set(rounds, { step, score });
    this.onChange();
  }
}

const cellKey = (trainingRounds: number, rounds: number): string => `${trainingRounds} ${rounds}`;

const withoutGaps = (cells: (readonly [number, Score | undefined])[]): Map<number, Score> =>
  new Map(cells.filter((cell): cell is readonly [number, Score] => cell[1] !== undefined));

/** True if a score is computed from at least as many sequences as a level needs. */
const hasLevel = ({ symbols }: Score, { length }: Task, level: number): boolean =>
  symbols >= sequences[level] * (length / 2 - 1);
