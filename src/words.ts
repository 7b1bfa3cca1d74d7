import { causeOf, type LossCause, type TokenPlaces, withinReach } from './core/causes';
import type { MatrixView } from './core/engine';
import type { Vectors } from './core/inputs';
import type { TokenReadout } from './core/readout';
import type { Settings } from './core/settings';
import type { State } from './state/schema';
import { shownToken } from './state/state';

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
export type Piece = string | { kind: string; round: number; value: number };

/** Why a query did not see a key, round by round: their buckets and, where these are the same, what lies between them. */
export function missedPieces(
  { rounds }: Pick<TokenReadout, 'rounds'>,
  key: TokenPlaces,
  settings: Pick<Settings, 'chunk' | 'lookBack' | 'lookAhead'>,
): Piece[] {
  return rounds.flatMap((query, round): Piece[] => {
    const number = (kind: string, value: number): Piece => ({ kind, round, value });
    const own = number('missed-query-bucket', query.bucket);
    const start = `${round ? '; ' : ''}round ${round + 1} `;
    if (query.bucket !== key.buckets[round]) {
      return [`${start}bucket `, own, ' ≠ ', number('missed-bucket', key.buckets[round])];
    }
    const distance = key.ranks[round] - query.rank;
    const apart = number('missed-distance', Math.abs(distance));
    const shared = [
      `${start}same bucket `,
      own,
      ', ',
      apart,
      Math.abs(distance) === 1 ? ' place apart' : ' places apart',
    ];
    if (!withinReach(distance, settings)) return [...shared, ', beyond any window'];
    const chunk = number('missed-chunk', Math.floor(key.ranks[round] / settings.chunk));
    return [...shared, ', but chunks ', number('missed-query-chunk', query.chunk), ' and ', chunk];
  });
}

/** As a sentence of its own. */
function spoken(pieces: Piece[]): string {
  const words = pieces.map((piece) => (typeof piece === 'string' ? piece : piece.value)).join('');
  return `${words[0].toUpperCase()}${words.slice(1)}.`;
}

/** What a cell of the matrix is. For the selected query its numbers are known; others are one click away. */
export async function pairWords(
  query: number,
  key: number,
  readout: TokenReadout,
  settings: Settings,
  placesOf: (tokens: number[]) => Promise<TokenPlaces[]>,
): Promise<string> {
  const pair = `query ${query}, key ${key}`;
  if (settings.causal && key > query) return `${pair}: later, so causality hides it, in full attention too`;
  if (query !== readout.token) return `${pair}: click to select the query`;
  const seen = readout.seen.find((entry) => entry.key === key);
  const full = `full attention ${readout.fullOf(key).toPrecision(3)}`;
  if (!seen) {
    const listed = readout.missed.find((entry) => entry.key === key);
    const places = listed?.places ?? (await placesOf([key]))[0];
    const own = { buckets: readout.rounds.map(({ bucket }) => bucket), ranks: readout.rounds.map(({ rank }) => rank) };
    const cause = causeNames[listed?.cause ?? causeOf(own, places, settings)];
    return `${pair}: missed, ${cause}; ${full}. ${spoken(missedPieces(readout, places, settings))}`;
  }
  const rounds = seen.rounds.map((round) => round + 1).join(', ');
  return `${pair}: seen in round ${rounds}; weight ${seen.weight.toPrecision(3)}, ${full}`;
}
