import { lossCauses } from '../algorithm/missed-pairs';
import { readouts } from '../language/readouts';
import { formatNumber } from '../shared/format';
import { type Control, controls, type Key, keys, type State } from '../state/schema';
import { FigureSurface } from '../ui/figures';

const words = readouts.comparison;

/** The result of one setting. */
export interface SettingResult {
  state: State;
  numbers: ReadonlyMap<Measure, number>;
  /** Address of a picture of the stage. */
  picture?: string | undefined;
}

/** The numbers that two settings are compared by, in the table's order. */
const measures = ['error', 'captured', ...lossCauses, 'seen', 'slots', 'milliseconds'] as const;
export type Measure = (typeof measures)[number];

const measureNames: Record<Measure, string> = { ...words.measures, ...readouts.causes };

const sides = ['A', 'B', 'difference'] as const;

/** Compares a stored setting, A, with the current one, B: the numbers of both and their differences. */
export class Comparison {
  private stored: SettingResult | undefined;
  private readonly root = document.querySelector('#compare') as HTMLElement;
  private readonly figures = new FigureSurface('attention');

  /** `back` is called when a person returns to A. */
  constructor(private readonly back: (state: State) => void) {}

  get isOn(): boolean {
    return this.stored !== undefined;
  }

  /** Stores a result as A. */
  keep(result: SettingResult): void {
    this.stored = result;
    this.show(result);
  }

  end(): void {
    this.figures.clear();
    this.stored = undefined;
    this.root.hidden = true;
  }

  /** Shows A beside the result of the current setting. */
  show(current: SettingResult): void {
    const { stored, root } = this;
    if (!stored) return;
    this.figures.clear();
    const changes = differingKeys(stored.state, current.state).map((key) =>
      words.change(controls[key].label, valueName(key, stored.state), valueName(key, current.state)),
    );
    const title = document.createElement('h3');
    title.textContent = words.title;
    const sentence = document.createElement('p');
    sentence.textContent = changes.length ? words.differs(changes) : words.same;
    const table = document.createElement('table');
    const head = table.createTHead().insertRow();
    for (const heading of ['', 'A', 'B', 'B − A']) {
      const cell = document.createElement('th');
      cell.scope = 'col';
      cell.textContent = heading;
      head.append(cell);
    }
    const body = table.createTBody();
    for (const measure of measures) {
      const [a, b] = [stored.numbers.get(measure), current.numbers.get(measure)];
      if (a === undefined || b === undefined) continue;
      const row = body.insertRow();
      const name = document.createElement('th');
      name.scope = 'row';
      name.textContent = measureNames[measure];
      row.append(name);
      for (const [k, value] of [a, b, b - a].entries()) {
        const cell = row.insertCell();
        cell.textContent = k < 2 ? format(value) : formatSigned(value);
        this.figures.set({ kind: 'compared', index: `${measure} ${sides[k]}`, value }, cell);
      }
    }
    const back = this.button(words.back, () => this.back(stored.state));
    const end = this.button(words.end, () => this.end());
    const parts: Node[] = [title, sentence, table];
    if (stored.picture && changes.length) {
      const picture = document.createElement('img');
      picture.src = stored.picture;
      picture.alt = words.pictureAlt;
      const caption = document.createElement('p');
      caption.textContent = words.picture;
      parts.push(caption, picture);
    }
    root.replaceChildren(...parts, back, end);
    root.hidden = false;
  }

  private button(label: string, act: () => void): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = label;
    button.addEventListener('click', act);
    return button;
  }
}

/** Controls whose values differ, except those that do not change a result. */
function differingKeys(a: State, b: State): Key[] {
  return keys.filter((key) => a[key] !== b[key] && !['scene', 'theme'].includes(key));
}

function valueName(key: Key, state: State): string {
  const control = controls[key] as Control;
  const value = state[key];
  if (control.type === 'choice') return Object.entries(control.choices).find(([, one]) => one === value)?.[0] ?? '';
  return typeof value === 'boolean' ? (value ? words.on : words.off) : String(value);
}

const format = (value: number): string => (Number.isInteger(value) ? value.toLocaleString('en') : formatNumber(value));

const formatSigned = (value: number): string =>
  value === 0 ? '0' : `${value > 0 ? '+' : '−'}${format(Math.abs(value))}`;
