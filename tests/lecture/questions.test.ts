import { describe, expect, test } from 'vitest';
import { steps } from '../../src/lecture/content';
import { isRightPart, type Judgement, judges, rightAnswers } from '../../src/lecture/content/judges';
import { type Answer, questionOf, questions } from '../../src/lecture/content/questions';
import { readCount } from '../../src/lecture/content/read-count';
import { commonJudgements, questionTexts } from '../../src/lecture/texts';
import type { State } from '../../src/state/schema';
import { defaults, toQuery } from '../../src/state/state';
import { type FigureEntry, lookUp, type ShownFigures } from '../../src/ui/figures';
import { expectedFor } from '../page/reformer';

/** The numbers of the attention view that the page shows for a state, computed by the CPU engine. */
function shownFor(state: State): ShownFigures {
  const { seen, curve } = expectedFor(toQuery(state));
  const heaviest = [...seen].sort(([, a], [, b]) => b.weight - a.weight).slice(0, 5);
  return lookUp([
    { kind: 'keys-seen', index: 0, value: seen.size },
    ...heaviest.map(([key, { weight }]) => ({ kind: 'key-weight', index: key, value: weight }) as const),
    ...curve.map(({ rounds, captured }) => ({ kind: 'curve-captured', index: rounds, value: captured }) as const),
  ]);
}

function judge(id: string, change: Partial<State>, answer: Answer, more: FigureEntry[] = []): Judgement {
  const question = questionOf(id);
  if (!question) throw new Error(`no question ${id}`);
  const state = { ...defaults(question.state), ...change };
  const judgement = judges[id]({
    state,
    answer,
    // Computed only when the judge reads it.
    get shown() {
      return state.scene === 'tower' ? lookUp(more) : shownFor(state);
    },
  });
  // Every judgement has a sentence.
  expect(questionTexts[id].judgements[judgement.reason] ?? commonJudgements[judgement.reason]).toMatch(/\S/);
  return judgement;
}

const losses: FigureEntry[] = [
  { kind: 'loss', index: 'reversible', value: 0.4 },
  { kind: 'loss', index: 'standard', value: 0.3 },
];
const guessing: FigureEntry[] = [
  { kind: 'loss', index: 'reversible', value: 3.43 },
  { kind: 'loss', index: 'standard', value: 0.3 },
];
const inOrder = ['feedForward', 'x2', 'attention', 'x1'];
const seen3 = shownFor(defaults(questionOf('q3')?.state)).get('keys-seen') as number;

/** Verdict, question, settings, answer, and the numbers of training that the page shows. */
type Case = [Judgement['verdict'], string, Partial<State>, Answer, FigureEntry[]?];

const cases: Case[] = [
  ['not yet', 'q1', {}, { costs: ['pairs', 'activations'] }],
  ['not yet', 'q1', { keep: 'activations', towerPhase: 12 }, {}],
  ['wrong', 'q1', { keep: 'activations', towerPhase: 12 }, { costs: ['pairs', 'activations', 'parallel'] }],
  ['wrong', 'q1', { keep: 'activations', towerPhase: 12 }, { costs: ['pairs'] }],
  ['not yet', 'q1', { keep: 'activations', towerPhase: 11 }, { costs: ['activations', 'pairs'] }],
  ['right', 'q1', { keep: 'activations', towerPhase: 12 }, { costs: ['activations', 'pairs'] }],
  ['right', 'q1', { keep: 'activations', layers: 8, towerPhase: 16 }, { costs: ['activations', 'pairs'] }],

  ['not yet', 'q2', {}, { kept: 'backpropagation' }],
  ['wrong', 'q2', { towerPhase: 6 }, { kept: 'backpropagation' }],
  ['wrong', 'q2', { towerPhase: 9 }, { kept: 'backpropagation' }],
  ['wrong', 'q2', { towerPhase: 7 }, { kept: 'again' }],
  ['not yet', 'q2', { towerPhase: 7 }, {}],
  ['right', 'q2', { towerPhase: 7 }, { kept: 'backpropagation' }],

  ['not yet', 'q3', {}, { spared: 'faster' }],
  ['wrong', 'q3', {}, { seen: String(seen3 + 1), spared: 'faster' }],
  ['wrong', 'q3', {}, { seen: String(seen3), spared: 'accurate' }],
  ['wrong', 'q3', {}, { seen: String(seen3), spared: 'layers' }],
  ['right', 'q3', {}, { seen: ` ${seen3} `, spared: 'faster' }],

  ['not yet', 'q4', {}, { time: 'longer' }],
  ['wrong', 'q4', { keep: 'buckets', layers: 2 }, { time: 'longer' }],
  ['wrong', 'q4', { keep: 'buckets' }, { time: 'shorter' }],
  ['wrong', 'q4', { keep: 'buckets' }, { time: 'same' }],
  ['right', 'q4', { keep: 'buckets' }, { time: 'longer' }],

  ['not yet', 'q5', {}, { back: inOrder }],
  ['not yet', 'q5', { towerPhase: 4 }, {}],
  ['wrong', 'q5', { towerPhase: 4 }, { back: ['attention', 'x1', 'feedForward', 'x2'] }],
  ['right', 'q5', { towerPhase: 4 }, { back: inOrder }],

  ['not yet', 'q6', { keep: 'buckets' }, { square: 'lsh', depth: 'reversible' }],
  ['not yet', 'q6', { trainRounds: 4 }, { square: 'lsh', depth: 'reversible' }],
  ['wrong', 'q6', { trainRounds: 4, keep: 'buckets' }, { square: 'reversible', depth: 'lsh' }],
  ['wrong', 'q6', { trainRounds: 4, keep: 'buckets' }, { square: 'slices', depth: 'reversible' }],
  ['wrong', 'q6', { trainRounds: 1, keep: 'buckets' }, { square: 'lsh', depth: 'slices' }],
  ['right', 'q6', { trainRounds: 2, keep: 'buckets' }, { square: 'lsh', depth: 'reversible' }],

  ['not yet', 'q7', {}, { hashes: 'slower' }],
  ['not yet', 'q7', { rounds: 5 }, { hashes: 'slower' }],
  ['wrong', 'q7', { rounds: 8 }, { hashes: 'slower' }],
  ['wrong', 'q7', { rounds: 6 }, { hashes: 'free' }],
  ['wrong', 'q7', { rounds: 6 }, { hashes: 'worse' }],
  ['right', 'q7', { rounds: 6 }, { hashes: 'slower' }],

  ['not yet', 'q8', { n: 128 }, { words: '1000000', growth: 'twofold' }],
  ['not yet', 'q8', { n: 65536, scene: 'tower' }, { words: 'many', growth: 'twofold' }],
  ['wrong', 'q8', { n: 65536, scene: 'tower' }, { words: '64,000', growth: 'twofold' }],
  ['wrong', 'q8', { n: 65536, scene: 'tower' }, { words: '1000000', growth: 'fourfold' }],
  ['right', 'q8', { n: 65536, scene: 'tower' }, { words: '1,000,000', growth: 'twofold' }],
  ...['a million', '1 million', '1M', '1e6', '10^6', '10⁶', '1 000 000', '1 Mio.', '1000K'].map(
    (words): Case => ['right', 'q8', { n: 65536, scene: 'tower' }, { words, growth: 'twofold' }],
  ),
  ['right', 'q8', { n: 262144, scene: 'tower' }, { words: '1048576', growth: 'twofold' }],

  ['not yet', 'q9', {}, { chunks: 'split' }],
  ['wrong', 'q9', { lookBack: 1, rounds: 2 }, { chunks: 'split' }],
  ['wrong', 'q9', { lookBack: 1 }, { chunks: 'future' }],
  ['wrong', 'q9', { lookBack: 1 }, { chunks: 'first' }],
  ['right', 'q9', { lookBack: 1 }, { chunks: 'split' }],

  ['not yet', 'q10', {}, { bleu: 'tuning' }],
  ['not yet', 'q10', { standard: false }, { bleu: 'tuning' }, losses],
  ['not yet', 'q10', {}, { bleu: 'tuning' }, guessing],
  ['wrong', 'q10', {}, { bleu: 'layers' }, losses],
  ['wrong', 'q10', {}, { bleu: 'hashing' }, losses],
  ['right', 'q10', {}, { bleu: 'tuning' }, losses],
];

test.each(cases)('the verdict is "%s" for %s with settings %o and answer %o', (verdict, id, change, answer, more) => {
  expect(judge(id, change, answer, more).verdict).toBe(verdict);
});

describe('all ten questions', () => {
  test.each(questions.map(({ id }) => id))(
    '%s has cases for each verdict, is unanswered at the start, and names a step to go back to',
    (id) => {
      const verdicts = cases.filter(([, of]) => of === id).map(([verdict]) => verdict);
      expect(new Set(verdicts)).toEqual(new Set(['right', 'wrong', 'not yet']));
      expect(judge(id, {}, {}).verdict).not.toBe('right');
      expect(steps.map((step) => step.id)).toContain(questionOf(id)?.back);
    },
  );

  test('have a text for each part and each option', () => {
    for (const { id, parts } of questions) {
      expect(Object.keys(questionTexts[id].parts)).toEqual(parts.map((part) => part.id));
      for (const part of parts) {
        const options = 'options' in part ? [...part.options] : [];
        expect(Object.keys(questionTexts[id].parts[part.id].options ?? {}).sort()).toEqual(options.sort());
      }
    }
  });

  test('none is right without work on the page', () => {
    for (const { id, parts, state } of questions) {
      const judged = judges[id];
      // Any choice of one option each, at the start and with nothing shown.
      const answers = parts.reduce<Answer[]>(
        (all, part) =>
          all.flatMap((answer) =>
            ('options' in part ? part.options : ['1000000']).map((option) => ({
              ...answer,
              [part.id]: part.kind === 'some' || part.kind === 'order' ? [...part.options] : option,
            })),
          ),
        [{}],
      );
      for (const answer of answers) {
        expect([id, judged({ state: defaults(state), shown: lookUp([]), answer }).verdict]).not.toEqual([id, 'right']);
      }
    }
  });
});

test.each([
  ['1000000', 1e6],
  ['1,000,000', 1e6],
  ['64 000', 64_000],
  ['1,5', 1.5],
  ['1.5 million', 1.5e6],
  ['half', Number.NaN],
  ['2·10^6', 2e6],
  ['10**6', 1e6],
  ['64k', 64_000],
  ['one million', 1e6],
  ['million', 1e6],
  ['', Number.NaN],
  ['-3', Number.NaN],
  ['1e', Number.NaN],
])('the count "%s" is read as %d', (text, count) => {
  expect(readCount(text)).toBe(count);
});

test('a right part is acknowledged whatever the settings are, and a wrong one is not', () => {
  for (const { id, parts } of questions) {
    for (const { id: part, kind } of parts) {
      const expected = rightAnswers[id]?.[part];
      if (kind === 'number') expect(expected).toBe(undefined);
      else {
        expect(isRightPart(id, part, { [part]: expected as string }), id).toBe(true);
        expect(isRightPart(id, part, { [part]: [] }), id).toBe(false);
        expect(isRightPart(id, part, {}), id).toBe(false);
      }
    }
  }
  expect(isRightPart('q1', 'costs', { costs: ['pairs', 'activations'] })).toBe(true);
  expect(isRightPart('q5', 'back', { back: ['x2', 'feedForward', 'attention', 'x1'] })).toBe(false);
});

test('the pieces of an order begin neither in the right order nor in its reverse', () => {
  const part = questionOf('q5')?.parts[0];
  const options = part && 'options' in part ? [...part.options] : [];
  expect(options).not.toEqual(rightAnswers.q5.back);
  expect(options.reverse()).not.toEqual(rightAnswers.q5.back);
});
