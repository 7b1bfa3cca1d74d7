/** What the view of words tells of a piece and of what the model wrote, in words. */
import type { TokenReadout } from '../algorithm/token-report';
import { words } from '../language/words';
import { formatPercent } from '../shared/format';
import type { State } from '../state/schema';
import type { Lookup } from '../training/lookups';
import { button, make } from '../ui/dom';
import type { FigureSurface } from '../ui/figures';
import { causeNames } from '../ui/token-names';
import { leastMissed } from './ribbon';

/** What the selected piece looks at most, and the heaviest one that it missed. */
export function findingOf(
  { token, seen, missed }: TokenReadout,
  names: string[],
  figures: FigureSurface,
): (string | Node)[] {
  figures.clear();
  const piece = (at: number) => make('q', {}, (names[at] ?? '').trim());
  const [first] = seen.filter(({ key }) => key !== token);
  if (!first) return words.finding.alone(piece(token));
  const rounds = first.rounds.map((round) => round + 1);
  const weight = figures.make(
    'span',
    { kind: 'key-weight', index: first.key, value: first.weight },
    formatPercent(first.weight),
  );
  const parts = words.finding.seen(piece(token), piece(first.key), weight, rounds);
  const heaviest = missed.find(({ full }) => full >= leastMissed);
  if (!heaviest) return [...parts, words.finding.nothing];
  const full = figures.make(
    'span',
    { kind: 'missed-full', index: heaviest.key, value: heaviest.full },
    formatPercent(heaviest.full),
  );
  return [...parts, ...words.finding.missed(piece(heaviest.key), full, causeNames[heaviest.cause])];
}

/** A word that was looked up. A press shows the pair on the stage, with the model's chunks, in a round in which it met. */
export function lookupButton(
  { word, query, key, layer, head, rounds }: Lookup,
  chunk: number,
  show: (change: Partial<State>) => void,
): HTMLButtonElement {
  const { none, rounds: met, help } = words.lookups;
  const change: Partial<State> = { token: query, textLayer: layer, head, chunk, round: rounds[0] ?? 1 };
  const title = help({ back: query - key, layer, head });
  const result = button('', () => show(change), rounds.length > 0 ? '' : 'lost', { title });
  result.append(make('b', {}, word), ` ← ${rounds.length > 0 ? met(rounds) : none}`);
  return result;
}
