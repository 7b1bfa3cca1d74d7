import { expect, test } from 'vitest';
import { readAddress, writeAddress } from '../../src/lecture/address';
import { defaults } from '../../src/state/state';

test.for([
  ['?ronds=4', 'The link names "ronds", which the page does not know.'],
  ['?ronds=4&tokens=8&rounds=2', 'The link names "ronds" and 1 more that the page does not know.'],
  ['?Rounds=4', 'The link names "Rounds", which the page does not know.'],
  ['?=4', 'The link names "", which the page does not know.'],
  ['?__proto__=1', 'The link names "__proto__", which the page does not know.'],
  ['?rounds=2&rounds=4', 'The link names rounds more than once; the first one counts.'],
  ['?present=yes', 'present is "yes"; it must be 0 or 1.'],
])('the link %s gives one sentence', ([link, sentence]) => {
  expect(readAddress(link).problems).toEqual([sentence]);
});

test('names that the page writes, and its former names, give no sentence', () => {
  for (const link of ['', '?step=05.2&hide=seed,heads&present=1&rounds=2', '?scene=tower&moment=3', '?present=0']) {
    const { lesson, state, problems } = readAddress(link);
    expect(problems, link).toEqual([]);
    expect(readAddress(writeAddress(lesson, state)).problems).toEqual([]);
  }
});

test('an address without settings is of the first text, and every other state has an address that leads back', () => {
  const { lesson, state } = readAddress('');
  expect(state).toEqual(defaults({ input: 'text' }));
  expect(writeAddress(lesson, state)).toBe('');
  expect(readAddress('?hide=seed').state.input).toBe('text');
  expect(readAddress('?rounds=4').state).toEqual(defaults());
  for (const values of [{}, { rounds: 8 }, { input: 'text', rounds: 8 }, { input: 'sphere' }] as const) {
    const query = writeAddress(lesson, defaults(values));
    expect(readAddress(query).state, query).toEqual(defaults(values));
  }
  expect(writeAddress(lesson, defaults())).toBe('?input=twins');
});
