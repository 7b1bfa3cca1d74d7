import { expect } from 'vitest';
import { linkOf, waitFor, waitIdle } from './browser';
import { test } from './fixture';
import { messageOf } from './reformer';

const sentence = 'Please pick the token that wins tonight + 100 - 20, PLEASE WAIT';

test.for([
  ['', '?n=32&chunk=4&rounds=2&d=8'],
  ['in the lecture', '?step=05.2'],
] as const)('a sentence that is typed or dictated on the page starts nothing %s', async ([, link], { open }) => {
  const { page } = await open(link);
  const stateOf = () =>
    page.evaluate(() =>
      JSON.stringify([
        location.search,
        document.documentElement.dataset,
        document.documentElement.hasAttribute('data-present'),
      ]),
    );
  const before = await stateOf();
  await page.keyboard.type(sentence);
  await page.keyboard.type(sentence.replaceAll(' ', ''));
  await waitIdle(page);
  expect(await stateOf()).toBe(before);
  // A button that has the focus takes no letters either.
  await page.focus('header nav button');
  await page.keyboard.type(sentence.replaceAll(' ', ''));
  await waitIdle(page);
  expect(await stateOf()).toBe(before);
  expect(await messageOf(page)).toBe('');
});

test('on the stage the letters act, in either case, but not those of a composition', async ({ open }) => {
  const { page } = await open('?n=32&chunk=4&rounds=2&d=8');
  await page.click('#view .stage-canvas', { offset: { x: 4, y: 4 } });
  await waitIdle(page);
  const before = new URLSearchParams(await linkOf(page));
  expect(before.get('turn')).toBeNull();
  await page.evaluate(() => {
    const canvas = document.querySelector('#view .stage-canvas') as HTMLElement;
    for (const key of ['t', 'p'])
      canvas.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, isComposing: true }));
  });
  await waitIdle(page);
  expect(new URLSearchParams(await linkOf(page)).get('turn')).toBeNull();
  await page.keyboard.press('t');
  await waitIdle(page);
  expect(new URLSearchParams(await linkOf(page)).get('turn')).toBe('5');
  await page.keyboard.press('P');
  await waitFor(page, () => document.documentElement.hasAttribute('data-present'));
  await waitIdle(page);
  expect(new URLSearchParams(await linkOf(page)).get('present')).toBe('1');
  await page.focus('#view .stage-canvas');
  await page.keyboard.press('p');
  await waitFor(page, () => !document.documentElement.hasAttribute('data-present'));
});
