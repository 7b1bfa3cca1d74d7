import { lossCauses } from '../algorithm/missed-pairs';
import { readouts } from '../language/readouts';
import { formatNumber } from '../shared/format';
import { type Control, controls, type Key, keys, type State } from '../state/schema';
import { button, find, make, makeTable, tableRow } from '../ui/dom';
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
  private readonly root = find('#compare');
  private readonly figures = new FigureSurface('attention');

  /** `back` is called when a person returns to A. */
  constructor(private readonly back: (state: State) => void) {}

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
    const rows = measures.flatMap((measure) => {
      const [a, b] = [stored.numbers.get(measure), current.numbers.get(measure)];
      if (a === undefined || b === undefined) return [];
      const cells = [a, b, b - a].map((value, k) => {
        const entry = { kind: 'compared', index: `${measure} ${sides[k]}`, value } as const;
        return this.figures.make('td', entry, k < 2 ? format(value) : formatSigned(value));
      });
      return [tableRow([make('th', { scope: 'row' }, measureNames[measure]), ...cells])];
    });
    const picture =
      stored.picture && changes.length
        ? [make('p', {}, words.picture), make('img', { src: stored.picture, alt: words.pictureAlt })]
        : [];
    root.replaceChildren(
      make('h3', {}, words.title),
      make('p', {}, changes.length ? words.differs(changes) : words.same),
      makeTable(['', 'A', 'B', 'B − A'], rows),
      ...picture,
      button(words.back, () => this.back(stored.state)),
      button(words.end, () => this.end()),
    );
    root.hidden = false;
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
