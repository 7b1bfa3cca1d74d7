import { drawLines } from '../charts/lines';
import type { Engine } from '../engine/engine';
import type { ExperimentsEvidence, Said } from '../explain/experiments';
import type { UserVectors } from '../input/job';
import type { State } from '../state/schema';
import type { Experiment, Figure, Found, Side } from './experiments/experiment';
import { sizes } from './experiments/sizes';
import { switches } from './experiments/switches';
import { Trials, usedWords } from './experiments/trials';

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

/** What an experiment is run on. */
interface Setting {
  engine: Engine;
  state: State;
  userVectors: UserVectors;
}

/** The dialog of experiments: each is run on the present setting when it is unfolded, one after the other. */
export class Experiments {
  private readonly dialog = document.querySelector('#experiments') as HTMLDialogElement;
  private abort = new AbortController();
  private said = new Map<string, Said>();
  private last: Promise<unknown> = Promise.resolve();

  /** `change` puts a side of a switch into the page. */
  constructor(private readonly change: (change: Partial<State>) => void) {
    this.part('header button').addEventListener('click', () => this.dialog.close());
    this.dialog.addEventListener('close', () => this.abort.abort());
  }

  /** What is said of the numbers shown; undefined while the dialog is closed. */
  get evidence(): ExperimentsEvidence | undefined {
    return this.dialog.open ? this.said : undefined;
  }

  /** Shows the list of experiments for a setting, all folded and not run. */
  open(engine: Engine | undefined, state: State, userVectors: UserVectors): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.said = new Map();
    const { signal } = this.abort;
    const list = this.part('.list');
    const used = this.part('.used');
    list.replaceChildren();
    if (engine) {
      used.textContent = 'Each is measured when it is unfolded, on the setting of the page.';
      list.append(...experiments.map((one) => this.entry(one, { engine, state, userVectors }, signal)));
    } else used.textContent = 'There is nothing to compute with at this moment.';
    if (!this.dialog.open) this.dialog.showModal();
  }

  private entry(experiment: Experiment, setting: Setting, signal: AbortSignal): HTMLElement {
    const details = document.createElement('details');
    details.id = `experiment-${experiment.id}`;
    const result = made('section', 'result');
    details.append(made('summary', '', experiment.title), made('p', 'why', experiment.why), result);
    details.addEventListener(
      'toggle',
      () => {
        details.dataset.state = 'busy';
        result.replaceChildren(made('p', 'state', 'measuring …'));
        const run = async () => {
          if (signal.aborted) return;
          const shown = await this.measure(experiment, setting, signal);
          result.replaceChildren(...shown);
          details.dataset.state = 'ready';
        };
        this.last = this.last.then(run).catch((error) => {
          if (signal.aborted) return;
          result.replaceChildren(made('p', 'state', error instanceof Error ? error.message : String(error)));
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
      this.part('.used').textContent = `${usedWords(trials.state, state)}; on ${trials.device}.`;
      const found = await experiment.run(trials);
      const all = [...found.sides.flatMap((side) => side.figures), ...(found.lines?.flat() ?? [])];
      for (const { kind, index, said } of all) this.said.set(`${kind} ${index}`, said);
      return [this.finding(found), ...this.lines(found), this.table(found)];
    } finally {
      trials.free();
    }
  }

  private finding({ finding }: Found): HTMLElement {
    const words = made('p', 'finding');
    words.append(...finding.map((piece) => (typeof piece === 'string' ? piece : shown('span', piece))));
    return words;
  }

  private lines({ lines, sides }: Found): HTMLElement[] {
    if (!lines) return [];
    const figure = made('figure', '');
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    figure.append(svg);
    const width = Math.min(520, this.part('.list').clientWidth - 4);
    drawLines(
      svg,
      lines,
      sides.map(({ name }) => name),
      width,
    );
    return [figure];
  }

  private table({ columns, sides }: Found): HTMLElement {
    const table = document.createElement('table');
    const head = table.createTHead().insertRow();
    for (const name of ['', ...columns]) {
      const cell = made('th', '', name) as HTMLTableCellElement;
      cell.scope = 'col';
      head.append(cell);
    }
    if (sides.some(({ change }) => change)) head.append(document.createElement('td'));
    const body = table.createTBody();
    for (const side of sides) {
      const row = body.insertRow();
      const name = made('th', '', side.name) as HTMLTableCellElement;
      name.scope = 'row';
      row.append(name, ...side.figures.map((figure) => shown('td', figure)));
      if (side.change) row.insertCell().append(this.showMe(side));
    }
    const scroll = made('div', 'scroll');
    scroll.append(table);
    return scroll;
  }

  private showMe({ name, change }: Side): HTMLElement {
    const button = made('button', '', 'show me') as HTMLButtonElement;
    button.type = 'button';
    button.setAttribute('aria-label', `show me: ${name}`);
    button.addEventListener('click', () => {
      this.dialog.close();
      if (change) this.change(change);
    });
    return button;
  }

  private part(selector: string): HTMLElement {
    return this.dialog.querySelector(selector) as HTMLElement;
  }
}

function made(tag: string, name: string, words = ''): HTMLElement {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = words;
  return element;
}

function shown(tag: 'span' | 'td', { kind, index, value, text }: Figure): HTMLElement {
  const element = made(tag, '', text);
  Object.assign(element.dataset, { kind, index, value: String(value) });
  return element;
}
