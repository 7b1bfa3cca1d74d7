import { drawLines } from '../charts/lines';
import type { Engine } from '../engine/engine';
import type { ExperimentsEvidence, MeasuredExplanation } from '../explain/experiments';
import type { UserVectors } from '../input/job';
import { dialogs } from '../language/dialogs';
import { experiments as words } from '../language/experiments';
import type { State } from '../state/schema';
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
  private readonly dialog = document.querySelector('#experiments') as HTMLDialogElement;
  private abort = new AbortController();
  private explanations = new Map<string, MeasuredExplanation>();
  private readonly figures = new FigureSurface('dialog');
  private last: Promise<unknown> = Promise.resolve();

  /** `change` changes the page's setting, so that it shows a side of an experiment. */
  constructor(private readonly actions: { change(change: Partial<State>): void }) {
    this.find('header button').addEventListener('click', () => this.dialog.close());
    this.dialog.addEventListener('close', () => this.abort.abort());
  }

  /** Explanations of the numbers shown. Undefined while the dialog is closed. */
  get evidence(): ExperimentsEvidence | undefined {
    return this.dialog.open ? this.explanations : undefined;
  }

  /** Shows the list of experiments for a setting. All are closed and have not run. */
  open(engine: Engine | undefined, state: State, userVectors: UserVectors): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.explanations = new Map();
    this.figures.clear();
    const { signal } = this.abort;
    const list = this.find('.list');
    const setting = this.find('.used');
    list.replaceChildren();
    if (engine) {
      setting.textContent = words.intro;
      list.append(
        ...experiments.map((experiment) => this.createEntry(experiment, { engine, state, userVectors }, signal)),
      );
    } else setting.textContent = dialogs.noEngine;
    if (!this.dialog.open) this.dialog.showModal();
  }

  private createEntry(experiment: Experiment, setting: Setting, signal: AbortSignal): HTMLElement {
    const details = document.createElement('details');
    details.id = `experiment-${experiment.id}`;
    const result = create('section', 'result');
    details.append(create('summary', '', experiment.title), create('p', 'why', experiment.why), result);
    details.addEventListener(
      'toggle',
      () => {
        details.dataset.state = 'busy';
        result.replaceChildren(create('p', 'state', dialogs.measuring));
        const run = async () => {
          if (signal.aborted) return;
          const elements = await this.measure(experiment, setting, signal);
          result.replaceChildren(...elements);
          details.dataset.state = 'ready';
        };
        this.last = this.last.then(run).catch((error) => {
          if (signal.aborted) return;
          result.replaceChildren(create('p', 'state', error instanceof Error ? error.message : String(error)));
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
      this.find('.used').textContent = describeSetting(trials, state);
      const result = await experiment.run(trials);
      const figures = [...result.sides.flatMap((side) => side.figures), ...(result.lines?.flat() ?? [])];
      for (const { kind, index, explanation } of figures) this.explanations.set(`${kind} ${index}`, explanation);
      return [this.createFinding(result), ...this.createLines(result), this.createTable(result)];
    } finally {
      trials.free();
    }
  }

  private createFinding({ finding }: ExperimentResult): HTMLElement {
    const paragraph = create('p', 'finding');
    paragraph.append(...finding.map((piece) => (typeof piece === 'string' ? piece : this.createFigure('span', piece))));
    return paragraph;
  }

  private createLines({ lines, sides }: ExperimentResult): HTMLElement[] {
    if (!lines) return [];
    const figure = create('figure', '');
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    figure.append(svg);
    const width = Math.min(520, this.find('.list').clientWidth - 4);
    drawLines(
      svg,
      lines,
      sides.map(({ name }) => name),
      width,
      this.figures,
    );
    return [figure];
  }

  private createTable({ columns, sides }: ExperimentResult): HTMLElement {
    const table = document.createElement('table');
    const head = table.createTHead().insertRow();
    for (const name of ['', ...columns]) {
      const cell = create('th', '', name) as HTMLTableCellElement;
      cell.scope = 'col';
      head.append(cell);
    }
    if (sides.some(({ change }) => change)) head.append(document.createElement('td'));
    const body = table.createTBody();
    for (const side of sides) {
      const row = body.insertRow();
      const name = create('th', '', side.name) as HTMLTableCellElement;
      name.scope = 'row';
      row.append(name, ...side.figures.map((figure) => this.createFigure('td', figure)));
      if (side.change) row.insertCell().append(this.createButton(side));
    }
    const scroll = create('div', 'scroll');
    scroll.append(table);
    return scroll;
  }

  private createFigure(tag: 'span' | 'td', { kind, index, value, text }: Figure): HTMLElement {
    const element = create(tag, '', text);
    this.figures.set({ kind, index, value }, element);
    return element;
  }

  private createButton({ name, change }: Side): HTMLElement {
    const button = create('button', '', words.apply) as HTMLButtonElement;
    button.type = 'button';
    button.setAttribute('aria-label', words.applySide(name));
    button.addEventListener('click', () => {
      this.dialog.close();
      if (change) this.actions.change(change);
    });
    return button;
  }

  private find(selector: string): HTMLElement {
    return this.dialog.querySelector(selector) as HTMLElement;
  }
}

function create(tag: string, className: string, text = ''): HTMLElement {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}
