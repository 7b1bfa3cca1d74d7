import type { Settings } from '../algorithm/settings';
import type { KeyReadout, MissedKey, TokenReadout } from '../algorithm/token-report';
import { formatNumber, formatPercent } from '../shared/format';
import { causeNames, missedPieces } from '../ui/token-names';

const listed = 5;

/** What the page says of the selected token, as a table for eyes and screen readers. `name` tells what a token is called. */
export function showReadout(
  parent: HTMLElement,
  readout: TokenReadout,
  settings: Settings,
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
        share(number('round-weight', r, round.weight, formatNumber(round.weight)), round.weight),
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
      number('key-weight', key, weight, formatNumber(weight)),
      number('key-full', key, full, formatNumber(full)),
    ],
  });
  const seen = table(['key', 'rounds', 'weight', 'full'], readout.seen.slice(0, listed).map(keyRow));
  const parts: Node[] = [
    element('h3', `Token ${name(readout.token)}`),
    paragraph(
      'sees ',
      number('keys-seen', 0, readout.seen.length, String(readout.seen.length), 'span'),
      readout.seen.length === 1 ? ' key, which holds ' : ' keys, which hold ',
      number('token-captured', 0, readout.captured, formatPercent(readout.captured), 'span'),
      ' of its full attention.',
    ),
    rounds,
    paragraph('Heaviest keys it sees'),
    seen,
  ];
  const missed = readout.missed.slice(0, listed).filter(({ full }) => full >= 0.005);
  if (missed.length) {
    const rows = missed.map((entry) => ({
      className: 'missed',
      cells: [
        link(name(entry.key), () => choose(entry.key)),
        number('missed-full', entry.key, entry.full, formatNumber(entry.full)),
        whyCell(entry),
      ],
    }));
    const list = table(['key', 'full', 'why'], rows);
    // Of the heaviest it is said at once; of the others, and of it, as the person wants.
    const open = openOnes(parent, readout.token) ?? new Set([String(missed[0].key)]);
    for (const [row, entry] of missed.entries()) addReason(list, row, entry, readout, settings, open);
    parts.push(paragraph('Heaviest keys that no round found'), list);
  }
  // The focus stays where it was, as far as there is such a place; what has not changed is not said again.
  const old = [...parent.querySelectorAll('button')];
  const focused = old.indexOf(document.activeElement as HTMLButtonElement);
  const next = document.createElement('div');
  next.append(...parts);
  parent.dataset.token = String(readout.token);
  if (next.innerHTML === parent.innerHTML) return;
  parent.replaceChildren(...next.childNodes);
  if (focused >= 0) parent.querySelectorAll('button')[focused]?.focus();
}

/** The reasons that are unfolded, if these are still those of the token. */
function openOnes(parent: HTMLElement, token: number): Set<string> | undefined {
  const buttons = [...parent.querySelectorAll<HTMLElement>('button[data-kind="missed-cause"]')];
  if (!buttons.length || parent.dataset.token !== String(token)) return undefined;
  return new Set(
    buttons
      .filter((button) => button.getAttribute('aria-expanded') === 'true')
      .map(({ dataset }) => dataset.index ?? ''),
  );
}

/** Why a key was missed, in short; a press unfolds the evidence. */
function whyCell({ key, cause }: MissedKey): HTMLElement {
  const cell = link(causeNames[cause], () => {});
  const button = cell.firstChild as HTMLButtonElement;
  Object.assign(button.dataset, { kind: 'missed-cause', index: String(key), value: cause });
  return cell;
}

/** Below its row, what each round did with a missed key. */
function addReason(
  list: HTMLTableElement,
  row: number,
  { key, placement }: MissedKey,
  readout: TokenReadout,
  settings: Settings,
  open: Set<string>,
): void {
  const cells = list.tBodies[0].rows[2 * row].cells;
  const reason = list.tBodies[0].insertRow(2 * row + 1);
  reason.className = 'reason';
  reason.id = `reason-${key}`;
  const cell = element('td', `Token ${readout.token} did not see ${key}: `) as HTMLTableCellElement;
  cell.colSpan = cells.length;
  for (const piece of missedPieces(readout, placement, settings)) {
    if (typeof piece === 'string') cell.append(piece);
    else cell.append(number(piece.kind, `${key} ${piece.round + 1}`, piece.value, String(piece.value), 'span'));
  }
  cell.append('.');
  reason.append(cell);
  const button = cells[2].firstChild as HTMLButtonElement;
  button.setAttribute('aria-controls', reason.id);
  let isOpen = open.has(String(key));
  const unfold = () => {
    button.setAttribute('aria-expanded', String(isOpen));
    reason.hidden = !isOpen;
  };
  unfold();
  button.addEventListener('click', () => {
    isOpen = !isOpen;
    unfold();
  });
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
function number(kind: string, index: number | string, value: number, words: string, tag = 'td'): HTMLElement {
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
