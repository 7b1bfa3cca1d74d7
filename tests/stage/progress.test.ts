import { describe, expect, test } from 'vitest';
import { rotations } from '../../src/algorithm/hash';
import { twins } from '../../src/algorithm/inputs';
import { lshAttention } from '../../src/algorithm/lsh';
import { placeOfToken, progressAt, progressOf, shares, shownPhase } from '../../src/stage/progress';
import { defaults, settingsOf, shapeOf } from '../../src/state/state';

const keys = ['tokens', 'hash', 'sort', 'walls', 'own', 'around', 'sweep', 'join'] as const;

describe('what a phase shows', () => {
  test('at a mark all steps up to it are done, and no later one has begun', () => {
    const done = [0, 1, 2, 3, 4, 5, 6].map((mark) => keys.filter((key) => progressAt(mark, 4)[key] === 1).length);
    expect(done).toEqual([0, 1, 2, 3, 4, 7, 8]);
    for (const mark of [0, 1, 2, 3, 4, 5, 6]) {
      for (const key of keys) expect([0, 1]).toContain(progressAt(mark, 4)[key]);
    }
    expect(progressAt(4, 4).arrived).toBe(0);
    expect(progressAt(5, 4)).toMatchObject({ arrived: 3, isSeen: true, join: 0 });
  });

  test('nothing goes back while the phase grows', () => {
    for (const rounds of [1, 4, 16]) {
      const all = Array.from({ length: 601 }, (_, k) => progressAt(k / 100, rounds));
      for (const key of [...keys, 'arrived'] as const) {
        for (const [k, next] of all.slice(1).entries()) expect(next[key]).toBeGreaterThanOrEqual(all[k][key]);
      }
    }
  });

  test('tokens begin in the order of the text, and all end at once with the step', () => {
    for (const share of Object.values(shares)) {
      expect([0, 0.3, 0.7, 1].map((at) => progressOf(0, at, share))).toEqual([0, 0, 0, 0]);
      expect([0, 0.3, 0.7, 1].map((at) => progressOf(1, at, share))).toEqual([1, 1, 1, 1]);
      const half = [0, 0.3, 0.7, 1].map((at) => progressOf(0.5, at, share));
      expect(half).toEqual([...half].sort((a, b) => b - a));
    }
  });

  test('where tokens are too many to move, only marks are shown', () => {
    expect([0.9, 1, 2.5, 5.99, 6].map((phase) => shownPhase(phase, true))).toEqual([0, 1, 2, 5, 6]);
    expect(shownPhase(2.5, false)).toBe(2.5);
  });
});

describe('the place of a token', () => {
  const state = defaults();
  const [shape, settings] = [shapeOf(state), settingsOf(state)];
  const { qk, v } = twins(shape, state);
  const input = { shape, qk, v, rotations: rotations(shape, settings, state.seed) };
  const { rank } = lshAttention(input, settings).placements[0];
  const { n: span } = shape;
  const at = (phase: number, token: number) =>
    placeOfToken(progressAt(phase, settings.rounds), { upper: token, lower: rank[token], span });

  test.each([0, 5, 13, 22, 30, 37, 41, 48, 55, 63])('token %i is where the plain engine puts it', (token) => {
    const text = (token + 0.5) / span;
    const sorted = (rank[token] + 0.5) / span;
    for (const phase of [0, 1, 2]) expect(at(phase, token)).toEqual({ x: text, y: 0 });
    for (const phase of [3, 4, 5]) {
      expect(at(phase, token).x).toBeCloseTo(sorted, 12);
      expect(at(phase, token).y).toBe(1);
    }
    const { x, y } = at(2.5, token);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y).toBeLessThanOrEqual(1);
    expect(x).toBeGreaterThanOrEqual(Math.min(text, sorted) - 1e-12);
    expect(x).toBeLessThanOrEqual(Math.max(text, sorted) + 1e-12);
  });
});
