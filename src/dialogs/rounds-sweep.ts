import { spread } from '../algorithm/statistics';
import { SweepChart, type SweepPanel } from '../charts/sweep';
import type { Engine } from '../engine/engine';
import type { ExperimentsEvidence, Said } from '../explain/experiments';
import type { UserVectors } from '../input/job';
import { formatNumber, formatPercent } from '../shared/format';
import type { State } from '../state/schema';
import type { Page } from '../ui/page';
import { Trials, usedWords } from './experiments/trials';
import { csvFile, pngFile, svgFile } from './export-files';

/** Rounds that are swept, and those of which time is taken. */
const mostRounds = 16;
const timed = [1, 2, 4, 8, 16];
const seeds = 5;

/** What the rounds came to with the directions of one seed. */
interface Swept {
  seed: number;
  error: Map<number, number>;
  captured: Map<number, number>;
  milliseconds: Map<number, number>;
}
type What = Exclude<keyof Swept, 'seed'>;

/** A level of an axis. */
const plain = (value: number): string => String(Number(value.toPrecision(3)));

const written: Record<What, { title: string; look: SweepPanel['look']; write: (value: number) => string }> = {
  error: { title: 'Error against full attention', look: 'error', write: plain },
  captured: { title: 'Full attention captured', look: 'captured', write: (value) => `${Math.round(100 * value)} %` },
  milliseconds: { title: 'Time, ms', look: 'time', write: plain },
};
const whats = Object.keys(written) as What[];

/** The dialog that sweeps the number of hash rounds, over several seeds of the directions. */
export class RoundsSweep {
  private readonly dialog = document.querySelector('#sweep') as HTMLDialogElement;
  private readonly chart: SweepChart;
  private abort = new AbortController();
  private swept: Swept[] = [];
  private words: string[] = [];
  private said = new Map<string, Said>();

  constructor(private readonly page: Page) {
    const part = (selector: string) => this.dialog.querySelector(selector) as HTMLElement;
    this.chart = new SweepChart(part('.drawing'));
    part('header button').addEventListener('click', () => this.dialog.close());
    this.dialog.addEventListener('close', () => this.abort.abort());
    const act = (selector: string, make: () => Blob | Promise<Blob>, name: string) =>
      part(selector).addEventListener('click', () => void this.save(name, make));
    act('.svg', () => svgFile(this.chart.svg), 'hash-rounds.svg');
    act('.png', () => pngFile(this.chart.svg), 'hash-rounds.png');
    act('.csv', () => csvFile(this.rows()), 'hash-rounds.csv');
    new ResizeObserver(() => this.draw()).observe(part('.drawing'));
  }

  /** What is said of the numbers shown; undefined while the dialog is closed. */
  get evidence(): ExperimentsEvidence | undefined {
    return this.dialog.open ? this.said : undefined;
  }

  /** Shows the dialog and sweeps until done, closed, or an error, which is said there. */
  async open(engine: Engine | undefined, state: State, userVectors: UserVectors): Promise<void> {
    this.abort.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.swept = [];
    this.words = [];
    this.dialog.dataset.state = 'busy';
    if (!this.dialog.open) this.dialog.showModal();
    this.draw();
    if (!engine) return this.say('There is nothing to compute with at this moment.');
    const trials = new Trials(engine, state, userVectors, abort.signal);
    this.words = [`${usedWords(trials.state, state)}; on ${trials.device}.`];
    try {
      for (let seed = state.seed; seed < state.seed + seeds; seed++) {
        this.say(`directions of seed ${seed} …`);
        await this.sweep(trials, seed);
      }
      this.dialog.dataset.state = 'ready';
      this.say('');
    } catch (error) {
      if (!abort.signal.aborted) this.say(error instanceof Error ? error.message : String(error));
    } finally {
      trials.free();
    }
  }

  /** One seed: a run of all rounds gives the curve of every fewer; time is taken of some numbers of rounds. */
  private async sweep(trials: Trials, seed: number): Promise<void> {
    const one: Swept = { seed, error: new Map(), captured: new Map(), milliseconds: new Map() };
    await trials.runJob(await trials.job({ rounds: mostRounds }, seed));
    const { points } = await trials.curve();
    for (const { rounds, error, captured } of points) {
      one.error.set(rounds, error);
      one.captured.set(rounds, captured);
    }
    this.swept.push(one);
    this.draw();
    for (const rounds of timed) {
      one.milliseconds.set(rounds, await trials.milliseconds(await trials.job({ rounds }, seed)));
      this.draw();
    }
  }

  /** Rounds of which `what` is known for some seeds, with the values by seed. */
  private valuesOf(what: What): { rounds: number; values: { seed: number; value: number }[] }[] {
    return Array.from({ length: mostRounds }, (_, k) => k + 1)
      .map((rounds) => ({
        rounds,
        values: this.swept.flatMap((one) => {
          const value = one[what].get(rounds);
          return value === undefined ? [] : [{ seed: one.seed, value }];
        }),
      }))
      .filter(({ values }) => values.length > 0);
  }

  private draw(): void {
    if (!this.dialog.open) return;
    this.said = new Map();
    const panels = whats.map((what): SweepPanel => {
      const points = this.valuesOf(what).map(({ rounds, values }) => {
        const found = spread(values.map(({ value }) => value));
        this.said.set(`sweep-${what} ${rounds}`, {
          title: `${written[what].title}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}: mean of ${values.length} seeds`,
          operands: values.map(({ seed, value }) => ({
            name: `directions of seed ${seed}`,
            value,
            marked: values.length > 1 && (value === found.low || value === found.high),
          })),
          note: 'Marked: the least and the largest, which the band reaches. The vectors are the same.',
        });
        return { rounds, ...found };
      });
      return { kind: `sweep-${what}`, points, ...written[what] };
    });
    const count = this.swept.length;
    const legend = `line: mean, band: least to largest, over ${count} ${count === 1 ? 'seed' : 'seeds'} of the directions.`;
    this.chart.show({ panels, rounds: mostRounds, words: count ? [`${legend}`, ...this.words] : this.words });
    (this.dialog.querySelector('.finding') as HTMLElement).replaceChildren(...this.finding(panels));
    for (const button of this.dialog.querySelectorAll<HTMLButtonElement>('.files button')) button.disabled = !count;
  }

  /** What the sweep found, in a sentence or two. */
  private finding([error, captured, milliseconds]: SweepPanel[]): (string | HTMLElement)[] {
    const number = (
      { kind }: SweepPanel,
      { rounds, mean }: SweepPanel['points'][number],
      write: typeof formatNumber,
    ) => {
      const words = document.createElement('span');
      words.textContent = write(mean);
      Object.assign(words.dataset, { kind, index: String(rounds), value: String(mean) });
      return words;
    };
    const [first, last, most] = [error.points[0], error.points.at(-1), captured.points.at(-1)];
    if (!first || !last || !most) return ['Measuring …'];
    const found = [
      'From 1 to 16 rounds the error goes from ',
      number(error, first, formatNumber),
      ' to ',
      number(error, last, formatNumber),
      '; 16 capture ',
      number(captured, most, formatPercent),
      ' of full attention',
    ];
    const [quick, slow] = [milliseconds.points[0], milliseconds.points.at(-1)];
    if (!quick || slow?.rounds !== mostRounds) return [...found, '.'];
    return [
      ...found,
      ' and take ',
      number(milliseconds, slow, formatNumber),
      ' ms, for ',
      number(milliseconds, quick, formatNumber),
      ' with 1.',
    ];
  }

  /** Every number that was measured; empty where none was. */
  private rows(): (string | number)[][] {
    const rows = this.swept.flatMap((one) =>
      [...one.error.keys()].map((rounds) => [one.seed, rounds, ...whats.map((what) => one[what].get(rounds) ?? '')]),
    );
    return [['seed', 'rounds', ...whats], ...rows];
  }

  private async save(name: string, make: () => Blob | Promise<Blob>): Promise<void> {
    try {
      this.page.offer(name, await make());
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error));
    }
  }

  private say(words: string): void {
    (this.dialog.querySelector('.state') as HTMLElement).textContent = words;
  }
}
