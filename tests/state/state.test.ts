import { describe, expect, test } from 'vitest';
import { panel } from '../../src/language/panel';
import { random } from '../../src/shared/random';
import { type Control, controls, type Key, keys, type State } from '../../src/state/schema';
import { applyChange, defaults, fromQuery, parseValue, settingsOf, toQuery } from '../../src/state/state';

/** A state with a random value of every control. */
function randomState(seed: number): State {
  const draw = random(seed);
  const state = defaults({ input: 'sphere' });
  for (const key of keys) {
    const control = controls[key] as Control;
    const pick = <T>(values: T[]): T => values[draw.integer(values.length)];
    const value =
      control.type === 'switch'
        ? pick([true, false])
        : control.type === 'choice'
          ? pick(Object.values(control.choices).filter((choice) => choice !== 'own'))
          : control.type === 'buckets'
            ? pick(['auto', '16', '8,8', '2,4,6,8'])
            : control.type === 'text'
              ? pick(['Visitor: Hello.', 'π & 100 % + “🙂”\n\0?'])
              : control.type === 'whole'
                ? control.min + draw.integer(Math.min(control.max - control.min + 1, 2 ** 31))
                : control.min + control.step * draw.integer(1 + (control.max - control.min) / control.step);
    Object.assign(state, { [key]: value });
  }
  // They follow from a text.
  const { n, heads, d } = defaults({ input: 'text' });
  return state.input === 'text' ? { ...state, n, heads, d } : state;
}

test.each(Array.from({ length: 50 }, (_, seed) => seed))('a link restores a random state (seed %i)', (seed) => {
  const state = randomState(seed);
  const { state: restored, problems } = fromQuery(toQuery(state));
  expect(problems).toEqual([]);
  expect(restored).toEqual(state);
});

test('a link of a text cannot set the sizes that follow from it', () => {
  const { state, problems } = fromQuery('?input=text&n=100&heads=2&rounds=8');
  expect(state).toEqual(defaults({ input: 'text', rounds: 8 }));
  expect(problems).toEqual([
    `With a text, ${controls.n.label}, ${controls.heads.label} cannot be set; they follow from the text and its model.`,
  ]);
});

test('a link leaves out a text that is too long for an address', () => {
  const state = defaults({ input: 'text', text: 'a'.repeat(2001), rounds: 8 });
  expect(toQuery(state)).toBe('?rounds=8&input=text');
  expect(toQuery({ ...state, text: 'a'.repeat(2000) })).toContain('text=aaa');
});

test('the default state has an empty link', () => {
  expect(toQuery(defaults())).toBe('');
  expect(fromQuery('').state).toEqual(defaults());
});

test('a change of preset sets its switches, and a switch can differ from its preset', () => {
  const trax = applyChange(defaults(), { preset: 'trax' });
  expect(trax).toMatchObject({ bucketMask: false, wrap: true, duplicates: 'counted', keyNorm: 'smooth' });
  expect(toQuery(trax)).toBe('?preset=trax');
  const mixed = applyChange(trax, { bucketMask: true });
  expect(toQuery(mixed)).toBe('?preset=trax&bucketMask=1');
  expect(applyChange(defaults(), { input: 'sphere' }).d).toBe(3);
  expect(settingsOf(applyChange(defaults(), { buckets: '8,8' })).factors).toEqual([8, 8]);
});

const label = (key: Key): string => controls[key].label;

describe('fromQuery names an invalid value in one sentence and keeps the other values', () => {
  test.each([
    ['?n=1e9&rounds=8', `${label('n')} is "1e9"; it must be a whole number from 2 to 1048576.`],
    ['?rounds=8&d=many', `${label('d')} is "many"; it must be a whole number from 2 to 128.`],
    ['?rounds=8&chunk=', `${label('chunk')} is ""; it must be a whole number from 4 to 128.`],
    ['?rounds=8&n=64.5', `${label('n')} is "64.5"; it must be a whole number from 2 to 1048576.`],
    ['?rounds=8&buckets=7', 'buckets is "7"; it must be auto, an even number, or up to four even factors such as 8,8.'],
    ['?rounds=8&preset=__proto__', `${label('preset')} is "__proto__"; it must be one of paper, trax, lucidrains.`],
    ['?rounds=8&causal=yes', `${label('causal')} is "yes"; it must be 0 or 1.`],
    ['?rounds=8&input=own', 'drop the file again'],
    ['?rounds=8&noise=0x1', `${label('noise')} is "0x1"`],
  ])('%s', (query, words) => {
    const { state, problems } = fromQuery(query);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(words);
    expect(state).toEqual({ ...defaults(), rounds: 8 });
  });

  test('parseValue reads an exponent and rejects a number above the largest', () => {
    expect(() => parseValue('n', '1e9')).toThrow('1e9');
    expect(parseValue('n', '1e3')).toBe(1000);
  });
});

test('a link reads the former name of a setting, and writes its present name', () => {
  const { state, problems } = fromQuery('?scene=tower&moment=3');
  expect(problems).toEqual([]);
  expect(state.towerPhase).toBe(3);
  expect(toQuery(state)).toBe('?scene=tower&towerPhase=3');
});

test.each(Object.entries(panel.choices))('the list of %s offers every value that has a name', (key, names) => {
  const control = controls[key as Key] as Control;
  const values = control.type === 'choice' ? Object.values(control.choices) : [];
  expect(values.map(String).sort()).toEqual(Object.keys(names).sort());
});
