import { expect, test } from 'vitest';
import { fullAttention, fullScores } from '../../src/algorithm/full';
import { lshAttention } from '../../src/algorithm/lsh';
import { keyLengths, logSumExp, scoreScale } from '../../src/algorithm/score';
import {
  crowdedShare,
  errorOfRows,
  firstChunkTokens,
  hashCost,
  largestBucket,
  median,
  ownWeights,
  spread,
  twoFactors,
} from '../../src/algorithm/statistics';
import { csvText } from '../../src/dialogs/export-files';
import { randomCase } from '../support/random-case';

test('spread gives mean, least and largest value, and median the middle value', () => {
  expect(spread([3, 1, 5])).toEqual({ mean: 3, low: 1, high: 5 });
  expect(median([9, 1, 4])).toBe(4);
  expect(median([7])).toBe(7);
});

test('twoFactors gives two even factors of similar size, with at least as many buckets and few more', () => {
  expect(twoFactors(16)).toEqual([4, 4]);
  expect(twoFactors(24)).toEqual([4, 6]);
  expect(twoFactors(64)).toEqual([8, 8]);
  for (let buckets = 2; buckets <= 512; buckets += 2) {
    const [a, b] = twoFactors(buckets);
    expect([a % 2, b % 2]).toEqual([0, 0]);
    expect(a * b).toBeGreaterThanOrEqual(buckets);
    expect(a * b).toBeLessThan(buckets + 2 * a);
  }
});

test('hashCost counts a dot product of every token with every direction', () => {
  const { settings, input } = randomCase(4, 40, { factors: [4, 6], rounds: 3, heads: 2, d: 5 });
  expect(hashCost(input.shape, settings)).toBe(input.shape.n * input.rotations.length);
});

test('crowdedShare counts the tokens in buckets above a size, and largestBucket finds the largest size', () => {
  expect(
    crowdedShare(
      [
        [5, 1, 2],
        [0, 8, 0],
      ],
      4,
    ),
  ).toBe(13 / 16);
  expect(crowdedShare([[4, 4]], 4)).toBe(0);
  expect(
    largestBucket([
      [5, 1, 2],
      [0, 8, 0],
    ]),
  ).toBe(8);
});

test('firstChunkTokens gives the tokens whose rank is below the chunk length in some round, and errorOfRows their error', () => {
  const { settings, input } = randomCase(6, 70, { rounds: 3, heads: 2, chunk: 9 });
  const { order, out, placements } = lshAttention(input, settings);
  const expected: number[] = [];
  for (let token = 0; token < 140; token++) {
    const { rank } = placements[Math.floor(token / 70)];
    if ([0, 1, 2].some((r) => rank[r * 70 + (token % 70)] < 9)) expected.push(token);
  }
  const tokens = firstChunkTokens(order, input.shape, settings);
  expect(tokens).toEqual(expected);
  const full = fullAttention(input, settings).out;
  let squaredDistance = 0;
  let squaredLength = 0;
  for (const [i, value] of full.entries()) {
    if (!tokens.includes(Math.floor(i / input.shape.d))) continue;
    squaredDistance += (out[i] - value) ** 2;
    squaredLength += value ** 2;
  }
  expect(errorOfRows(out, full, tokens, input.shape.d)).toBeCloseTo(Math.sqrt(squaredDistance / squaredLength), 12);
});

test.each([1, 2, 3])('ownWeights equals a softmax over all scores (seed %i)', (seed) => {
  const { settings, input } = randomCase(seed, 50, { selfMask: -1e5, heads: 2 });
  const { n, heads } = input.shape;
  const { lse } = fullAttention(input, settings);
  let masked = 0;
  let open = 0;
  let score = 0;
  for (let head = 0; head < heads; head++) {
    const lengths = keyLengths(input.qk, input.shape, settings, head);
    for (let i = 0; i < n; i++) {
      const scores = Array.from(fullScores(input, settings, lengths, head, i));
      masked += Math.exp(scores[i] - logSumExp(scores)) / (heads * n);
      let dot = 0;
      for (let k = 0; k < input.shape.d; k++) dot += input.qk[(head * n + i) * input.shape.d + k] ** 2;
      scores[i] = (dot / lengths[i]) * scoreScale(input.shape, settings);
      score += scores[i] / (heads * n);
      open += Math.exp(scores[i] - logSumExp(scores)) / (heads * n);
    }
  }
  const weights = ownWeights(input.qk, lse, input.shape, settings);
  expect(weights.masked.weight).toBeCloseTo(masked, 9);
  expect(weights.open.weight).toBeCloseTo(open, 9);
  expect(weights.open.score).toBeCloseTo(score, 9);
});

test('csvText quotes cells with commas, quotes or line breaks after RFC 4180', () => {
  expect(csvText([['a', 'b, c'], [1.5, 'say "so"'], ['two\nlines', ''], []])).toBe(
    'a,"b, c"\r\n1.5,"say ""so"""\r\n"two\nlines",\r\n\r\n',
  );
});
