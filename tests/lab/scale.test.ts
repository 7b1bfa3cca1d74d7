import { expect, test } from 'vitest';
import { lab } from './lab';

test('scale prints an object, or an array for several sizes, and its error is below 1e-5', async () => {
  const one = JSON.parse((await lab('scale', '--tokens', '3000', '--width', '20', '--rounds', '3', '--json')).stdout);
  expect(one).toMatchObject({ tokens: 3000, width: 20, rounds: 3, inputOutputBytes: 3 * 4 * 3000 * 20 });
  expect(one.usPerToken).toBeCloseTo((one.seconds * 1e6) / 3000, 6);
  expect(one.error).toBeGreaterThan(0);
  expect(one.error).toBeLessThan(1e-5);
  expect(one.peakBytes).toBeGreaterThan(one.inputOutputBytes);
  const two = JSON.parse((await lab('scale', '--tokens', '100,300', '--preset', 'trax', '--json')).stdout);
  expect(two.map(({ tokens, rounds }: { tokens: number; rounds: number }) => [tokens, rounds])).toEqual([
    [100, 1],
    [300, 1],
  ]);
  for (const { error } of two) expect(error).toBeLessThan(1e-5);
});

test.each([
  [['scale', '--tokens', 'many'], 'tokens is "many"; it must be a number.'],
  [['scale'], 'tokens is undefined; it must be a number.'],
  [['scale', '--tokens', '5000000'], 'would take'],
])('lab %s exits with code 2 and prints one line', async (args, words) => {
  const { code, stderr } = await lab(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(words);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
