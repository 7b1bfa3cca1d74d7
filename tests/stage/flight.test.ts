import { expect, test } from 'vitest';
import { type Pose, poseAt } from '../../src/stage/flight';

const from: Pose = { eye: [0, 1, 9], target: [0, 0, 0] };
const to: Pose = { eye: [-6, 2, -3], target: [-4, 0, 0] };

const away = ({ eye, target }: Pose): number => Math.hypot(...eye.map((value, k) => value - target[k]));

test('a flight begins and ends at its two poses, and stays there before and after', () => {
  expect(poseAt(from, to, 0)).toBe(from);
  expect(poseAt(from, to, -1)).toBe(from);
  expect(poseAt(from, to, 1)).toBe(to);
  expect(poseAt(from, to, 7)).toBe(to);
});

test('a flight has no jump, is slowest at both ends, and never comes nearer than the nearer end', () => {
  const steps = Array.from({ length: 201 }, (_, i) => poseAt(from, to, i / 200));
  const lengths = steps.slice(1).map(({ eye }, i) => Math.hypot(...eye.map((value, k) => value - steps[i].eye[k])));
  const longest = Math.max(...lengths);
  expect(longest).toBeLessThan(0.2);
  expect(lengths[0]).toBeLessThan(0.1 * longest);
  expect(lengths[199]).toBeLessThan(0.1 * longest);
  for (const step of steps) expect(away(step)).toBeGreaterThanOrEqual(Math.min(away(from), away(to)) - 1e-9);
});

test('a flight turns the shorter way round', () => {
  const left: Pose = { eye: [-0.5, 0, -5], target: [0, 0, 0] };
  const right: Pose = { eye: [0.5, 0, -5], target: [0, 0, 0] };
  expect(poseAt(left, right, 0.5).eye[2]).toBeLessThan(-5);
});
