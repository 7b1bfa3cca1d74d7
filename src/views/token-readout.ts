import type { Settings } from '../algorithm/settings';
import type { KeyReadout, MissedKey, TokenReadout } from '../algorithm/token-report';
import { readouts } from '../language/readouts';
import { formatNumber, formatPercent } from '../shared/format';
import { type FigureEntry, FigureSurface, figureOf } from '../ui/figures';
import { causeNames, missedSentences } from '../ui/token-names';

const words = readouts.token;
const figures = new FigureSurface('attention');

/** Most keys in each table. */
const listed = 5;

/** Missed keys with less weight in full attention are not listed. */
const leastWeight = 0.005;

/**
 * Shows the selected token's rounds, seen keys and missed keys as tables. `front`: the round in front, from 0. `name` names a token.
 * `choose` is called when a person selects another token.
 */
export function showReadout(
  parent: HTMLElement,
  readout: TokenReadout,
  settings: Settings,
  front: number,
  name: (token: number) => string,
  choose: (token: number) => void,
): void {
  figures.clear();
  const rounds = table(
    [words.rounds.round, words.rounds.bucket, words.rounds.chunk, words.rounds.weight],
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
        rounds.length > 4
          ? words.roundCount(rounds.length, readout.rounds.length)
          : rounds.map((round) => round + 1).join(' '),
      ),
      number('key-weight', key, weight, formatNumber(weight)),
      number('key-full', key, full, formatNumber(full)),
    ],
  });
  const { seenKeys, missedKeys } = words;
  const seen = table(
    [seenKeys.key, seenKeys.rounds, seenKeys.weight, seenKeys.full],
    readout.seen.slice(0, listed).map(keyRow),
  );
  const parts: Node[] = [
    element('h3', words.title(name(readout.token))),
    paragraph(
      ...words.sees(
        readout.seen.length,
        number('keys-seen', 0, readout.seen.length, String(readout.seen.length), 'span'),
        number('token-captured', 0, readout.captured, formatPercent(readout.captured), 'span'),
      ),
    ),
    rounds,
    paragraph(words.seen),
    seen,
  ];
  const missed = readout.missed.slice(0, listed).filter(({ full }) => full >= leastWeight);
  if (missed.length) {
    const rows = missed.map((entry) => ({
      className: 'missed',
      cells: [
        link(name(entry.key), () => choose(entry.key)),
        number('missed-full', entry.key, entry.full, formatNumber(entry.full)),
        whyCell(entry),
      ],
    }));
    const list = table([missedKeys.key, missedKeys.full, missedKeys.cause], rows);
    // The heaviest key's reason is open at first; a person can open and close each.
    const open = openReasons(parent, readout.token) ?? new Set([String(missed[0].key)]);
    for (const [row, entry] of missed.entries()) addReason(list, row, entry, readout, settings, open);
    parts.push(paragraph(words.missed), list);
  }
  // Keeps the focus on the same button, and leaves equal content in place so that screen readers do not read it again.
  const old = [...parent.querySelectorAll('button')];
  const focused = old.indexOf(document.activeElement as HTMLButtonElement);
  const next = document.createElement('div');
  next.append(...parts);
  parent.dataset.token = String(readout.token);
  if (next.innerHTML === parent.innerHTML) {
    figures.replaceElements(figuresIn(next), figuresIn(parent));
    return;
  }
  parent.replaceChildren(...next.childNodes);
  if (focused >= 0) parent.querySelectorAll('button')[focused]?.focus();
}

/** Keys whose reasons are open; undefined if the reasons shown are those of another token. */
function openReasons(parent: HTMLElement, token: number): Set<string> | undefined {
  const buttons = [...parent.querySelectorAll<HTMLElement>('button[data-kind="missed-cause"]')];
  if (!buttons.length || parent.dataset.token !== String(token)) return undefined;
  return new Set(
    buttons
      .filter((button) => button.getAttribute('aria-expanded') === 'true')
      .map((button) => figureOf(button)?.index ?? ''),
  );
}

/** The cause of a missed key, as a button that opens the reason. */
function whyCell({ key, cause }: MissedKey): HTMLElement {
  const cell = link(causeNames[cause], () => {});
  const button = cell.firstChild as HTMLButtonElement;
  figures.set({ kind: 'missed-cause', index: key, value: cause }, button);
  return cell;
}

/** Adds a row below a missed key that gives the reason in each round. */
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
  const cell = element('td', readouts.missed.start(String(readout.token), String(key))) as HTMLTableCellElement;
  cell.colSpan = cells.length;
  for (const sentence of missedSentences(readout, placement, settings)) {
    cell.append(' ');
    for (const part of sentence) {
      if (typeof part === 'string') cell.append(part);
      else cell.append(number(part.kind, `${key} ${part.round + 1}`, part.value, String(part.value), 'span'));
    }
  }
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

function element(tag: string, content: string): HTMLElement {
  const node = document.createElement(tag);
  node.textContent = content;
  return node;
}

const text = (content: string): HTMLElement => element('td', content);

function paragraph(...parts: (string | Node)[]): HTMLElement {
  const node = document.createElement('p');
  node.append(...parts);
  return node;
}

/** A computed number: its kind, its index among that kind, its full value, and its formatted text. */
function number(
  kind: FigureEntry['kind'],
  index: FigureEntry['index'],
  value: number,
  formatted: string,
  tag = 'td',
): HTMLElement {
  const node = element(tag, formatted);
  figures.set({ kind, index, value }, node);
  return node;
}

/** The elements that show numbers, in the order of the document. */
const figuresIn = (root: HTMLElement): Element[] => [...root.querySelectorAll('[data-kind]')];

function share(cell: HTMLElement, part: number): HTMLElement {
  cell.className = 'share';
  cell.style.setProperty('--share', `${(100 * part).toFixed(1)}%`);
  return cell;
}

function link(label: string, act: () => void): HTMLElement {
  const cell = document.createElement('td');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'word';
  button.textContent = label;
  button.addEventListener('click', act);
  cell.append(button);
  return cell;
}
