import { formatNumber } from '../shared/format';
import { type Control, controls, type Key, keys, type State } from '../state/schema';

/** What one setting came to. */
export interface SettingResult {
  state: State;
  /** Numbers by what they are. */
  numbers: ReadonlyMap<Measured, number>;
  /** The stage as it looked, or none. */
  picture?: string | undefined;
}

/** What two settings are compared by. */
export const measured = {
  error: 'error',
  captured: 'captured',
  chunkEdge: 'chunk edge',
  longBucket: 'long bucket',
  otherBucket: 'other bucket',
  seen: 'keys seen',
  slots: 'slots scored',
  milliseconds: 'time, ms',
} as const;
export type Measured = keyof typeof measured;

const sides = ['A', 'B', 'difference'] as const;

/** A setting that was kept as A, beside the present one, B, and the difference of what they came to. */
export class Comparison {
  private kept: SettingResult | undefined;
  private readonly root = document.querySelector('#compare') as HTMLElement;

  /** `back` is called to show A again. */
  constructor(private readonly back: (state: State) => void) {}

  get isOn(): boolean {
    return this.kept !== undefined;
  }

  keep(outcome: SettingResult): void {
    this.kept = outcome;
    this.show(outcome);
  }

  end(): void {
    this.kept = undefined;
    this.root.hidden = true;
  }

  /** Shows A beside what the present setting came to. */
  show(now: SettingResult): void {
    const { kept, root } = this;
    if (!kept) return;
    const changes = differing(kept.state, now.state);
    const title = document.createElement('h3');
    title.textContent = 'A beside B';
    const words = document.createElement('p');
    words.textContent = changes.length
      ? `B differs in: ${changes.map((key) => `${controls[key].label} ${named(key, kept.state)} → ${named(key, now.state)}`).join(', ')}.`
      : 'A is kept. Change anything: what is shown then is B.';
    const table = document.createElement('table');
    const head = table.createTHead().insertRow();
    for (const heading of ['', 'A', 'B', 'B − A']) {
      const cell = document.createElement('th');
      cell.scope = 'col';
      cell.textContent = heading;
      head.append(cell);
    }
    const body = table.createTBody();
    for (const [what, label] of Object.entries(measured) as [Measured, string][]) {
      const [a, b] = [kept.numbers.get(what), now.numbers.get(what)];
      if (a === undefined || b === undefined) continue;
      const row = body.insertRow();
      const name = document.createElement('th');
      name.scope = 'row';
      name.textContent = label;
      row.append(name);
      for (const [k, value] of [a, b, b - a].entries()) {
        const cell = row.insertCell();
        cell.textContent = k < 2 ? written(value) : signed(value);
        Object.assign(cell.dataset, { kind: 'compared', index: `${what} ${sides[k]}`, value: String(value) });
      }
    }
    const again = this.button('back to A', () => this.back(kept.state));
    const stop = this.button('end', () => this.end());
    const parts: Node[] = [title, words, table];
    if (kept.picture && changes.length) {
      const picture = document.createElement('img');
      picture.src = kept.picture;
      picture.alt = 'The stage as it looked with setting A';
      const caption = document.createElement('p');
      caption.textContent = 'A, as it looked:';
      parts.push(caption, picture);
    }
    root.replaceChildren(...parts, again, stop);
    root.hidden = false;
  }

  private button(words: string, act: () => void): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = words;
    button.addEventListener('click', act);
    return button;
  }
}

/** Controls whose values differ, but for what only chooses a view. */
function differing(a: State, b: State): Key[] {
  return keys.filter((key) => a[key] !== b[key] && !['scene', 'theme'].includes(key));
}

function named(key: Key, state: State): string {
  const control = controls[key] as Control;
  const value = state[key];
  if (control.type === 'choice') return Object.entries(control.choices).find(([, one]) => one === value)?.[0] ?? '';
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}

const written = (value: number): string => (Number.isInteger(value) ? value.toLocaleString('en') : formatNumber(value));

const signed = (value: number): string => (value === 0 ? '0' : `${value > 0 ? '+' : '−'}${written(Math.abs(value))}`);
