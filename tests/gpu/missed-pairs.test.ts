import { describe, expect, test } from 'vitest';
import { fullAttention } from '../../src/algorithm/full';
import type { AttentionInput } from '../../src/algorithm/lsh';
import { causeOf, type LostMass, lossCauses, placementOfToken } from '../../src/algorithm/missed-pairs';
import { keyLengths, score } from '../../src/algorithm/score';
import type { Settings } from '../../src/algorithm/settings';
import { forEachSlot, place } from '../../src/algorithm/window';
import { FullAttention, sampleTokens } from '../../src/gpu/attention/full-attention';
import { placementOfTokens } from '../../src/gpu/attention/inspect';
import { LshAttention } from '../../src/gpu/attention/lsh-attention';
import { lostMassOf } from '../../src/gpu/attention/missed-pairs';
import { randomCase } from '../support/random-case';
import { testContext } from './context';

const context = await testContext();
const most = 50;

/** Lost mass over some queries, computed on the CPU from the buckets of the GPU, [h, R, n]. */
function expectedLost(input: AttentionInput, all: Settings, rounds: number, buckets: Int32Array, queries: Uint32Array) {
  const { heads, n } = input.shape;
  const settings = { ...all, rounds };
  const lost: LostMass = { chunkEdge: 0, longBucket: 0, otherBucket: 0 };
  const { lse } = fullAttention(input, settings);
  for (let head = 0; head < heads; head++) {
    const first = head * all.rounds * n;
    const placement = place(buckets.subarray(first, first + rounds * n), n, settings);
    const lengths = keyLengths(input.qk, input.shape, settings, head);
    for (const i of queries) {
      const seen = new Set<number>();
      for (let r = 0; r < rounds; r++) forEachSlot(placement, settings, r, i, (key) => seen.add(key));
      for (let j = 0; j < (settings.causal ? i + 1 : n); j++) {
        if (seen.has(j)) continue;
        const weight = Math.exp(score(input.qk, lengths, input.shape, settings, head, i, j) - lse[head * n + i]);
        const cause = causeOf(placementOfToken(placement, i), placementOfToken(placement, j), settings);
        lost[cause] += weight / (heads * queries.length);
      }
    }
  }
  return lost;
}

const common = { rounds: 3, d: 7, heads: 2, lookBack: 1 };

describe.each([
  randomCase(1, 777, { ...common, bucketMask: true, wrap: false, factors: [6], chunk: 13, causal: true }),
  randomCase(2, 777, {
    ...common,
    bucketMask: true,
    wrap: false,
    factors: [4],
    chunk: 101,
    causal: false,
    lookAhead: 1,
  }),
  randomCase(3, 333, { ...common, bucketMask: true, wrap: true, factors: [4, 2], chunk: 9, lookBack: 2 }),
  randomCase(4, 555, { ...common, bucketMask: false, wrap: true, factors: [8], chunk: 17, causal: true }),
  randomCase(5, 555, {
    ...common,
    bucketMask: false,
    wrap: true,
    factors: [8],
    chunk: 17,
    causal: false,
    lookAhead: 1,
  }),
  randomCase(6, 1001, { ...common, bucketMask: false, wrap: false, factors: [12], chunk: 50, lookBack: 0 }),
])('$title', ({ settings, input }) => {
  test('lost mass by cause and the placement of tokens equal those of the CPU engine', async () => {
    const { heads, n } = input.shape;
    const lsh = new LshAttention(context, input.shape, settings);
    lsh.upload(input);
    await lsh.run();
    const buckets = Int32Array.from(await context.read(lsh.buckets));
    const queries = sampleTokens(input.shape, most);
    const full = new FullAttention(lsh, 'sample', queries);
    await full.run();
    const lost = await lostMassOf(lsh, full);
    expect(lost.length).toBe(settings.rounds);
    for (const [r, mass] of lost.entries()) {
      const expected = expectedLost(input, settings, r + 1, buckets, queries);
      for (const cause of lossCauses) expect(mass[cause], `${cause}, ${r + 1} rounds`).toBeCloseTo(expected[cause], 4);
    }
    const tokens = [n - 1, 0, 70, 71, 3];
    for (let head = 0; head < heads; head++) {
      const size = settings.rounds * n;
      const placement = place(buckets.subarray(head * size, (head + 1) * size), n, settings);
      const expected = tokens.map((token) => placementOfToken(placement, token));
      expect(await placementOfTokens(lsh, head, tokens)).toEqual(expected);
    }
  });
});

test('placementOfTokens resolves to nothing for no tokens', async () => {
  const { settings, input } = randomCase(1, 30);
  const lsh = new LshAttention(context, input.shape, settings);
  expect(await placementOfTokens(lsh, 0, [])).toEqual([]);
});
