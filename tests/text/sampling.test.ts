import { expect, test } from 'vitest';
import { candidates, checkSampling, greedy, sample } from '../../src/text/sampling';

const logits = [1, 3, 2, 3, -1];

test('temperature 0 takes the likeliest token with the lowest id, whatever the seed', () => {
  for (const seed of [0, 1, 99]) expect(sample(logits, { ...greedy, seed }, 5)).toBe(1);
});

test('candidates are sorted by probability, ties by id, and have the softmax of the logits over the temperature', () => {
  const all = candidates(logits, { temperature: 2, topK: 0, topP: 1, seed: 0 });
  expect(all.map(({ id }) => id)).toEqual([1, 3, 2, 0, 4]);
  const weights = [3, 3, 2, 1, -1].map((x) => Math.exp(x / 2));
  const sum = weights.reduce((a, b) => a + b);
  for (const [k, { probability }] of all.entries()) expect(probability).toBeCloseTo(weights[k] / sum, 12);
});

test('top-k keeps k tokens, then top-p keeps the fewest whose probabilities reach p', () => {
  const topK = candidates(logits, { temperature: 1, topK: 2, topP: 1, seed: 0 });
  expect(topK).toEqual([
    { id: 1, probability: 0.5 },
    { id: 3, probability: 0.5 },
  ]);
  expect(candidates(logits, { temperature: 1, topK: 2, topP: 0.5, seed: 0 }).map(({ id }) => id)).toEqual([1]);
  expect(candidates(logits, { temperature: 1, topK: 2, topP: 0.51, seed: 0 }).map(({ id }) => id)).toEqual([1, 3]);
});

test('tokens are drawn as often as their probabilities say, and a draw depends on seed and position alone', () => {
  const sampling = { temperature: 1, topK: 3, topP: 1, seed: 4 };
  const expected = new Map(candidates(logits, sampling).map(({ id, probability }) => [id, probability]));
  const counts = new Map<number, number>();
  const draws = 20_000;
  for (let position = 0; position < draws; position++) {
    const id = sample(logits, sampling, position);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  for (const [id, probability] of expected) {
    const deviation = Math.sqrt((probability * (1 - probability)) / draws);
    expect(Math.abs((counts.get(id) ?? 0) / draws - probability), `token ${id}`).toBeLessThan(5 * deviation);
  }
  expect([...counts.keys()].sort()).toEqual([...expected.keys()].sort());
  const positions = Array.from({ length: 200 }, (_, k) => k);
  const drawn = (seed: number) => positions.map((position) => sample(logits, { ...sampling, seed }, position));
  // In another order, as when a text is continued from its middle.
  const backwards = [...positions].reverse().map((position) => sample(logits, sampling, position));
  expect(backwards.reverse()).toEqual(drawn(sampling.seed));
  expect(drawn(sampling.seed + 1)).not.toEqual(drawn(sampling.seed));
});

test.each([
  [{ temperature: -1 }, 'temperature is -1; it must be from 0 to 100.'],
  [{ temperature: Number.NaN }, 'temperature is NaN; it must be from 0 to 100.'],
  [{ topK: 1.5 }, 'top-k is 1.5; it must be a whole number from 0, which keeps all tokens.'],
  [{ topP: 0 }, 'top-p is 0; it must be above 0 and at most 1.'],
  [{ seed: -1 }, 'seed is -1; it must be a whole number from 0.'],
])('sampling with %o is refused in one sentence', (change, message) => {
  expect(() => checkSampling({ ...greedy, ...change })).toThrow(message);
});
