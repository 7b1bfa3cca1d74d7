import type { Settings } from '../algorithm/settings';
import type { KeyReadout, MissedKey, TokenReadout } from '../algorithm/token-report';
import { readouts } from '../language/readouts';
import { formatNumber, formatPercent } from '../shared/format';
import { button, make, makeTable, tableRow } from '../ui/dom';
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
  const rounds = makeTable(
    [words.rounds.round, words.rounds.bucket, words.rounds.chunk, words.rounds.weight],
    readout.rounds.map((round, r) =>
      tableRow(
        [
          make('td', {}, String(r + 1)),
          number('bucket', r, round.bucket, String(round.bucket)),
          number('chunk', r, round.chunk, String(round.chunk)),
          share(number('round-weight', r, round.weight, formatNumber(round.weight)), round.weight),
        ],
        r === front ? 'front' : '',
      ),
    ),
  );
  const keyRow = ({ key, weight, full, rounds }: KeyReadout) => {
    const list = rounds.map((round) => round + 1).join(' ');
    return tableRow([
      link(name(key), () => choose(key)),
      make('td', {}, rounds.length > 4 ? words.roundCount(rounds.length, readout.rounds.length) : list),
      number('key-weight', key, weight, formatNumber(weight)),
      number('key-full', key, full, formatNumber(full)),
    ]);
  };
  const { seenKeys, missedKeys } = words;
  const seen = makeTable(
    [seenKeys.key, seenKeys.rounds, seenKeys.weight, seenKeys.full],
    readout.seen.slice(0, listed).map(keyRow),
  );
  const parts: Node[] = [
    make('h3', {}, words.title(name(readout.token))),
    make(
      'p',
      {},
      ...words.sees(
        readout.seen.length,
        number('keys-seen', 0, readout.seen.length, String(readout.seen.length), 'span'),
        number('token-captured', 0, readout.captured, formatPercent(readout.captured), 'span'),
      ),
    ),
    rounds,
    make('p', {}, words.seen),
    seen,
  ];
  const missed = readout.missed.slice(0, listed).filter(({ full }) => full >= leastWeight);
  if (missed.length) {
    // The heaviest key's reason is open at first; a person can open and close each.
    const open = openReasons(parent, readout.token) ?? new Set([String(missed[0].key)]);
    const rows = missed.flatMap((entry) => missedRows(entry, readout, settings, name, choose, open));
    const list = makeTable([missedKeys.key, missedKeys.full, missedKeys.cause], rows);
    parts.push(make('p', {}, words.missed), list);
  }
  // Keeps the focus on the same button, and leaves equal content in place so that screen readers do not read it again.
  const old = [...parent.querySelectorAll('button')];
  const focused = old.indexOf(document.activeElement as HTMLButtonElement);
  const next = make('div', {}, ...parts);
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

/** A missed key with its cause, as a button that opens the row below. That row gives the reason in each round. */
function missedRows(
  { key, full, cause, placement }: MissedKey,
  readout: TokenReadout,
  settings: Settings,
  name: (token: number) => string,
  choose: (token: number) => void,
  open: Set<string>,
): HTMLTableRowElement[] {
  const cells = [
    link(name(key), () => choose(key)),
    number('missed-full', key, full, formatNumber(full)),
    link(causeNames[cause], () => unfold(opener.ariaExpanded !== 'true')),
  ];
  const start = readouts.missed.start(String(readout.token), String(key));
  const cell = make('td', { colSpan: cells.length }, start);
  for (const sentence of missedSentences(readout, placement, settings)) {
    cell.append(' ');
    for (const part of sentence) {
      if (typeof part === 'string') cell.append(part);
      else cell.append(number(part.kind, `${key} ${part.round + 1}`, part.value, String(part.value), 'span'));
    }
  }
  const reason = tableRow([cell], 'reason');
  reason.id = `reason-${key}`;
  const opener = cells[2].firstChild as HTMLButtonElement;
  opener.setAttribute('aria-controls', reason.id);
  figures.set({ kind: 'missed-cause', index: key, value: cause }, opener);
  const unfold = (isOpen: boolean) => {
    opener.ariaExpanded = String(isOpen);
    reason.hidden = !isOpen;
  };
  unfold(open.has(String(key)));
  return [tableRow(cells, 'missed'), reason];
}

/** A computed number: its kind, its index among that kind, its full value, and its formatted text. */
const number = (
  kind: FigureEntry['kind'],
  index: FigureEntry['index'],
  value: number,
  formatted: string,
  tag: 'td' | 'span' = 'td',
): HTMLElement => figures.make(tag, { kind, index, value }, formatted);

/** The elements that show numbers, in the order of the document. */
const figuresIn = (root: HTMLElement): Element[] => [...root.querySelectorAll('[data-kind]')];

function share(cell: HTMLElement, part: number): HTMLElement {
  cell.className = 'share';
  cell.style.setProperty('--share', `${(100 * part).toFixed(1)}%`);
  return cell;
}

const link = (label: string, act: () => void): HTMLElement => make('td', {}, button(label, act, 'word'));
