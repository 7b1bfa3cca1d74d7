import { percent, short } from './charts/chart';
import type { KeyReadout, TokenReadout } from './core/readout';

const listed = 5;

/** What the page says of the selected token, as a table for eyes and screen readers. `name` tells what a token is called. */
export function showReadout(
  parent: HTMLElement,
  readout: TokenReadout,
  front: number,
  name: (token: number) => string,
  choose: (token: number) => void,
): void {
  const rounds = table(
    ['round', 'bucket', 'chunk', 'weight'],
    readout.rounds.map((round, r) => ({
      className: r === front ? 'front' : '',
      cells: [
        text(String(r + 1)),
        number('bucket', r, round.bucket, String(round.bucket)),
        number('chunk', r, round.chunk, String(round.chunk)),
        share(number('round-weight', r, round.weight, short(round.weight)), round.weight),
      ],
    })),
  );
  const keyRow = ({ key, weight, full, rounds }: KeyReadout) => ({
    className: '',
    cells: [
      link(name(key), () => choose(key)),
      text(
        rounds.length > 4 ? `${rounds.length} of ${readout.rounds.length}` : rounds.map((round) => round + 1).join(' '),
      ),
      number('key-weight', key, weight, short(weight)),
      number('key-full', key, full, short(full)),
    ],
  });
  const seen = table(['key', 'rounds', 'weight', 'full'], readout.seen.slice(0, listed).map(keyRow));
  const parts: Node[] = [
    element('h3', `Token ${name(readout.token)}`),
    paragraph(
      'sees ',
      number('keys-seen', 0, readout.seen.length, String(readout.seen.length), 'span'),
      readout.seen.length === 1 ? ' key, which holds ' : ' keys, which hold ',
      number('token-captured', 0, readout.captured, percent(readout.captured), 'span'),
      ' of its full attention.',
    ),
    rounds,
    paragraph('Heaviest keys it sees'),
    seen,
  ];
  const missed = readout.missed.slice(0, listed).filter(({ full }) => full >= 0.005);
  if (missed.length) {
    const rows = missed.map(({ key, full }) => ({
      className: 'missed',
      cells: [link(name(key), () => choose(key)), number('missed-full', key, full, short(full))],
    }));
    parts.push(paragraph('Heaviest keys that no round found'), table(['key', 'full'], rows));
  }
  // The focus stays where it was, as far as there is such a place; what has not changed is not said again.
  const old = [...parent.querySelectorAll('button')];
  const focused = old.indexOf(document.activeElement as HTMLButtonElement);
  const next = document.createElement('div');
  next.append(...parts);
  if (next.innerHTML === parent.innerHTML) return;
  parent.replaceChildren(...next.childNodes);
  if (focused >= 0) parent.querySelectorAll('button')[focused]?.focus();
}

function table(headings: string[], rows: { className: string; cells: HTMLElement[] }[]): HTMLTableElement {
  const root = document.createElement('table');
  const head = root.createTHead().insertRow();
  for (const heading of headings) {
    const cell = element('th', heading);
    cell.setAttribute('scope', 'col');
    head.append(cell);
  }
  const body = root.createTBody();
  for (const { className, cells } of rows) {
    const row = body.insertRow();
    row.className = className;
    row.append(...cells);
  }
  return root;
}

function element(tag: string, words: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = words;
  return made;
}

const text = (words: string): HTMLElement => element('td', words);

function paragraph(...parts: (string | Node)[]): HTMLElement {
  const made = document.createElement('p');
  made.append(...parts);
  return made;
}

/** A number that was computed: what kind, which one, its full value, and how it is written. */
function number(kind: string, index: number, value: number, words: string, tag = 'td'): HTMLElement {
  const made = element(tag, words);
  Object.assign(made.dataset, { kind, index: String(index), value: String(value) });
  return made;
}

function share(cell: HTMLElement, part: number): HTMLElement {
  cell.className = 'share';
  cell.style.setProperty('--share', `${(100 * part).toFixed(1)}%`);
  return cell;
}

function link(words: string, act: () => void): HTMLElement {
  const cell = document.createElement('td');
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = words;
  button.addEventListener('click', act);
  cell.append(button);
  return cell;
}
