import { describe, expect, test } from 'vitest';
import { rotations } from '../../src/algorithm/hash';
import { twins } from '../../src/algorithm/inputs';
import { lshAttention } from '../../src/algorithm/lsh';
import { memoryBytes, memoryCrossing, memoryCurves } from '../../src/charts/memory-line';
import { invitation } from '../../src/language/invitation';
import { readAddress, writeAddress } from '../../src/lecture/address';
import { chapters, isUntouched, lectureChapters, stateOf, steps } from '../../src/lecture/content';
import { isEquation } from '../../src/lecture/content/equations';
import { capacity, facts } from '../../src/lecture/content/facts';
import { live } from '../../src/lecture/content/live';
import { flat, parse, parseLine, plain } from '../../src/lecture/content/markup';
import { questions } from '../../src/lecture/content/questions';
import { isTarget } from '../../src/lecture/targets';
import { chapterTitles, commonJudgements, endText, questionTexts, stepTexts } from '../../src/lecture/texts';
import { keys, type State } from '../../src/state/schema';
import { defaults, fromQuery, settingsOf, toQuery } from '../../src/state/state';

/** All texts of the lecture and the questions, each with the id of its step. */
const texts: [string, string][] = [
  ...Object.entries(chapterTitles),
  ...Object.entries(stepTexts).flatMap(([id, { title, text, attempt = '', after = '' }]): [string, string][] => [
    [id, title],
    [id, text],
    [id, attempt],
    [id, after],
  ]),
  ['end', endText],
  ...Object.entries(questionTexts).flatMap(([id, { title, text, learnt, parts, judgements }]): [string, string][] => [
    [id, title],
    [id, text],
    [id, learnt],
    ...Object.values(parts).flatMap(({ label, options = {} }) =>
      [label, ...Object.values(options)].map((words): [string, string] => [id, words]),
    ),
    ...Object.values(judgements).map((words): [string, string] => [id, words]),
  ]),
  ...Object.values(commonJudgements).map((words): [string, string] => ['common', words]),
];
const pieces = texts.flatMap(([id, text]) => parse(text).flatMap((line) => flat(line).map((piece) => ({ id, piece }))));

test('the parser splits a line into text, terms, links, figures and equations', () => {
  expect(parseLine('A *term* of [{n} tokens](n),\n  $square$.')).toEqual([
    { kind: 'text', text: 'A ' },
    { kind: 'term', text: 'term' },
    { kind: 'text', text: ' of ' },
    {
      kind: 'link',
      target: 'n',
      pieces: [
        { kind: 'figure', name: 'n' },
        { kind: 'text', text: ' tokens' },
      ],
    },
    { kind: 'text', text: ', ' },
    { kind: 'equation', name: 'square', block: false },
    { kind: 'text', text: '.' },
  ]);
  expect(parse('One.\n\n$hash$')[1]).toEqual([{ kind: 'equation', name: 'hash', block: true }]);
});

describe('the steps of the lecture', () => {
  test('the steps of ten chapters and ten questions are numbered in order, each id once', () => {
    expect(lectureChapters.length).toBe(10);
    expect(questions.length).toBe(10);
    const numbered = lectureChapters.flatMap(({ id, steps: chapterSteps }) =>
      chapterSteps.map((_, k) => `${id}.${k + 1}`),
    );
    const questionIds = questions.map((_, k) => `q${k + 1}`);
    expect(steps.map(({ id }) => id)).toEqual([...numbered, ...questionIds, 'end']);
    expect(lectureChapters.map(({ id }) => Number(id))).toEqual(lectureChapters.map((_, k) => k + 1));
    expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
  });

  test('each step has a text, and each text has a step', () => {
    const lecture = lectureChapters.flatMap((chapter) => chapter.steps);
    expect(Object.keys(stepTexts).sort()).toEqual(lecture.map(({ id }) => id).sort());
    expect(Object.keys(questionTexts).sort()).toEqual(questions.map(({ id }) => id).sort());
    expect(Object.keys(chapterTitles).sort()).toEqual(chapters.map(({ id }) => id).sort());
    for (const { id, attempt } of lecture)
      expect([id, stepTexts[id].attempt !== undefined]).toEqual([id, attempt !== undefined]);
  });

  test.each(steps.map(({ id }) => id))('step %s has a state that the schema accepts and its link restores', (id) => {
    const step = steps.find((one) => one.id === id) as (typeof steps)[number];
    const state = stateOf(step, defaults({ theme: 'dark' }));
    expect(state.theme).toBe('dark');
    const { state: parsed, problems } = fromQuery(toQuery(state));
    expect(problems).toEqual([]);
    expect(parsed).toEqual(state);
    expect(settingsOf(state).rounds).toBe(state.rounds);
    expect(isUntouched(step, state)).toBe(true);
    // The attempt leads to a state other than the step's own.
    const { attempt } = step;
    if (attempt && 'set' in attempt) expect(isUntouched(step, { ...state, ...attempt.set })).toBe(false);
    for (const key of Object.keys({ ...step.state, ...(attempt && 'set' in attempt ? attempt.set : {}) })) {
      expect(keys).toContain(key);
    }
    for (const target of [...step.look, ...(attempt && 'press' in attempt ? [attempt.press] : [])]) {
      expect([target, isTarget(target)]).toEqual([target, true]);
    }
  });

  test('each step names the settings on which its words depend, whatever the defaults of the page are', () => {
    const needed = {
      attention: ['input', 'n', 'd', 'rounds', 'chunk', 'token', 'seed', 'scene', 'preset'],
      layers: ['scene', 'layers', 'keep', 'taskLength', 'trainRounds', 'seed'],
    } as const;
    for (const { id, state } of steps) {
      const missing = needed[state.scene === 'tower' ? 'layers' : 'attention'].filter((key) => !(key in state));
      expect([id, missing]).toEqual([id, []]);
    }
  });

  test('a step shows the same state whatever was shown before, except for the theme', () => {
    const odd = { ...defaults({ preset: 'trax', input: 'sphere' }), rounds: 7, token: 3, theme: 'light' } as State;
    for (const step of steps) {
      expect(stateOf(step, odd)).toEqual({ ...stateOf(step, defaults()), theme: 'light' });
    }
  });
});

describe('the texts of the lecture', () => {
  test('the texts of the lecture name only figures, equations and targets that exist', () => {
    for (const { id, piece } of pieces) {
      if (piece.kind === 'figure')
        expect([id, piece.name, piece.name in facts !== piece.name in live]).toEqual([id, piece.name, true]);
      if (piece.kind === 'equation') expect([id, piece.name, isEquation(piece.name)]).toEqual([id, piece.name, true]);
      if (piece.kind === 'link') expect([id, piece.target, isTarget(piece.target)]).toEqual([id, piece.target, true]);
    }
  });

  test('the texts of the lecture state each figure by its name in the facts or the live figures', () => {
    // Digits, and the words for large numbers: all of them have to come through a {name}.
    const figure = /\d[\d.,]*|\b(dozen|hundred|thousand|million|billion|percent)s?\b/gi;
    const found = texts.flatMap(([id, text]) =>
      parse(text).flatMap((line) => [...plain(line).matchAll(figure)].map(([figures]) => `${id}: ${figures}`)),
    );
    expect(found).toEqual([]);
    const named = new Set(pieces.flatMap(({ piece }) => (piece.kind === 'figure' ? [piece.name] : [])));
    expect([...named].filter((name) => /\d/.test(facts[name]?.text ?? '')).length).toBeGreaterThan(25);
    for (const name of named) if (name in facts) expect(facts[name].source.length).toBeGreaterThan(3);
    // Each fact is stated somewhere.
    for (const name of [...Object.keys(facts), ...Object.keys(live)])
      expect([name, named.has(name)]).toEqual([name, true]);
  });

  test('the invitation counts the chapters and questions right', () => {
    expect(invitation.invite).toContain('Ten chapters');
    expect(invitation.invite).toContain('ten questions');
    expect(facts.million.text).toBe('a million');
  });

  test('a step has 25 to 95 words, and a chapter 200 to 460 in four to six steps', () => {
    for (const { id, steps: chapterSteps } of lectureChapters) {
      expect(chapterSteps.length, id).toBeGreaterThanOrEqual(4);
      expect(chapterSteps.length, id).toBeLessThanOrEqual(6);
      let sum = 0;
      for (const step of chapterSteps) {
        const { text, attempt = '' } = stepTexts[step.id];
        expect(wordCount(text), step.id).toBeGreaterThanOrEqual(25);
        expect(wordCount(text), step.id).toBeLessThanOrEqual(95);
        sum += wordCount(text) + wordCount(attempt);
      }
      expect(sum, id).toBeGreaterThanOrEqual(200);
      expect(sum, id).toBeLessThanOrEqual(460);
    }
  });
});

/** Words that a person reads: a figure counts as one, an equation as none. */
function wordCount(text: string): number {
  const lines = parse(text).map((line) =>
    flat(line)
      .map((piece) => ('text' in piece ? piece.text : piece.kind === 'figure' ? ' x ' : ' '))
      .join(''),
  );
  return lines
    .join(' ')
    .split(/\s+/)
    .filter((word) => /\w/.test(word)).length;
}

test('computed figures equal their formulas', () => {
  // The paper's Table 3: 4 bytes · 8 heads · l² · 12 layers = 16e9 at l = capacity.standard.
  expect(4 * 8 * capacity.standard ** 2 * 12).toBeCloseTo(16e9, -1);
  expect(4 * 8 * capacity.reversible ** 2).toBeCloseTo(16e9, -1);
  expect(4 * 1024 * capacity.reformer).toBeCloseTo(16e9, -1);
  // With R rounds a query meets R · 128 keys: 4 bytes · 8 heads · l · R · 128 = 16e9.
  expect(4 * 8 * 128 * capacity.reformer).toBeCloseTo(16e9, -1);
  expect(4 * 8 * 4 * 128 * capacity.four).toBeCloseTo(16e9, -1);
  expect(facts.fitsFour.text).toBe('980,000');
  for (const curve of memoryCurves) {
    const at = memoryCrossing(curve);
    expect(Math.abs(at - capacity[curve]), curve).toBeLessThanOrEqual(1);
    expect(memoryBytes(curve, at)).toBeLessThanOrEqual(16e9);
    expect(memoryBytes(curve, at + 1)).toBeGreaterThan(16e9);
  }
  expect([capacity.standard, capacity.reversible].map((count) => Number(count.toPrecision(2)))).toEqual([6500, 22000]);
  expect(facts.scores64k.text).toBe('4.3 billion');
  expect(facts.matrix64k.text).toBe('17.2 GB');
  expect(facts.slots64k.text).toBe('1,024');
  expect(facts.evenChance.text).toBe('94 %');
  expect(facts.mostTokens.text).toBe('1,048,576');
  const { paper41, paper01, paper11, paper40, ottBig, bleuBig } = facts;
  const paper = [paper41, paper01, paper11, paper40, ottBig, bleuBig].map(({ text }) => text);
  expect(paper).toEqual(['91.9 %', '52.5 %', '77.9 %', '0.8 %', '29.3', '29.1']);
});

test('without the bucket mask, later tokens change the stated shares of earlier outputs', () => {
  const shape = { heads: 1, n: 1024, d: 64 };
  const quarter = 768;
  const changedRows = (rounds: number, convention: 'trax' | 'paper'): number => {
    const settings = { ...settingsOf(defaults({ preset: convention, n: 1024, chunk: 64, rounds })), factors: [32] };
    const of = (seed: number) => twins(shape, { seed, noise: 0.3, length: 8 });
    const [before, other] = [of(5), of(6)];
    const mixed = (a: Float32Array, b: Float32Array) => a.map((value, k) => (k < quarter * shape.d ? value : b[k]));
    const directions = rotations(shape, settings, 5);
    const out = (qk: Float32Array, v: Float32Array) =>
      lshAttention({ shape, qk, v, rotations: directions }, settings).out;
    const first = out(before.qk, before.v);
    const second = out(mixed(before.qk, other.qk), mixed(before.v, other.v));
    let changed = 0;
    for (let i = 0; i < quarter; i++) {
      const isApart = (k: number) => Math.abs(first[i * shape.d + k] - second[i * shape.d + k]) > 1e-9;
      if (Array.from({ length: shape.d }, (_, k) => k).some(isApart)) changed++;
    }
    return changed / quarter;
  };
  const stated = (name: string) => Number(facts[name].text.replace(' %', '')) / 100;
  expect(changedRows(1, 'trax')).toBeCloseTo(stated('leakOne'), 1);
  expect(changedRows(8, 'trax')).toBeCloseTo(stated('leakEight'), 1);
  expect(changedRows(1, 'paper')).toBe(0);
});

describe('the address', () => {
  test('names a step and only the settings that differ from it', () => {
    const { lesson, state, problems } = readAddress('?step=05.2');
    expect(problems).toEqual([]);
    expect(state.lookBack).toBe(0);
    expect(writeAddress(lesson, state)).toBe('?step=05.2');
    const changed = { ...state, lookBack: 1, rounds: 3 };
    const link = writeAddress(lesson, changed);
    expect(link).toBe('?step=05.2&rounds=3&lookBack=1');
    expect(readAddress(link).state).toEqual(changed);
  });

  test('restores a preset that differs from the one of the step', () => {
    const { lesson, state } = readAddress('?step=05.4&preset=lucidrains');
    expect([state.scale, state.wrap]).toEqual(['sqrt', true]);
    expect(readAddress(writeAddress(lesson, state)).state).toEqual(state);
  });

  test('restores a lesson: step, hidden controls and presentation mode', () => {
    const query = '?step=06.3&hide=seed,heads&present=1&rounds=2';
    const { lesson, state, problems } = readAddress(query);
    expect(problems).toEqual([]);
    expect(lesson).toEqual({ step: '06.3', hide: ['seed', 'heads'], present: true });
    expect(writeAddress(lesson, state)).toBe(query);
  });

  test('ignores unknown steps and settings and reports them', () => {
    const { lesson, problems } = readAddress('?step=99.9&hide=seed,colour&rounds=2');
    expect(lesson).toEqual({ step: undefined, hide: ['seed'], present: false });
    expect(problems).toEqual([invitation.unknownStep('"99.9"'), invitation.unknownSetting('"colour"', 0)]);
    expect(problems[0]).toContain('99.9');
    expect(readAddress('?hide=one,two').problems).toEqual([invitation.unknownSetting('"one"', 1)]);
    expect(readAddress('').problems).toEqual([]);
    expect(writeAddress(readAddress('').lesson, readAddress('').state)).toBe('');
  });
});
