import type { Vectors } from '../algorithm/inputs';
import { causeOf, type LossCause, type TokenPlacement, withinReach } from '../algorithm/missed-pairs';
import type { Settings } from '../algorithm/settings';
import type { TokenReadout } from '../algorithm/token-report';
import type { MatrixView } from '../engine/engine';
import type { State } from '../state/schema';
import { shownToken } from '../state/state';

/** What tokens are called: their number, and what makes them special among the vectors shown. */
export function tokenNames({ label, shape }: Vectors, state: State): (token: number) => string {
  if (label) return (token) => `${token} ${label(token)}`;
  if (state.input !== 'twins') return String;
  const half = Math.ceil(shape.n / 2);
  const chosen = shownToken(state);
  return (token) => (Math.abs(token - chosen) === half ? `${token}, its twin` : String(token));
}

/** What a cell of the coarse matrix stands for. */
export function cellWords({ each, sortedBy }: MatrixView, { row, column }: { row: number; column: number }): string {
  const range = (at: number) => `${(at * each).toLocaleString('en')} … ${((at + 1) * each - 1).toLocaleString('en')}`;
  const [rows, columns] = sortedBy === undefined ? ['queries', 'keys'] : ['sorted positions', 'and'];
  return `${rows} ${range(row)}, ${columns} ${range(column)}: click to select the first`;
}

export const causeNames: Record<LossCause, string> = {
  chunkEdge: 'chunk edge',
  longBucket: 'long bucket',
  otherBucket: 'other bucket',
};

/** A piece of a sentence: words, or a number that was computed, of a kind and for a round. */
export type SentencePart = string | { kind: string; round: number; value: number };

/** Why a query did not see a key in any round, the nearest misses first: their buckets and, where these are the same, what parted them. */
export function missedPieces(
  { rounds }: Pick<TokenReadout, 'rounds'>,
  key: TokenPlacement,
  settings: Pick<Settings, 'chunk' | 'lookBack' | 'lookAhead'>,
): SentencePart[] {
  const number = (kind: string, round: number, value: number): SentencePart => ({
    kind: `missed-${kind}`,
    round,
    value,
  });
  const distance = (round: number): number => Math.abs(key.ranks[round] - rounds[round].rank);
  const apart = (which: number[]): SentencePart[] => [
    ...listed(which.map((round) => [number('distance', round, distance(round))])),
    which.every((round) => distance(round) === 1) ? ' place apart' : ' places apart',
  ];
  const all = rounds.map((_, round) => round);
  const shared = all.filter((round) => rounds[round].bucket === key.buckets[round]);
  const near = shared.filter((round) => withinReach(key.ranks[round] - rounds[round].rank, settings));
  const far = shared.filter((round) => !near.includes(round));
  const others = all.filter((round) => !shared.includes(round));
  const parts = near.map((round): SentencePart[] => {
    const chunk = number('chunk', round, Math.floor(key.ranks[round] / settings.chunk));
    const own = number('query-chunk', round, rounds[round].chunk);
    return [named([round]), ' same bucket, ', ...apart([round]), ', but chunks ', own, ' and ', chunk];
  });
  if (far.length) {
    parts.push([named(far), ' same bucket, ', ...apart(far), ', beyond any window']);
  }
  if (others.length) {
    const differing = others.map((round): SentencePart[] => [
      number('query-bucket', round, rounds[round].bucket),
      ' ≠ ',
      number('bucket', round, key.buckets[round]),
    ]);
    parts.push([named(others), others.length > 1 ? ' buckets ' : ' bucket ', ...listed(differing)]);
  }
  return parts.flatMap((part, k) => (k ? ['; ', ...part] : part));
}

const named = (rounds: number[]): string =>
  `round${rounds.length > 1 ? 's' : ''} ${rounds.map((round) => round + 1).join(', ')}`;

const listed = (items: SentencePart[][]): SentencePart[] => items.flatMap((item, k) => (k ? [', ', ...item] : item));

/** As a sentence of its own. */
function spoken(pieces: SentencePart[]): string {
  const words = pieces.map((piece) => (typeof piece === 'string' ? piece : piece.value)).join('');
  return `${words[0].toUpperCase()}${words.slice(1)}.`;
}

/** What a cell of the matrix is. For the selected query its numbers are known; others are one click away. */
export async function pairWords(
  query: number,
  key: number,
  readout: TokenReadout,
  settings: Settings,
  placementOf: (tokens: number[]) => Promise<TokenPlacement[]>,
): Promise<string> {
  const pair = `query ${query}, key ${key}`;
  if (settings.causal && key > query) return `${pair}: later, so causality hides it, in full attention too`;
  if (query !== readout.token) return `${pair}: click to select the query`;
  const seen = readout.seen.find((entry) => entry.key === key);
  const full = `full attention ${readout.fullOf(key).toPrecision(3)}`;
  if (!seen) {
    const listed = readout.missed.find((entry) => entry.key === key);
    const placement = listed?.placement ?? (await placementOf([key]))[0];
    const own = { buckets: readout.rounds.map(({ bucket }) => bucket), ranks: readout.rounds.map(({ rank }) => rank) };
    const cause = causeNames[listed?.cause ?? causeOf(own, placement, settings)];
    return `${pair}: missed, ${cause}; ${full}. ${spoken(missedPieces(readout, placement, settings))}`;
  }
  const rounds = seen.rounds.map((round) => round + 1).join(', ');
  return `${pair}: seen in round ${rounds}; weight ${seen.weight.toPrecision(3)}, ${full}`;
}
