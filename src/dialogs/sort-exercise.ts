import { rotations } from '../algorithm/hash';
import { twins } from '../algorithm/inputs';
import { lshAttention } from '../algorithm/lsh';
import { forEachSlot } from '../algorithm/window';
import { defaults, settingsOf, shapeOf } from '../state/state';

/** Sixteen tokens that the plain engine has hashed, to be sorted, cut into chunks and paired by hand. */
export interface SortExercise {
  /** Bucket of each token. */
  buckets: number[];
  /** The algorithm's answers: the token at each sorted position, and the positions before which a wall stands. */
  order: number[];
  walls: number[];
  chunk: number;
  /** Queries whose keys are asked for, each with the tokens that it sees: of its own bucket, in its chunk or the one before, not later. */
  queries: { query: number; keys: number[] }[];
}

/** Queries that are asked for. */
const asked = 2;

/** The exercise of a seed. One round, four buckets, chunks of four, causal, one chunk of look-back. */
export function makeExercise(seed: number): SortExercise {
  const state = defaults({ n: 16, rounds: 1, chunk: 4, buckets: '4', seed });
  const [shape, settings] = [shapeOf(state), settingsOf(state)];
  const { qk, v } = twins(shape, state);
  const { placements } = lshAttention({ shape, qk, v, rotations: rotations(shape, settings, seed) }, settings);
  const [placement] = placements;
  const order = [...placement.order];
  const keysOf = (query: number) => {
    const keys: number[] = [];
    forEachSlot(placement, settings, 0, query, (key) => {
      if (key < query) keys.push(key);
    });
    return keys.sort((a, b) => a - b);
  };
  const queries = order
    .map((query) => ({ query, keys: keysOf(query) }))
    .sort((a, b) => b.keys.length - a.keys.length || a.query - b.query)
    .slice(0, asked);
  const walls = Array.from({ length: shape.n / settings.chunk - 1 }, (_, k) => (k + 1) * settings.chunk);
  return { buckets: [...placement.buckets], order, walls, chunk: settings.chunk, queries };
}

/** The positions at which an order differs from the algorithm's, and whether its buckets are sorted all the same. */
export function judgeOrder(
  { order, buckets }: SortExercise,
  given: readonly number[],
): { wrong: number[]; isByBucket: boolean } {
  const wrong = order.flatMap((token, position) => (given[position] === token ? [] : [position]));
  const isByBucket = given.every((token, position) => position === 0 || buckets[given[position - 1]] <= buckets[token]);
  return { wrong, isByBucket };
}

/** What of a given set lacks or is too much, against the algorithm's. */
export function judgeSet(right: readonly number[], given: ReadonlySet<number>): { missing: number[]; extra: number[] } {
  return {
    missing: right.filter((value) => !given.has(value)),
    extra: [...given].filter((value) => !right.includes(value)).sort((a, b) => a - b),
  };
}
