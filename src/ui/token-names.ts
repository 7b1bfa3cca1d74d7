import type { Vectors } from '../algorithm/inputs';
import { causeOf, type LossCause, type TokenPlacement, withinReach } from '../algorithm/missed-pairs';
import type { Settings } from '../algorithm/settings';
import type { TokenReadout } from '../algorithm/token-report';
import type { MatrixView } from '../engine/engine';
import { readouts as words } from '../language/readouts';
import type { State } from '../state/schema';
import { shownToken } from '../state/state';
import type { FigureKind } from './figures';

/** Returns a function that names a token: by its number, its symbol, and whether it is the twin of the selected token. */
export function tokenNames({ label, shape }: Vectors, state: State): (token: number) => string {
  if (label) return (token) => `${token} ${label(token)}`;
  if (state.input !== 'twins') return String;
  const half = Math.ceil(shape.n / 2);
  const selected = shownToken(state);
  return (token) => (Math.abs(token - selected) === half ? words.names.twin(token) : String(token));
}

/** Tooltip of a cell of the coarse matrix: the queries and keys that it stands for. */
export function cellWords({ each, sortedBy }: MatrixView, { row, column }: { row: number; column: number }): string {
  const [queries, keys] = [row, column].map((at) =>
    words.tips.range((at * each).toLocaleString('en'), ((at + 1) * each - 1).toLocaleString('en')),
  );
  return sortedBy === undefined ? words.tips.cell(queries, keys) : words.tips.sortedCell(queries, keys);
}

export const causeNames: Record<LossCause, string> = words.causes;

/** A computed number in a sentence. `round` counts from 0. */
export interface SentenceNumber {
  kind: FigureKind;
  round: number;
  value: number;
}

/** A piece of a sentence. */
export type SentencePart = string | SentenceNumber;

/**
 * Sentences that explain why a query did not see a key in any round, the nearest misses first. They give both buckets, or, in rounds
 * with one bucket, the distance in sorted order, and the chunks if a chunk edge is the cause.
 */
export function missedSentences(
  { rounds }: Pick<TokenReadout, 'rounds'>,
  key: TokenPlacement,
  settings: Pick<Settings, 'chunk' | 'lookBack' | 'lookAhead'>,
): SentencePart[][] {
  type MissedKind = 'bucket' | 'query-bucket' | 'distance' | 'chunk' | 'query-chunk';
  const number = (kind: MissedKind, round: number, value: number): SentenceNumber => ({
    kind: `missed-${kind}`,
    round,
    value,
  });
  const distance = (round: number) => number('distance', round, Math.abs(key.ranks[round] - rounds[round].rank));
  const fromOne = (indices: number[]) => indices.map((round) => round + 1);
  const all = rounds.map((_, round) => round);
  const shared = all.filter((round) => rounds[round].bucket === key.buckets[round]);
  const near = shared.filter((round) => withinReach(key.ranks[round] - rounds[round].rank, settings));
  const far = shared.filter((round) => !near.includes(round));
  const others = all.filter((round) => !shared.includes(round));
  const sentences = near.map((round): SentencePart[] => {
    const queryChunk = number('query-chunk', round, rounds[round].chunk);
    const keyChunk = number('chunk', round, Math.floor(key.ranks[round] / settings.chunk));
    return words.missed.chunkEdge(round + 1, distance(round), queryChunk, keyChunk);
  });
  if (far.length) sentences.push(words.missed.longBucket(fromOne(far), far.map(distance)));
  if (others.length) {
    const buckets = others.map((round): [SentenceNumber, SentenceNumber] => [
      number('query-bucket', round, rounds[round].bucket),
      number('bucket', round, key.buckets[round]),
    ]);
    sentences.push(words.missed.otherBucket(fromOne(others), buckets));
  }
  return sentences;
}

/** Tooltip of a query and a key. Gives weights and causes if the query is the readout's token. */
export async function pairWords(
  query: number,
  key: number,
  readout: TokenReadout,
  settings: Settings,
  placementOf: (tokens: number[]) => Promise<TokenPlacement[]>,
): Promise<string> {
  const pair = [String(query), String(key)] as const;
  if (settings.causal && key > query) return words.pair.later(...pair);
  if (query !== readout.token) return words.pair.other(...pair);
  const seen = readout.seen.find((entry) => entry.key === key);
  const full = readout.fullOf(key).toPrecision(3);
  if (seen) {
    const rounds = seen.rounds.map((round) => round + 1);
    return words.pair.seen(...pair, rounds, seen.weight.toPrecision(3), full);
  }
  const missed = readout.missed.find((entry) => entry.key === key);
  const placement = missed?.placement ?? (await placementOf([key]))[0];
  const queryPlacement = {
    buckets: readout.rounds.map(({ bucket }) => bucket),
    ranks: readout.rounds.map(({ rank }) => rank),
  };
  const cause = causeNames[missed?.cause ?? causeOf(queryPlacement, placement, settings)];
  const reasons = missedSentences(readout, placement, settings).map((sentence) =>
    sentence.map((part) => (typeof part === 'string' ? part : part.value)).join(''),
  );
  return [words.pair.missed(...pair, cause, full), ...reasons].join(' ');
}
