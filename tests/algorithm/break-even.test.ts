import { expect, test } from 'vitest';
import { breakEven } from '../../src/algorithm/break-even';
import { figure5 } from '../../src/algorithm/paper-results';

const tokens = [1, 2, 4, 8];

test('breakEven gives the size from which one curve stays below another, interpolated on logarithmic axes', () => {
  const dear = { tokens, values: [1, 2, 4, 8] };
  expect(breakEven({ tokens, values: [9, 9, 9, 9] }, dear)).toBeUndefined();
  expect(breakEven({ tokens, values: [3, 3, 3, 3] }, dear)).toBeCloseTo(3, 12);
  expect(breakEven({ tokens, values: [0.5, 0.5, 0.5, 0.5] }, dear)).toBe(1);
  // A size where the curve is below only for a while does not count, nor does a size of one curve alone.
  expect(breakEven({ tokens, values: [0.5, 3, 3, 3] }, dear)).toBeCloseTo(3, 12);
  expect(breakEven({ tokens, values: [3, 3, 3, 3] }, { tokens: [1, 2], values: [1, 2] })).toBeUndefined();
  expect(breakEven({ tokens: [], values: [] }, dear)).toBeUndefined();
});

test('LSH with 4 or 8 rounds breaks even between 1K and 2K tokens in the paper’s Figure 5', () => {
  const { tokens: at, full, lsh } = figure5;
  const of = (rounds: number) => breakEven({ tokens: at, values: lsh[rounds] }, { tokens: at, values: full }) ?? 0;
  expect(of(4)).toBeGreaterThan(1024);
  expect(of(4)).toBeLessThan(2048);
  expect(of(8)).toBeGreaterThan(1024);
  expect(of(8)).toBeLessThan(2048);
});
