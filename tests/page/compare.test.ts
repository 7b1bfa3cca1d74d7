import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { readouts } from '../../src/language/readouts';
import { controls } from '../../src/state/schema';
import { evalAll, evalOne, shot, waitIdle } from './browser';
import { test } from './fixture';
import { comparedNumbers, expectedFor, press, setControl, shownNumbers } from './reformer';

const words = readouts.comparison;

/** Presses a button of the comparison. */
const pressIn = (page: Page, label: string): Promise<void> =>
  evalAll(
    page,
    '#compare button',
    (buttons, text) => (buttons.find(({ textContent }) => textContent === text) as HTMLElement).click(),
    label,
  );

/** Compares the numbers of both settings and their differences with the CPU engine's. */
async function expectCompared(page: Page, a: string, b: string): Promise<void> {
  const shown = await shownNumbers(page, 'compared');
  const [first, second] = [a, b].map((query) => comparedNumbers(expectedFor(query)));
  for (const what of Object.keys(first)) {
    expect(shown.get(`${what} A`), `${what} A`).toBeCloseTo(first[what], 3);
    expect(shown.get(`${what} B`), `${what} B`).toBeCloseTo(second[what], 3);
    expect(shown.get(`${what} difference`), what).toBeCloseTo(second[what] - first[what], 3);
  }
  expect(shown.get('milliseconds A')).toBeGreaterThan(0);
}

test('the comparison shows A, a changed setting B and their differences, and returns to A', async ({ open }) => {
  const { page } = await open('?rounds=2&n=100', { width: 1440, height: 900 });
  await press(page, 'compare');
  await expectCompared(page, '?rounds=2&n=100', '?rounds=2&n=100');
  await setControl(page, 'rounds', '6');
  await waitIdle(page);
  await setControl(page, 'lookBack', '0');
  await waitIdle(page);
  await expectCompared(page, '?rounds=2&n=100', '?rounds=6&n=100&lookBack=0');
  const shown = await evalOne(page, '#compare', (section) => section.textContent ?? '');
  const changes = [words.change(controls.rounds.label, '2', '6'), words.change(controls.lookBack.label, '1', '0')];
  expect(shown).toContain(words.differs(changes));
  await shot(page, 'compared');
  await pressIn(page, words.back);
  await waitIdle(page);
  await expectCompared(page, '?rounds=2&n=100', '?rounds=2&n=100');
  await pressIn(page, words.end);
  expect(await page.$('#compare:not([hidden])')).toBeNull();
});
