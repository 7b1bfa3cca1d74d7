import { expect, test, vi } from 'vitest';
import { memo } from '../../src/shared/memo';

test('memo computes once for equal keys in a row, and again for another key or after forget', () => {
  const compute = vi.fn((a: number, b: number) => ({ sum: a + b }));
  const sum = memo((a, b) => `${a} ${b}`, compute);
  const first = sum(1, 2);
  expect(sum(1, 2)).toBe(first);
  expect(sum(2, 2)).toEqual({ sum: 4 });
  expect(sum(1, 2)).not.toBe(first);
  expect(compute).toHaveBeenCalledTimes(3);
  sum.forget();
  sum(1, 2);
  expect(compute).toHaveBeenCalledTimes(4);
});

test('memo forgets a promise that rejects, and shares one that is pending', async () => {
  let calls = 0;
  const load = memo(
    (name: string) => name,
    async (name: string) => {
      calls++;
      await Promise.resolve();
      if (calls === 1) throw new Error('first');
      return name;
    },
  );
  await expect(load('a')).rejects.toThrow('first');
  const [one, two] = [load('a'), load('a')];
  expect(two).toBe(one);
  expect(await one).toBe('a');
  expect(calls).toBe(2);
});
