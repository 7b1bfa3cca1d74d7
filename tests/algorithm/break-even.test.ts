import { expect, test } from 'vitest';
import { breakEven } from '../../src/algorithm/break-even';
import { figure5 } from '../../src/algorithm/paper-results';

const tokens = [1, 2, 4, 8];

test('where one curve falls below another for good, on logarithmic axes', () => {
  const dear = { tokens, values: [1, 2, 4, 8] };
  expect(breakEven({ tokens, values: [9, 9, 9, 9] }, dear)).toBeUndefined();
  expect(breakEven({ tokens, values: [3, 3, 3, 3] }, dear)).toBeCloseTo(3, 12);
  expect(breakEven({ tokens, values: [0.5, 0.5, 0.5, 0.5] }, dear)).toBe(1);
  // Once below and above again does not count; sizes that only one was measured at neither.
  expect(breakEven({ tokens, values: [0.5, 3, 3, 3] }, dear)).toBeCloseTo(3, 12);
  expect(breakEven({ tokens, values: [3, 3, 3, 3] }, { tokens: [1, 2], values: [1, 2] })).toBeUndefined();
  expect(breakEven({ tokens: [], values: [] }, dear)).toBeUndefined();
});

test('in the paper’s figure LSH with 4 rounds is faster and with 8 from between 1K and 2K tokens', () => {
  const { tokens: at, full, lsh } = figure5;
  const of = (rounds: number) => breakEven({ tokens: at, values: lsh[rounds] }, { tokens: at, values: full }) ?? 0;
  expect(of(4)).toBeGreaterThan(1024);
  expect(of(4)).toBeLessThan(2048);
  expect(of(8)).toBeGreaterThan(1024);
  expect(of(8)).toBeLessThan(2048);
});
