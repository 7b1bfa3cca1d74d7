import { expect, test } from 'vitest';
import { hash, rotations } from '../../src/algorithm/hash';
import { sphere, twins } from '../../src/algorithm/inputs';
import { turnDirections } from '../../src/algorithm/turned-directions';
import type { Picture } from '../../src/stage/picture';
import {
  bucketAt,
  glassBefore,
  homeDirection,
  mostPoints,
  type SpherePosition,
  sphereModel,
  spherePositions,
} from '../../src/stage/sphere-model';
import { themes } from '../../src/state/palette';
import type { State } from '../../src/state/schema';
import { defaults, settingsOf, shapeOf } from '../../src/state/state';

function pictureOf(change: Partial<State>): { picture: Picture; buckets: Int32Array } {
  const state = defaults(change);
  const shape = shapeOf(state);
  const settings = settingsOf(state);
  const { seed, noise, length, turn, token } = state;
  const { qk } = (state.input === 'sphere' ? sphere : twins)(shape, { seed, noise, length });
  const directions = turnDirections(rotations(shape, settings, seed), shape, turn);
  const buckets = hash(qk, directions, shape, settings, 0);
  const rounds = Array.from({ length: settings.rounds }, (_, r) => ({
    bucket: buckets[r * shape.n + token],
    rank: 0,
    chunk: 0,
    lse: 0,
    weight: 0,
  }));
  const readout = { token, rounds, seen: [], missed: [], captured: 0, fullLse: 0, fullOf: () => 0 };
  const matrix = { head: 0, start: 0, count: 1, each: 1, sortedBy: undefined, onlyRound: undefined };
  const stretch = { start: 0, first: 0, span: shape.n };
  const common = { state, shape, settings, head: 0, round: state.round - 1, qk, directions };
  return { picture: { ...common, theme: themes.light, matrix, stretch, readout }, buckets };
}

test.each<[string, Partial<State>]>([
  ['d = 3', { d: 3 }],
  ['d = 2', { d: 2 }],
  ['turned, in factors', { d: 3, turn: 77, buckets: '4,6', input: 'sphere' }],
])('with %s, every token lies in the region of its bucket in every round', (_, change) => {
  const { picture, buckets } = pictureOf({ ...change, n: 200, token: 17, round: 2 });
  const { balls, tokens, points, isExact } = sphereModel(picture);
  expect(isExact).toBe(true);
  expect(tokens.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  expect(balls.map(({ round }) => round)).toEqual([1, 2, 3, 0]);
  for (const { round, directions } of balls) {
    for (const [i, token] of tokens.entries()) {
      expect(Math.hypot(...points[i])).toBeCloseTo(1, 6);
      expect(bucketAt(points[i], directions, picture.settings.factors)).toBe(buckets[round * 200 + token]);
    }
  }
});

test.each([
  ['one factor', '16', 0],
  ['two factors, turned', '8,8', 50],
])('with d = 16 and %s, the selected token lies in its region and the others within the sphere', (_, buckets, turn) => {
  for (const token of [0, 41, 63]) {
    const { picture, buckets: bucketOf } = pictureOf({ token, buckets, turn, round: 3 });
    const { balls, points, selected, twin, tokens } = sphereModel(picture);
    expect(Math.hypot(...selected)).toBeCloseTo(1, 6);
    expect(Math.max(...points.map((point) => Math.hypot(...point)))).toBeLessThan(1 + 1e-6);
    expect(twin).toBe(token < 32 ? token + 32 : token - 32);
    expect(tokens.at(-1)).toBe(token);
    for (const { round, directions } of balls) {
      expect(bucketAt(selected, directions, picture.settings.factors)).toBe(bucketOf[64 * round + token]);
    }
    // One end of each factor's directions wins, and it points to the token's side.
    const winners = balls[0].directionLines.filter((direction) => direction.isWinner);
    expect(winners).toHaveLength(buckets === '16' ? 1 : 2);
    for (const { toward } of winners)
      expect(toward.reduce((sum, value, k) => sum + value * selected[k], 0)).toBeGreaterThan(0);
  }
});

test('a turn moves the directions about the vertical axis, and no token', () => {
  const [plain, after] = [0, 90].map((turn) => sphereModel(pictureOf({ d: 3, turn }).picture));
  expect(after.points).toEqual(plain.points);
  for (const [i, [x, y, z]] of plain.balls[0].directions.entries()) {
    const expected = [z, y, -x];
    for (const [k, value] of after.balls[0].directions[i].entries()) expect(value).toBeCloseTo(expected[k], 5);
  }
});

test('many tokens are drawn as a sample with the selected token and its twin, many directions not at all', () => {
  const { tokens, twin, isCrowded } = sphereModel(pictureOf({ n: 3 * mostPoints, token: 7, d: 4 }).picture);
  expect(new Set(tokens).size).toBe(tokens.length);
  expect(tokens.length).toBeLessThanOrEqual(mostPoints + 2);
  expect(tokens.slice(-2)).toEqual([twin, 7]);
  expect(isCrowded).toBe(false);
  const crowded = sphereModel(pictureOf({ buckets: '1024' }).picture);
  expect(crowded.isCrowded).toBe(true);
  expect(crowded.balls[0].directionLines).toEqual([]);
});

test.each([true, false])('the spheres of all rounds do not touch (wide: %s)', (isWide) => {
  const gap = (a: SpherePosition, b: SpherePosition) =>
    Math.hypot(...a.centre.map((value, k) => value - b.centre[k])) - a.radius - b.radius;
  for (let rounds = 1; rounds <= 16; rounds++) {
    const positions = spherePositions(rounds, isWide, true);
    expect(positions).toHaveLength(rounds);
    for (const [i, a] of positions.entries())
      for (const b of positions.slice(i + 1)) expect(gap(a, b)).toBeGreaterThan(0.1);
  }
});

test('the near side has no glass before it, and a token is seen from its own side', () => {
  expect(glassBefore([0, 0, 1], [0, 0, 1])).toBe(0);
  expect(glassBefore([0, 0, 0], [0, 0, 1])).toBe(1);
  expect(glassBefore([0, 0, -1], [0, 0, 1])).toBe(2);
  for (const point of [
    [0, 0, 1],
    [-1, 0, 0],
    [0, -1, 0],
    [0.6, -0.8, 0],
  ] as [number, number, number][]) {
    const home = homeDirection(point);
    expect(Math.hypot(...home)).toBeCloseTo(1, 9);
    expect(home.reduce((sum, value, k) => sum + value * point[k], 0)).toBeGreaterThan(0.2);
  }
});
