import { describe, expect, test } from 'vitest';
import { lastPhase, markAfter, markBefore, marks, phaseAfter } from '../../src/state/phase';

describe('the phase of the play', () => {
  test('all is done within ten seconds, and not before nine', () => {
    expect(phaseAfter(0, 10_000)).toBe(lastPhase);
    expect(phaseAfter(0, 9000)).toBeLessThan(lastPhase);
  });

  test('many short times lead as far as one long time', () => {
    let phase = 0;
    for (let k = 0; k < 400; k++) phase = phaseAfter(phase, 16);
    expect(phase).toBeCloseTo(phaseAfter(0, 6400), 9);
  });

  test('it grows at every time, through every mark', () => {
    const phases = Array.from({ length: 200 }, (_, k) => phaseAfter(0, 50 * k));
    for (const [k, phase] of phases.slice(1).entries()) {
      if (phases[k] < lastPhase) expect(phase).toBeGreaterThan(phases[k]);
    }
    expect(new Set(phases.map(Math.floor)).size).toBe(marks.length + 1);
  });

  test('the marks are whole numbers on either side, within the play', () => {
    expect([0, 0.2, 1, 1.7, 5.99, 6].map(markAfter)).toEqual([1, 1, 2, 2, 6, 6]);
    expect([0, 0.2, 1, 1.7, 5.99, 6].map(markBefore)).toEqual([0, 0, 0, 1, 5, 5]);
  });
});
