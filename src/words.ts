import type { MatrixView } from './core/engine';
import type { Vectors } from './core/inputs';
import type { TokenReadout } from './core/readout';
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

/** What a cell of the matrix is. For the selected query its numbers are known; others are one click away. */
export function pairWords(query: number, key: number, readout: TokenReadout, { causal }: State): string {
  const pair = `query ${query}, key ${key}`;
  if (causal && key > query) return `${pair}: later, so causality hides it`;
  if (query !== readout.token) return `${pair}: click to select the query`;
  const seen = readout.seen.find((entry) => entry.key === key);
  const full = `full attention ${readout.fullOf(key).toPrecision(3)}`;
  if (!seen) return `${pair}: found in no round; ${full}`;
  const rounds = seen.rounds.map((round) => round + 1).join(', ');
  return `${pair}: seen in round ${rounds}; weight ${seen.weight.toPrecision(3)}, ${full}`;
}
