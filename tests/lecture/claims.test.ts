import { describe, expect, test } from 'vitest';
import { lectureChapters, stateOf } from '../../src/lecture/content';
import type { Step } from '../../src/lecture/content/chapter';
import { type Claim, claims, holds, type Shown, shownIn } from '../../src/lecture/content/claims';
import { live, numbersOf } from '../../src/lecture/content/live';
import { flat, paragraphsIn } from '../../src/lecture/content/markup';
import { stepTexts } from '../../src/lecture/texts';
import type { State } from '../../src/state/schema';
import { applyChange, defaults, toQuery } from '../../src/state/state';
import { type FigureEntry, lookUp, type ShownFigures } from '../../src/ui/figures';
import { expectedFor } from '../page/reformer';

const steps = lectureChapters.flatMap((chapter) => chapter.steps);

/** The paragraphs of a step, each with what it is about. */
const paragraphsOf = (id: string) => {
  const { text, after } = stepTexts[id];
  return [
    ...paragraphsIn(text),
    ...(after === undefined ? [] : paragraphsIn(after).map((paragraph) => ({ ...paragraph, about: 'done' as const }))),
  ];
};

/** The numbers of the attention view that the page shows for a state, computed by the plain engine. */
function shownFor(state: State): ShownFigures {
  const { seen, missed, curve, captured, rounds, sizes } = expectedFor(toQuery(state));
  const heaviest = [...seen].sort(([, a], [, b]) => b.weight - a.weight).slice(0, 5);
  const lost = [...missed].sort(([, a], [, b]) => b - a).slice(0, 5);
  const entries: FigureEntry[] = [
    { kind: 'keys-seen', index: 0, value: seen.size },
    { kind: 'token-captured', index: 0, value: captured },
    ...heaviest.flatMap(([key, { weight, full }]): FigureEntry[] => [
      { kind: 'key-weight', index: key, value: weight },
      { kind: 'key-full', index: key, value: full },
    ]),
    ...lost.flatMap(([key, full]): FigureEntry[] =>
      full >= 0.005 ? [{ kind: 'missed-full', index: key, value: full }] : [],
    ),
    ...rounds.flatMap(({ bucket, weight }, r): FigureEntry[] => [
      { kind: 'bucket', index: r, value: bucket },
      { kind: 'round-weight', index: r, value: weight },
    ]),
    ...curve.flatMap((point): FigureEntry[] => [
      { kind: 'curve-captured', index: point.rounds, value: point.captured },
      { kind: 'curve-error', index: point.rounds, value: point.error },
    ]),
    ...[...sizes].map((value, index): FigureEntry => ({ kind: 'bucket-size', index, value })),
  ];
  return lookUp(entries);
}

/** Steps whose state and proposal the plain engine can compute in a test. */
const computed = steps.filter((step) => {
  const state = stateOf(step, defaults());
  return state.scene !== 'tower' && state.n <= 256;
});

const after = (step: Step, state: State): State =>
  step.attempt && 'set' in step.attempt ? applyChange(state, step.attempt.set) : state;

describe('the words of a step', () => {
  test.each(computed)('$id claims nothing that is false in its state, or after its proposal', (step) => {
    const state = stateOf(step, defaults());
    const next = after(step, state);
    const figures = { before: shownFor(state), now: shownFor(next) };
    const before = shownIn(figures.before, numbersOf(figures.before, state));
    const now = shownIn(figures.now, numbersOf(figures.now, next));
    for (const { about, line } of paragraphsOf(step.id)) {
      for (const claim of (claims[step.id] ?? []).filter(({ says }) => line.includes(says))) {
        const verdict = holds(claim, about === 'done' ? now : before, before);
        // Times are measured, and not computed here.
        if (!/fullTime|times/.test(claim.says)) expect([claim.says, verdict]).toEqual([claim.says, true]);
      }
    }
  });

  test('each claim stands in exactly one paragraph of its step', () => {
    for (const [id, own] of Object.entries(claims)) {
      for (const { says } of own) {
        const count = paragraphsOf(id).filter(({ line }) => line.includes(says)).length;
        expect([id, says, count]).toEqual([id, says, 1]);
      }
    }
  });

  test('a paragraph that is right in any state has no figure that the page measures', () => {
    for (const { id } of steps) {
      for (const { about, pieces } of paragraphsOf(id)) {
        const measured = flat(pieces).flatMap((piece) =>
          piece.kind === 'figure' && live[piece.name]?.isSetting !== true && piece.name in live ? [piece.name] : [],
        );
        if (about === 'any') expect([id, measured]).toEqual([id, []]);
      }
    }
  });

  test('only a sentence after the proposal names a figure as it was before', () => {
    for (const { id } of steps) {
      for (const { about, pieces } of paragraphsOf(id)) {
        const isBefore = flat(pieces).some((piece) => piece.kind === 'figure' && piece.isBefore);
        if (isBefore) expect([id, about]).toEqual([id, 'done']);
      }
    }
  });

  test('a sentence that compares the shown numbers contains a claim', () => {
    const compares =
      /\b(more|less|fewer|fall|falls|fell|grow|grows|rise|rises|before|instead|larger|smaller|longer|nearly|hardly|twice|no|none|both|one side|same|too)\b/i;
    const missing: string[] = [];
    for (const { id } of steps) {
      for (const { about, line } of paragraphsOf(id)) {
        if (about === 'any') continue;
        for (const sentence of line.split(/(?<=[.?!)]) (?=[A-Z])/)) {
          if (!compares.test(sentence)) continue;
          const has = (claim: Claim) => sentence.includes(claim.says) || claim.says.includes(sentence);
          if (!(claims[id] ?? []).some(has)) missing.push(`${id}: ${sentence}`);
        }
      }
    }
    expect(missing).toEqual([]);
  });

  test('a step that may be changed tells what the change shows, unless it opens a dialog or a drawing does', () => {
    for (const step of steps) {
      const { attempt } = step;
      const isSilent = stepTexts[step.id].after === undefined;
      if (attempt && 'set' in attempt && isSilent) expect(['03.2', '07.1', '08.4']).toContain(step.id);
    }
  });
});

describe('a claim', () => {
  const says = { says: 'more', holds: (now: Shown, before: Shown) => now.live('seen') > before.live('seen') };
  const shown = (seen: number | undefined) =>
    shownIn(lookUp([]), new Map(seen === undefined ? [] : ([['seen', seen]] as const)));

  test('holds, does not hold, or is unknown while a number is not shown', () => {
    expect(holds(says, shown(9), shown(2))).toBe(true);
    expect(holds(says, shown(2), shown(9))).toBe(false);
    expect(holds(says, shown(undefined), shown(9))).toBe(undefined);
  });

  test('passes on any other error', () => {
    const fails = { says: 'more', holds: () => JSON.parse('{') as boolean };
    expect(() => holds(fails, shown(1), shown(1))).toThrow(SyntaxError);
  });
});
