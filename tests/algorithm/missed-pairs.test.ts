import { describe, expect, test } from 'vitest';
import { roundsCurve } from '../../src/algorithm/fidelity';
import { fullAttention } from '../../src/algorithm/full';
import { type AttentionInput, lshAttention } from '../../src/algorithm/lsh';
import { causeOf, type LostMass, lossCauses, placementOfToken, withinReach } from '../../src/algorithm/missed-pairs';
import { keyLengths, score } from '../../src/algorithm/score';
import { presets, type Settings } from '../../src/algorithm/settings';
import { randomCase } from '../support/random-case';

/**
 * Captured and lost mass of one number of rounds, computed in another way than src/algorithm: over all pairs, with windows as chunk numbers
 * around the ring, and by trying every cut into chunks for the reach of a window.
 */
function bruteForce(input: AttentionInput, settings: Settings, rounds: number): LostMass & { captured: number } {
  const { heads, n } = input.shape;
  const { chunk, lookBack, lookAhead, causal, bucketMask, wrap } = settings;
  const { placements } = lshAttention(input, settings);
  const { lse } = fullAttention(input, settings);
  const chunks = Math.ceil(n / chunk);
  const sums = { captured: 0, chunkEdge: 0, longBucket: 0, otherBucket: 0 };
  const shows = (back: number) => back <= lookBack && -back <= lookAhead;
  for (let head = 0; head < heads; head++) {
    const { buckets, rank } = placements[head];
    const lengths = keyLengths(input.qk, input.shape, settings, head);
    // Chunk of each token in each round, numbered through all rounds.
    const chunkOf = (round: number, token: number) => round * chunks + Math.floor(rank[round * n + token] / chunk);
    const isSeen = (i: number, j: number) => {
      for (let queryRound = 0; queryRound < rounds; queryRound++) {
        for (let keyRound = 0; keyRound < rounds; keyRound++) {
          if (keyRound !== queryRound && (!wrap || bucketMask)) continue;
          if (bucketMask && buckets[queryRound * n + i] !== buckets[queryRound * n + j]) continue;
          const back = chunkOf(queryRound, i) - chunkOf(keyRound, j);
          const ring = rounds * chunks;
          for (let turn = -3; turn <= 3; turn++) {
            if (turn !== 0 && !wrap) continue;
            if (shows(back + turn * ring)) return true;
          }
        }
      }
      return false;
    };
    const couldSee = (round: number, i: number, j: number) => {
      for (let cut = 0; cut < chunk; cut++) {
        const at = (token: number) => Math.floor((rank[round * n + token] + cut) / chunk);
        if (shows(at(i) - at(j))) return true;
      }
      return false;
    };
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        if (causal && j > i) continue;
        const value = score(input.qk, lengths, input.shape, settings, head, i, j);
        const weight = Math.exp(value - lse[head * n + i]) / (heads * n);
        const shared = Array.from({ length: rounds }, (_, r) => r).filter(
          (r) => buckets[r * n + i] === buckets[r * n + j],
        );
        if (isSeen(i, j)) sums.captured += weight;
        else if (shared.some((r) => couldSee(r, i, j))) sums.chunkEdge += weight;
        else if (shared.length > 0) sums.longBucket += weight;
        else sums.otherBucket += weight;
      }
    }
  }
  return sums;
}

const small = { heads: 2, d: 5, rounds: 4, chunk: 6 };
const cases = [
  ...[2, 17, 40, 61].flatMap((n) => [1, 2, 3, 4].map((seed) => randomCase(seed, n, { chunk: 4 + seed, rounds: 4 }))),
  ...(['paper', 'trax', 'lucidrains'] as const).flatMap((preset) =>
    [0, 1, 2].map((lookBack) => randomCase(9, 50, { ...small, ...presets[preset], lookBack, lookAhead: lookBack % 2 })),
  ),
  randomCase(5, 45, { ...small, ...presets.trax, causal: false, factors: [4] }),
  randomCase(6, 45, { ...small, wrap: true, bucketMask: true, factors: [2], causal: false, lookAhead: 1 }),
  // A ring that is shorter than the window.
  randomCase(7, 9, { ...small, wrap: true, bucketMask: true, factors: [2], chunk: 4, lookBack: 2 }),
];

describe.each(cases)('$title', ({ settings, input }) => {
  test('captured and lost mass equal those of a count over all pairs, and sum to 1', () => {
    const curve = roundsCurve(input, settings);
    for (const { rounds, captured, lost } of curve) {
      const sum = lossCauses.reduce((total, cause) => total + lost[cause], 0);
      expect(Math.abs(sum - (1 - captured))).toBeLessThan(1e-6);
      const expected = bruteForce(cut(input, settings, rounds), { ...settings, rounds }, rounds);
      expect(captured).toBeCloseTo(expected.captured, 9);
      for (const cause of lossCauses) expect(lost[cause], cause).toBeCloseTo(expected[cause], 9);
    }
  });
});

/** The input with the buckets of its first rounds, which replace hashing. */
function cut(input: AttentionInput, settings: Settings, rounds: number): AttentionInput {
  const { heads, n } = input.shape;
  const { buckets } = lshAttention(input, settings);
  const first = new Int32Array(heads * rounds * n);
  for (let head = 0; head < heads; head++) {
    const start = head * settings.rounds * n;
    first.set(buckets.subarray(start, start + rounds * n), head * rounds * n);
  }
  return { ...input, buckets: first };
}

test('every cause occurs among the cases, with a ring and without', () => {
  for (const wrap of [true, false]) {
    const most = { chunkEdge: 0, longBucket: 0, otherBucket: 0 };
    for (const { settings, input } of cases.filter((one) => one.settings.wrap === wrap)) {
      for (const { lost } of roundsCurve(input, settings)) {
        for (const cause of lossCauses) most[cause] = Math.max(most[cause], lost[cause]);
      }
    }
    for (const cause of lossCauses) expect(most[cause], `${cause}, ring ${wrap}`).toBeGreaterThan(0.01);
  }
});

test('withinReach is true when some cut into chunks puts the key into the window', () => {
  for (const chunk of [4, 5, 9]) {
    for (const lookBack of [0, 1, 2]) {
      for (const lookAhead of [0, 1]) {
        for (let distance = -4 * chunk; distance <= 4 * chunk; distance++) {
          let could = false;
          for (let edge = 0; edge < chunk; edge++) {
            const apart = Math.floor((edge + 10 * chunk + distance) / chunk) - Math.floor((edge + 10 * chunk) / chunk);
            could ||= apart >= -lookBack && apart <= lookAhead;
          }
          expect(withinReach(distance, { chunk, lookBack, lookAhead })).toBe(could);
        }
      }
    }
  }
});

test('causeOf gives the nearest miss of all rounds', () => {
  const settings = { ...cases[0].settings, chunk: 8, lookBack: 1, lookAhead: 0, rounds: 3 };
  const query = { buckets: [3, 4, 5], ranks: [100, 50, 60] };
  const key = (buckets: number[], ranks: number[]) => ({ buckets, ranks });
  expect(causeOf(query, key([3, 4, 5], [80, 20, 45]), settings)).toBe('chunkEdge');
  expect(causeOf(query, key([3, 4, 5], [80, 20, 45]), settings, 2)).toBe('longBucket');
  expect(causeOf(query, key([1, 4, 6], [80, 34, 45]), settings)).toBe('longBucket');
  expect(causeOf(query, key([1, 4, 6], [80, 35, 45]), settings)).toBe('chunkEdge');
  expect(causeOf(query, key([1, 2, 6], [99, 49, 59]), settings)).toBe('otherBucket');
  // A window reaches less far after the query than before it.
  expect(causeOf(query, key([3, 0, 0], [108, 0, 0]), settings)).toBe('longBucket');
  expect(causeOf(query, key([3, 0, 0], [107, 0, 0]), settings)).toBe('chunkEdge');
});

test('placementOfToken gives the token’s bucket and rank in every round', () => {
  const { settings, input } = randomCase(3, 30, small);
  const { placements } = lshAttention(input, settings);
  const { buckets, ranks } = placementOfToken(placements[1], 7);
  expect(buckets).toEqual([7, 37, 67, 97].map((at) => placements[1].buckets[at]));
  expect(ranks).toEqual([7, 37, 67, 97].map((at) => placements[1].rank[at]));
});
