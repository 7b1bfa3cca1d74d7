import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closePages, openBrowser, openPage, waitFor, waitIdle } from '../page/browser';
import { expectCoreNumbers } from '../page/numbers';
import { messageOf, press, setControl, shownNumbers } from '../page/reformer';

// The shortest walk through the page that meets WebGPU, three.js, the workers and training. `npm run test:all` tests the rest in this browser.
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await closePages(browser);
  await browser.close();
});

test('the page shows the numbers of the plain engine, follows the rounds slider, and trains a step', async () => {
  const { page, errors, requests } = await openPage(browser, '?rounds=1', { width: 1440, height: 900 });
  await waitIdle(page);
  await expectCoreNumbers(page, '?rounds=1');
  const before = (await shownNumbers(page, 'curve-error')).get('1') ?? Number.NaN;
  await setControl(page, 'rounds', '8');
  await waitIdle(page);
  expect((await shownNumbers(page, 'curve-error')).get('8')).toBeLessThan(0.75 * before);
  await setControl(page, 'scene', 'tower');
  await setControl(page, 'taskLength', '16');
  await waitIdle(page);
  await press(page, 'step');
  await waitFor(page, () => document.querySelector('[data-kind="loss"]') !== null);
  const [loss] = (await shownNumbers(page, 'loss')).values();
  // Untrained, the model guesses among 31 symbols.
  expect(loss).toBeGreaterThan(0.5 * Math.log(31));
  expect(loss).toBeLessThan(2 * Math.log(31));
  expect(await messageOf(page)).toBe('');
  expect(errors).toEqual([]);
  expect(requests).toEqual([]);
});
