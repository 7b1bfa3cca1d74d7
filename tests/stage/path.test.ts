import { expect, test } from 'vitest';
import { onTheWay, type Stand } from '../../src/stage/path';

const from: Stand = { eye: [0, 1, 9], target: [0, 0, 0] };
const to: Stand = { eye: [-6, 2, -3], target: [-4, 0, 0] };

const away = ({ eye, target }: Stand): number => Math.hypot(...eye.map((value, k) => value - target[k]));

test('it begins and ends exactly where it should, and stays there', () => {
  expect(onTheWay(from, to, 0)).toBe(from);
  expect(onTheWay(from, to, -1)).toBe(from);
  expect(onTheWay(from, to, 1)).toBe(to);
  expect(onTheWay(from, to, 7)).toBe(to);
});

test('it moves without a jump, slowest at both ends, and never nearer than the nearer end', () => {
  const steps = Array.from({ length: 201 }, (_, i) => onTheWay(from, to, i / 200));
  const lengths = steps.slice(1).map(({ eye }, i) => Math.hypot(...eye.map((value, k) => value - steps[i].eye[k])));
  const longest = Math.max(...lengths);
  expect(longest).toBeLessThan(0.2);
  expect(lengths[0]).toBeLessThan(0.1 * longest);
  expect(lengths[199]).toBeLessThan(0.1 * longest);
  for (const step of steps) expect(away(step)).toBeGreaterThanOrEqual(Math.min(away(from), away(to)) - 1e-9);
});

test('it goes round the shorter way', () => {
  const left: Stand = { eye: [-0.5, 0, -5], target: [0, 0, 0] };
  const right: Stand = { eye: [0.5, 0, -5], target: [0, 0, 0] };
  expect(onTheWay(left, right, 0.5).eye[2]).toBeLessThan(-5);
});
