import { lecture } from '../../language/lecture';
import type { TaskExample } from '../../training/example';
import { button, make } from '../../ui/dom';
import type { Drawn, FigureActions, StepFigure } from './figure';

const words = lecture.drawings.task;

/** Symbols of the task by their number. 0 separates the words. */
const letterOf = (symbol: number): string =>
  symbol === 0 ? '·' : ('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'[(symbol - 1) % 52] as string);

/** An example of the duplication task: a random word, the same again, and what the model guesses at each place of the second. */
export class TaskFigure implements StepFigure {
  readonly element = make('figure', { className: 'task' });
  private readonly rows = make('div', { className: 'rows' });
  private readonly summary = make('p', { className: 'quiet', role: 'status' });

  constructor(actions: FigureActions) {
    const another = button(words.another, () => actions.anotherExample());
    this.element.append(
      make('figcaption', {}, make('b', {}, words.title)),
      this.rows,
      this.summary,
      make('p', { className: 'acts' }, another),
    );
  }

  draw({ example }: Drawn): void {
    if (!example) return;
    this.rows.replaceChildren(...rowsOf(example));
    const { right, all } = scoreOf(example);
    this.summary.textContent = example.guesses ? words.right(right, all) : words.none;
  }
}

/** How many symbols of the second word are guessed right. Those of the first word are random. */
export function scoreOf({ ids, guesses }: TaskExample): { right: number; all: number } {
  const half = ids.length / 2;
  const places = Array.from({ length: half - 1 }, (_, k) => half + 1 + k);
  return { right: places.filter((place) => guesses?.[place] === ids[place]).length, all: places.length };
}

function rowsOf({ ids, guesses }: TaskExample): HTMLElement[] {
  const half = ids.length / 2;
  const row = (name: string, cells: HTMLElement[]) =>
    make(
      'div',
      { className: 'row' },
      make('span', { className: 'name' }, name),
      make('span', { className: 'cells' }, ...cells),
    );
  const cells = (from: number, of: (place: number) => HTMLElement) =>
    Array.from({ length: half }, (_, k) => of(from + k));
  const cell = (letter: string, look = '') => make('i', { className: look }, letter);
  const symbols = (from: number) =>
    row(
      from ? words.second : words.first,
      cells(from, (place) => cell(letterOf(ids[place] as number))),
    );
  const guess = (place: number) => {
    const value = guesses?.[place];
    // The separator is given, and nobody predicts it.
    if (place === half || value === undefined) return cell(' ');
    return cell(letterOf(value), value === ids[place] ? 'right' : 'wrong');
  };
  return [symbols(0), symbols(half), row(words.guesses, cells(half, guess))];
}
