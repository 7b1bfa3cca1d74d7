import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { evalAll, evalOne, linkOf, waitIdle } from './browser';
import { test } from './fixture';
import { messageOf } from './reformer';

const start = '?n=32&chunk=4&rounds=2&d=8&token=5';

const fieldsOf = (key: string) => `#panel [data-key="${key}"] input`;

/** Types into a number field in place of what stands there, as a person does. `end` is the key that ends it. */
async function type(page: Page, key: string, text: string, end?: 'Enter' | 'Tab'): Promise<void> {
  await evalAll(page, fieldsOf(key), (fields) => {
    // The hash rounds have a field in two folders, of which one is hidden.
    const field = fields.find((one) => (one as HTMLElement).offsetParent) as HTMLInputElement;
    field.focus();
    field.select();
  });
  await page.keyboard.type(text);
  if (end) await page.keyboard.press(end);
  await waitIdle(page);
}

const settingOf = async (page: Page, key: string) => new URLSearchParams(await linkOf(page)).get(key);

const shownIn = (page: Page, key: string) => evalOne(page, fieldsOf(key), (input) => (input as HTMLInputElement).value);

test('number fields take a decimal comma, with and without Enter', async ({ open }) => {
  const { page } = await open(start);
  await type(page, 'noise', '0,5', 'Enter');
  expect([await settingOf(page, 'noise'), await shownIn(page, 'noise')]).toEqual(['0.5', '0.5']);
  await type(page, 'noise', '1,5');
  expect(await settingOf(page, 'noise')).toBe('1.5');
  await type(page, 'length', '0.75', 'Tab');
  expect(await settingOf(page, 'length')).toBe('0.75');
  expect(await messageOf(page)).toBe('');
});

test.for([
  ['seed', '1 000', 'seed is "1 0'],
  ['seed', '12abc', 'seed is "12a'],
  ['seed', '1,000', 'a thousand or a decimal'],
  ['seed', '1,5', 'seed is "1,5"'],
  ['rounds', '99', 'hash rounds is "99"; it must be a whole number from 1 to 16'],
  ['token', '32', 'token is "32"; it must be a whole number from 0 to 31'],
  ['noise', 'half', 'noise is "h'],
  ['noise', '-', 'noise is "-"'],
] as const)(
  'the field of %s refuses "%s" in one sentence and keeps its value',
  async ([key, text, sentence], { open }) => {
    const { page } = await open(start);
    const [link, shown] = [await linkOf(page), await shownIn(page, key)];
    await type(page, key, text, 'Tab');
    expect(await messageOf(page)).toContain(sentence);
    expect(await linkOf(page)).toBe(link);
    expect(await shownIn(page, key)).toBe(shown);
  },
);

test('text that cannot become a number is refused before the field is left', async ({ open }) => {
  const { page } = await open(start);
  await type(page, 'seed', '12abc');
  expect(await messageOf(page)).toContain('seed is "12abc"');
  expect(await settingOf(page, 'seed')).toBeNull();
  expect(await evalOne(page, '#panel [data-key="seed"] input', (input) => input.getAttribute('aria-invalid'))).toBe(
    'true',
  );
  // An arrow key steps from the value that holds.
  await page.keyboard.press('ArrowUp');
  await waitIdle(page);
  expect(await settingOf(page, 'seed')).toBe('6');
  expect(await messageOf(page)).toBe('');
});

test('number fields ask a phone for its number keys, and stay text', async ({ open }) => {
  const { page } = await open(start, {
    before: () => {
      const { matchMedia } = globalThis;
      // lil-gui asks this, and would take a field that hides from the page what is not a number.
      globalThis.matchMedia = (query) =>
        query === '(pointer: coarse)' ? ({ matches: true } as MediaQueryList) : matchMedia(query);
    },
  });
  const kinds = await page.$$eval('#panel .lil-number input', (inputs) =>
    inputs.map(({ type, inputMode }) => `${type} ${inputMode}`),
  );
  expect(new Set(kinds)).toEqual(new Set(['text numeric', 'text decimal']));
});
