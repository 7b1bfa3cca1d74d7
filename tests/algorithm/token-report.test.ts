import { expect, test } from 'vitest';
import { presets } from '../../src/algorithm/settings';
import { mostMissed, readToken } from '../../src/algorithm/token-report';

test('readToken lists the heaviest missed keys, heaviest first, with their causes, when there are too many to list', async () => {
  const n = 5000;
  const token = 4321;
  const fullScores = Float32Array.from({ length: n }, (_, key) => Math.fround(3 * Math.sin(key * key)));
  const settings = { ...presets.paper, rounds: 1, factors: [2], chunk: 4, lookBack: 1, lookAhead: 0, causal: true };
  const slots = [{ round: 0, key: token, score: -1e5 }];
  const placement = { buckets: [0], ranks: [0] };
  const readout = await readToken({ token, ...placement, slots, fullScores }, settings, async (tokens) => {
    expect(tokens.length).toBe(mostMissed);
    return tokens.map((key) => ({ buckets: [key % 2], ranks: [key] }));
  });
  const expected = Array.from({ length: token }, (_, key) => key).sort(
    (a, b) => fullScores[b] - fullScores[a] || a - b,
  );
  expect(readout.missed.map(({ key }) => key)).toEqual(expected.slice(0, mostMissed));
  for (const { key, cause, placement: keyPlacement } of readout.missed) {
    expect(keyPlacement.ranks).toEqual([key]);
    expect(cause).toBe(key % 2 ? 'otherBucket' : key < 4 ? 'chunkEdge' : 'longBucket');
  }
  const total = Math.log(fullScores.reduce((sum, score) => sum + Math.exp(score), 0));
  expect(readout.missed[0].full).toBeCloseTo(Math.exp(fullScores[expected[0]] - total), 10);
  expect(readout.fullOf(17)).toBeCloseTo(Math.exp(fullScores[17] - total), 10);
});
