import { spread } from '../algorithm/statistics';
import { SweepChart, type SweepPanel } from '../charts/sweep';
import type { Engine } from '../engine/engine';
import type { ExperimentsEvidence, MeasuredExplanation } from '../explain/experiments';
import type { UserVectors } from '../input/job';
import { dialogs } from '../language/dialogs';
import { messageOf } from '../shared/errors';
import { formatNumber, formatPercent } from '../shared/format';
import type { State } from '../state/schema';
import { dialogOf } from '../ui/dialog';
import { FigureSurface } from '../ui/figures';
import type { Page } from '../ui/page';
import { describeSetting, Trials } from './experiments/trials';
import { csvFile, pngFile, svgFile } from './export-files';

const words = dialogs.sweep;

/** The sweep measures 1 … `mostRounds` rounds, and the time of `timedRounds` only. */
const mostRounds = 16;
const timedRounds = [1, 2, 4, 8, 16];
const seeds = 5;

/** Results by rounds, with the directions of one seed. */
interface SeedResult {
  seed: number;
  error: Map<number, number>;
  captured: Map<number, number>;
  milliseconds: Map<number, number>;
}
type Quantity = Exclude<keyof SeedResult, 'seed'>;

/** Formats a number on an axis. */
const formatLevel = (value: number): string => String(Number(value.toPrecision(3)));

const styles: Record<Quantity, Pick<SweepPanel, 'look' | 'format'>> = {
  error: { look: 'error', format: formatLevel },
  captured: { look: 'captured', format: (value) => `${Math.round(100 * value)} %` },
  milliseconds: { look: 'time', format: formatLevel },
};
const quantities = Object.keys(styles) as Quantity[];
const titles: Record<Quantity, string> = words.quantities;
const columns: Record<keyof SeedResult | 'rounds', string> = words.columns;

/** The dialog that sweeps the number of hash rounds, over several seeds of the directions. */
export class RoundsSweep {
  private readonly dialog = dialogOf('sweep');
  private results: SeedResult[] = [];
  private notes: string[] = [];
  private explanations = new Map<string, MeasuredExplanation>();
  private readonly figures = new FigureSurface('dialog');
  private readonly chart = new SweepChart(this.dialog.find('.drawing'), this.figures);

  constructor(private readonly page: Page) {
    const offer = (format: 'svg' | 'png' | 'csv', make: () => Blob | Promise<Blob>) =>
      this.dialog.find(`.${format}`).addEventListener('click', () => void this.save(`${words.file}.${format}`, make));
    offer('svg', () => svgFile(this.chart.svg));
    offer('png', () => pngFile(this.chart.svg));
    offer('csv', () => csvFile(this.rows()));
    new ResizeObserver(() => this.draw()).observe(this.dialog.find('.drawing'));
  }

  /** Explanations of the numbers shown. Undefined while the dialog is closed. */
  get evidence(): ExperimentsEvidence | undefined {
    return this.dialog.isOpen ? this.explanations : undefined;
  }

  /** Shows the dialog and sweeps until done, closed, or an error. The dialog shows the error. */
  async open(engine: Engine | undefined, state: State, userVectors: UserVectors): Promise<void> {
    this.results = [];
    this.notes = [];
    await this.dialog.run(async (signal) => {
      this.draw();
      if (!engine) throw new Error(dialogs.noEngine);
      const trials = new Trials(engine, state, userVectors, signal);
      this.notes = [describeSetting(trials, state)];
      try {
        for (let seed = state.seed; seed < state.seed + seeds; seed++) {
          this.dialog.showState(words.measuring(seed));
          await this.sweep(trials, seed);
        }
        this.dialog.showState('');
      } finally {
        trials.free();
      }
    });
  }

  /** Measures with the directions of one seed. One run with the most rounds gives error and captured share of all fewer rounds. */
  private async sweep(trials: Trials, seed: number): Promise<void> {
    const result: SeedResult = { seed, error: new Map(), captured: new Map(), milliseconds: new Map() };
    await trials.runJob(await trials.job({ rounds: mostRounds }, seed));
    const { points } = await trials.curve();
    for (const { rounds, error, captured } of points) {
      result.error.set(rounds, error);
      result.captured.set(rounds, captured);
    }
    this.results.push(result);
    this.draw();
    for (const rounds of timedRounds) {
      result.milliseconds.set(rounds, await trials.milliseconds(await trials.job({ rounds }, seed)));
      this.draw();
    }
  }

  /** The rounds for which a quantity is measured with at least one seed, and its values by seed. */
  private valuesOf(quantity: Quantity): { rounds: number; values: { seed: number; value: number }[] }[] {
    return Array.from({ length: mostRounds }, (_, k) => k + 1)
      .map((rounds) => ({
        rounds,
        values: this.results.flatMap((result) => {
          const value = result[quantity].get(rounds);
          return value === undefined ? [] : [{ seed: result.seed, value }];
        }),
      }))
      .filter(({ values }) => values.length > 0);
  }

  private draw(): void {
    if (!this.dialog.isOpen) return;
    this.explanations = new Map();
    this.figures.clear();
    const panels = quantities.map((quantity): SweepPanel => {
      const title = titles[quantity];
      const points = this.valuesOf(quantity).map(({ rounds, values }) => {
        const { mean, low, high } = spread(values.map(({ value }) => value));
        this.explanations.set(`sweep-${quantity} ${rounds}`, {
          title: words.point(title, rounds, values.length),
          operands: values.map(({ seed, value }) => ({
            name: words.seed(seed),
            value,
            marked: values.length > 1 && (value === low || value === high),
          })),
          note: words.note,
        });
        return { rounds, mean, low, high };
      });
      return { kind: `sweep-${quantity}`, title, points, ...styles[quantity] };
    });
    const count = this.results.length;
    const notes = count ? [words.legend(count), ...this.notes] : this.notes;
    this.chart.show({ panels, rounds: mostRounds, notes });
    this.dialog.find('.finding').replaceChildren(...findingOf(panels, this.figures));
    for (const button of this.dialog.element.querySelectorAll<HTMLButtonElement>('.files button'))
      button.disabled = !count;
  }

  /** A table of all measured numbers. A cell is empty if its number is not measured. */
  private rows(): (string | number)[][] {
    const rows = this.results.flatMap((result) =>
      [...result.error.keys()].map((rounds) => [
        result.seed,
        rounds,
        ...quantities.map((quantity) => result[quantity].get(rounds) ?? ''),
      ]),
    );
    return [[columns.seed, columns.rounds, ...quantities.map((quantity) => columns[quantity])], ...rows];
  }

  private async save(name: string, make: () => Blob | Promise<Blob>): Promise<void> {
    try {
      this.page.offer(name, await make());
    } catch (error) {
      this.dialog.showState(messageOf(error));
    }
  }
}

/** The result of the sweep in one or two sentences. */
function findingOf([error, captured, milliseconds]: SweepPanel[], figures: FigureSurface): (string | HTMLElement)[] {
  const number = ({ kind }: SweepPanel, { rounds, mean }: SweepPanel['points'][number], format = formatNumber) =>
    figures.make('span', { kind, index: rounds, value: mean }, format(mean));
  const [first, last, most] = [error.points[0], error.points.at(-1), captured.points.at(-1)];
  if (!first || !last || !most) return [dialogs.measuring];
  const numbers = {
    first: number(error, first),
    last: number(error, last),
    captured: number(captured, most, formatPercent),
  };
  const [fastest, slowest] = [milliseconds.points[0], milliseconds.points.at(-1)];
  if (!fastest || slowest?.rounds !== mostRounds) return words.finding(mostRounds, numbers);
  return words.findingWithTime(mostRounds, {
    ...numbers,
    milliseconds: number(milliseconds, slowest),
    millisecondsOfOne: number(milliseconds, fastest),
  });
}
