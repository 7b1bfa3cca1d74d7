import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { windowLength } from '../../src/algorithm/settings';
import { evalAll, evalOne, openBrowser, openPage, shot, waitIdle } from './browser';
import { expectedFor, press, setControl, shownNumbers } from './reformer';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** Numbers of both sides and of their difference, against the core's. */
async function expectCompared(page: Page, a: string, b: string): Promise<void> {
  const shown = await shownNumbers(page, 'compared');
  const of = (query: string) => {
    const { curve, seen, settings } = expectedFor(query);
    const last = curve[curve.length - 1];
    const slots = settings.rounds * windowLength(settings);
    return { error: last.error, captured: last.captured, ...last.lost, seen: seen.size, slots };
  };
  const [first, second] = [of(a), of(b)];
  for (const what of Object.keys(first) as (keyof typeof first)[]) {
    expect(shown.get(`${what} A`), `${what} A`).toBeCloseTo(first[what], 3);
    expect(shown.get(`${what} B`), `${what} B`).toBeCloseTo(second[what], 3);
    expect(shown.get(`${what} difference`), what).toBeCloseTo(second[what] - first[what], 3);
  }
  expect(shown.get('milliseconds A')).toBeGreaterThan(0);
}

test('a setting kept as A is compared with what is changed, and comes back', async () => {
  const { page, errors } = await openPage(browser, '?rounds=2&n=100', { width: 1440, height: 900 });
  await waitIdle(page);
  await press(page, 'compare');
  await expectCompared(page, '?rounds=2&n=100', '?rounds=2&n=100');
  await setControl(page, 'rounds', '6');
  await waitIdle(page);
  await setControl(page, 'lookBack', '0');
  await waitIdle(page);
  await expectCompared(page, '?rounds=2&n=100', '?rounds=6&n=100&lookBack=0');
  const words = () => evalOne(page, '#compare', (section) => section.textContent ?? '');
  expect(await words()).toContain('hash rounds 2 → 6, look-back 1 → 0');
  await shot(page, 'compared');
  await evalAll(page, '#compare button', (buttons) =>
    buttons.find(({ textContent }) => textContent === 'back to A')?.click(),
  );
  await waitIdle(page);
  await expectCompared(page, '?rounds=2&n=100', '?rounds=2&n=100');
  await evalAll(page, '#compare button', (buttons) =>
    buttons.find(({ textContent }) => textContent === 'end')?.click(),
  );
  expect(await page.$('#compare:not([hidden])')).toBeNull();
  expect(errors).toEqual([]);
});
