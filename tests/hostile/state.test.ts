import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSettings } from '../../src/algorithm/settings';
import { readAddress, writeAddress } from '../../src/lecture/address';
import { steps } from '../../src/lecture/content';
import { type Control, controls, type Key, keys } from '../../src/state/schema';
import { defaults, fromQuery, parseValue, settingsOf, shapeOf, toQuery } from '../../src/state/state';
import { accepted, expectSentence, property } from './property';

const number = fc.oneof(
  fc.double().map(String),
  fc.integer({ min: -3, max: 1100 }).map(String),
  fc.constantFrom(
    '1e-7',
    '-0',
    '1e999',
    '-1e999',
    '0x10',
    '1e5',
    '1e+2',
    '.5',
    '5.',
    '٣',
    '1_0',
    ' 1',
    '1 ',
    '+1',
    'NaN',
  ),
  fc.constantFrom('9'.repeat(5000), '0'.repeat(5000), '2147483647', '2147483648', '1048576', '1048577'),
);
const buckets = fc.oneof(
  fc.array(fc.oneof(fc.nat(40).map(String), number), { maxLength: 6 }).map((parts) => parts.join()),
  fc.constantFrom('auto', '08, 8', '2,2,2,2', '1048576', '1048576,1048576', ','.repeat(3000), `${' '.repeat(3000)}8`),
);
const words = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '1',
    'true',
    '__proto__',
    'constructor',
    'own',
    '<b>',
    '\u202e',
    '%',
    '\u0000',
    '🦊'.repeat(40),
  ),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
);
const right = fc.constantFrom(...keys).chain((key): fc.Arbitrary<[Key, string]> => {
  const control = controls[key] as Control;
  const some = control.type === 'choice' ? Object.values(control.choices) : ['0', '1', '2', '3', '8', '16', '64'];
  return fc.tuple(fc.constant(key), fc.constantFrom(...some).map(String));
});
const wrong = fc.tuple(fc.constantFrom(...keys), fc.oneof(number, buckets, words));
const foreign = fc.tuple(fc.constantFrom('__proto__', 'constructor', 'toString', 'polluted', ''), words);

/** Expects of any link: it is read, its state makes a short link that reads the same, and checkSettings takes or rejects the state. */
function expectRead(query: string): void {
  const result = accepted(() => fromQuery(query), 32 * query.length);
  if (!result) throw new Error('a link must never be rejected as a whole');
  const { state, problems } = result;
  for (const words of problems) expectSentence(words);
  expect(Object.keys(state).sort()).toEqual([...keys].sort());
  for (const key of keys) expect(typeof state[key]).toBe(typeof defaults()[key]);
  const link = toQuery(state);
  expect(link.length).toBeLessThan(1000);
  expect(fromQuery(link)).toEqual({ state, problems: [] });
  accepted(() => checkSettings(shapeOf(state), settingsOf(state)));
}

test('fromQuery reads a link of any characters', () => {
  property(fc.oneof(words, fc.webQueryParameters(), fc.string({ unit: 'binary-ascii', maxLength: 200 })), expectRead);
});

test('fromQuery reads a link of right, wrong and duplicate values, and of names with a meaning in JavaScript', () => {
  const pairs = fc.array(fc.oneof(right, wrong, foreign), { maxLength: 12 });
  property(pairs, (list) => expectRead(`?${new URLSearchParams(list.map(([key, value]) => [key, value]))}`));
});

test('fromQuery reads a valid link with random changes', () => {
  const good = fc.array(right, { maxLength: 8 }).map((list) => `?${new URLSearchParams(list)}`);
  const change = fc.tuple(
    fc.nat(200),
    fc.nat(3),
    fc.oneof(fc.constantFrom('%', '%2', '%FF', '&', '=', ';', '+'), words),
  );
  property(fc.tuple(good, fc.array(change, { maxLength: 4 })), ([start, changes]) => {
    let out = start;
    for (const [at, drop, put] of changes) out = out.slice(0, at) + put + out.slice(at + drop);
    expectRead(out);
  });
});

/** Expects the same of any address of the lecture, with its step and its hidden settings. */
function expectAddress(query: string): void {
  const result = accepted(() => readAddress(query), 32 * query.length);
  if (!result) throw new Error('an address must never be rejected as a whole');
  const { lesson, state, problems } = result;
  expect(problems.length).toBeLessThanOrEqual(keys.length + 2);
  for (const words of problems) expectSentence(words);
  expect(steps.some(({ id }) => id === lesson.step)).toBe(lesson.step !== undefined);
  expect(new Set(lesson.hide).size).toBe(lesson.hide.length);
  for (const key of lesson.hide) expect(keys).toContain(key);
  const address = writeAddress(lesson, state);
  expect(address.length).toBeLessThan(2000);
  expect(readAddress(address)).toEqual({ lesson, state, problems: [] });
}

test('readAddress reads any address of the lecture', () => {
  const step = fc.oneof(fc.constantFrom(...steps.map(({ id }) => id)), words, number);
  const hidden = fc
    .array(fc.oneof(fc.constantFrom<string>(...keys), words), { maxLength: 9 })
    .map((names) => names.join());
  const pair = fc.oneof(
    fc.tuple(fc.constant('step'), step),
    fc.tuple(
      fc.constant('hide'),
      fc.oneof(hidden, fc.constantFrom('x,'.repeat(9000), ','.repeat(9000), '\u2028,n,n,n')),
    ),
    fc.tuple(fc.constant('present'), fc.oneof(fc.constant('1'), words)),
    right,
    foreign,
  );
  property(fc.array(pair, { maxLength: 8 }), (list) =>
    expectAddress(`?${new URLSearchParams(list.map(([key, value]) => [key, value]))}`),
  );
});

test('parseValue takes or rejects any text, and reads its own value again', () => {
  property(fc.oneof(right, wrong), ([key, text]) => {
    const value = accepted(() => parseValue(key, text), 32 * text.length);
    if (value === undefined) return;
    expect(parseValue(key, String(value))).toBe(value);
  });
});
