import { expect, test } from 'vitest';
import { readouts } from '../../src/language/readouts';
import { missedSentences } from '../../src/ui/token-names';

test('missedSentences gives chunks, distances or buckets of every round, nearest misses first', () => {
  const settings = { chunk: 4, lookBack: 1, lookAhead: 0 };
  const placement = (ranks: number[], buckets: number[]) =>
    ranks.map((rank, round) => ({ rank, bucket: buckets[round], chunk: Math.floor(rank / 4), lse: 0, weight: 0 }));
  const rounds = placement([7, 8, 40, 5, 60], [3, 1, 2, 4, 5]);
  const key = { ranks: [9, 3, 10, 1, 20], buckets: [6, 1, 2, 0, 5] };
  const number = (kind: string, round: number, value: number) => ({ kind: `missed-${kind}`, round, value });
  expect(missedSentences({ rounds }, key, settings)).toEqual([
    readouts.missed.chunkEdge(2, number('distance', 1, 5), number('query-chunk', 1, 2), number('chunk', 1, 0)),
    readouts.missed.longBucket([3, 5], [number('distance', 2, 30), number('distance', 4, 40)]),
    readouts.missed.otherBucket(
      [1, 4],
      [
        [number('query-bucket', 0, 3), number('bucket', 0, 6)],
        [number('query-bucket', 3, 4), number('bucket', 3, 0)],
      ],
    ),
  ]);
});

test('the sentences on missed keys name each round and every number', () => {
  const { chunkEdge, longBucket, otherBucket } = readouts.missed;
  const text = (parts: (string | { value: number })[]) =>
    parts.map((part) => (typeof part === 'string' ? part : part.value)).join('');
  const of = (value: number) => ({ value });
  expect(text(chunkEdge(2, of(1), of(5), of(6)))).toMatch(/2.*1 place apart.*5.*6/);
  expect(text(chunkEdge(2, of(3), of(5), of(6)))).toMatch(/2.*3 places apart.*5.*6/);
  expect(text(longBucket([3], [of(30)]))).toMatch(/^Round 3\b.*30/);
  expect(text(longBucket([3, 5], [of(30), of(40)]))).toMatch(/^Rounds 3, 5\b.*30, 40/);
  expect(
    text(
      otherBucket(
        [1, 4],
        [
          [of(3), of(6)],
          [of(4), of(0)],
        ],
      ),
    ),
  ).toMatch(/^Rounds 1, 4\b.*3 ≠ 6, 4 ≠ 0/);
});
