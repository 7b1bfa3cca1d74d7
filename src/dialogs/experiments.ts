import { drawLines } from '../charts/lines';
import type { Engine } from '../engine/engine';
import type { ExperimentsEvidence, MeasuredExplanation } from '../explain/experiments';
import type { UserVectors } from '../input/job';
import { dialogs } from '../language/dialogs';
import { experiments as words } from '../language/experiments';
import { messageOf } from '../shared/errors';
import type { State } from '../state/schema';
import { dialogOf } from '../ui/dialog';
import { button, make, makeTable, tableRow } from '../ui/dom';
import { FigureSurface } from '../ui/figures';
import type { Experiment, ExperimentResult, Figure, Side } from './experiments/experiment';
import { sizes } from './experiments/sizes';
import { switches } from './experiments/switches';
import { describeSetting, Trials } from './experiments/trials';

const experiments: readonly Experiment[] = [
  switches.repeats,
  switches.future,
  switches.wrap,
  sizes.factors,
  sizes.overflow,
  sizes.lookBack,
  switches.self,
  sizes.conventions,
];

/** The inputs of an experiment. */
interface Setting {
  engine: Engine;
  state: State;
  userVectors: UserVectors;
}

/** The dialog of experiments. An experiment runs on the present setting when it is opened, after those opened before it. */
export class Experiments {
  private readonly dialog = dialogOf('experiments');
  private explanations = new Map<string, MeasuredExplanation>();
  private readonly figures = new FigureSurface('dialog');
  private last: Promise<unknown> = Promise.resolve();

  /** `change` changes the page's setting, so that it shows a side of an experiment. */
  constructor(private readonly actions: { change(change: Partial<State>): void }) {}

  /** Explanations of the numbers shown. Undefined while the dialog is closed. */
  get evidence(): ExperimentsEvidence | undefined {
    return this.dialog.isOpen ? this.explanations : undefined;
  }

  /** Shows the list of experiments for a setting. All are closed and have not run. */
  open(engine: Engine | undefined, state: State, userVectors: UserVectors): void {
    const signal = this.dialog.open();
    this.explanations = new Map();
    this.figures.clear();
    this.dialog.find('.used').textContent = engine ? words.intro : dialogs.noEngine;
    const entries = engine
      ? experiments.map((experiment) => this.createEntry(experiment, { engine, state, userVectors }, signal))
      : [];
    this.dialog.find('.list').replaceChildren(...entries);
  }

  private createEntry(experiment: Experiment, setting: Setting, signal: AbortSignal): HTMLElement {
    const result = make('section', { className: 'result' });
    const details = make(
      'details',
      { id: `experiment-${experiment.id}` },
      make('summary', {}, experiment.title),
      make('p', { className: 'why' }, experiment.why),
      result,
    );
    const showState = (sentence: string) => result.replaceChildren(make('p', { className: 'state' }, sentence));
    details.addEventListener(
      'toggle',
      () => {
        details.dataset.state = 'busy';
        showState(dialogs.measuring);
        const run = async () => {
          if (signal.aborted) return;
          const elements = await this.measure(experiment, setting, signal);
          result.replaceChildren(...elements);
          details.dataset.state = 'ready';
        };
        this.last = this.last.then(run).catch((error) => {
          if (signal.aborted) return;
          showState(messageOf(error));
          details.dataset.state = 'failed';
        });
      },
      { once: true },
    );
    return details;
  }

  private async measure(
    experiment: Experiment,
    { engine, state, userVectors }: Setting,
    signal: AbortSignal,
  ): Promise<HTMLElement[]> {
    const trials = new Trials(engine, state, userVectors, signal);
    try {
      this.dialog.find('.used').textContent = describeSetting(trials, state);
      const result = await experiment.run(trials);
      const figures = [...result.sides.flatMap((side) => side.figures), ...(result.lines?.flat() ?? [])];
      for (const { kind, index, explanation } of figures) this.explanations.set(`${kind} ${index}`, explanation);
      return [this.createFinding(result), ...this.createLines(result), this.createTable(result)];
    } finally {
      trials.free();
    }
  }

  private createFinding({ finding }: ExperimentResult): HTMLElement {
    const parts = finding.map((part) => (typeof part === 'string' ? part : this.createFigure('span', part)));
    return make('p', { className: 'finding' }, ...parts);
  }

  private createLines({ lines, sides }: ExperimentResult): HTMLElement[] {
    if (!lines) return [];
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const names = sides.map(({ name }) => name);
    drawLines(svg, lines, names, Math.min(520, this.dialog.find('.list').clientWidth - 4), this.figures);
    return [make('figure', {}, svg)];
  }

  private createTable({ columns, sides }: ExperimentResult): HTMLElement {
    const rows = sides.map((side) =>
      tableRow([
        make('th', { scope: 'row' }, side.name),
        ...side.figures.map((figure) => this.createFigure('td', figure)),
        ...(side.change ? [make('td', {}, this.createButton(side))] : []),
      ]),
    );
    const table = makeTable(['', ...columns], rows);
    if (sides.some(({ change }) => change)) table.tHead?.rows[0].insertCell();
    return make('div', { className: 'scroll' }, table);
  }

  private createFigure(tag: 'span' | 'td', { kind, index, value, text }: Figure): HTMLElement {
    return this.figures.make(tag, { kind, index, value }, text);
  }

  private createButton({ name, change }: Side): HTMLElement {
    const act = () => {
      this.dialog.close();
      if (change) this.actions.change(change);
    };
    return button(words.apply, act, '', { ariaLabel: words.applySide(name) });
  }
}
