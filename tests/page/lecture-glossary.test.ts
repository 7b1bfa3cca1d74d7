import { expect } from 'vitest';
import { glossary } from '../../src/language/glossary';
import { evalOne, waitFor, waitIdle } from './browser';
import { test } from './fixture';

const current = 'dialog#glossary[open] dt[aria-current]';

test('a term opens its entry in the glossary, in the lecture and outside, by a click and by Enter', async ({
  open,
}) => {
  const { page } = await open('?rounds=2', { width: 1440, height: 900 });
  await page.evaluate(() => {
    const terms = [...document.querySelectorAll<HTMLElement>('#words em')];
    terms.find((term) => term.textContent === 'bucket' && term.getClientRects().length > 0)?.click();
  });
  await page.waitForSelector(current);
  expect(await evalOne(page, current, (term) => term.textContent)).toBe('bucket');
  // Its button opens the step that introduces the term.
  await page.click(`${current} + dd .open`);
  await waitIdle(page);
  await waitFor(page, () => document.documentElement.dataset.step === '03.1');
  await page.focus('#step em');
  await page.keyboard.press('Enter');
  await page.waitForSelector(current);
  expect(await evalOne(page, current, (term) => term.textContent)).toBe('locality-sensitive hashing');
  expect(await page.$$eval('#glossary dt', (all) => all.length)).toBe(glossary.entries.length);
});

test('a fact shows its source behind it, and a question leads to its step and back', async ({ open }) => {
  const { page } = await open('?step=01.4', { width: 390, height: 844 });
  await page.waitForSelector('#step .fact');
  await page.click('#step .fact');
  expect(await evalOne(page, '#step .fact-source', (note) => note.textContent)).toContain('Kitaev');
  await page.click('#step .fact');
  expect(await page.$('#step .fact-source')).toBeNull();
  await page.goto(page.url().replace(/\?.*$/, '?step=q9'));
  await waitIdle(page);
  await page.waitForSelector('#step .back');
  await evalOne(page, '#step input[value="split"]', (input) => (input as HTMLInputElement).click());
  await page.click('#step .check');
  // The choice is right, the setting is not yet.
  expect(await evalOne(page, '#step .verdict', (verdict) => (verdict as HTMLElement).dataset.verdict)).toBe('not yet');
  expect(await page.$('#step fieldset[data-right]')).not.toBeNull();
  await page.click('#step .back');
  await waitFor(page, () => document.documentElement.dataset.step === '05.2');
  await page.click('#step .origin');
  await waitFor(page, () => document.documentElement.dataset.step === 'q9');
  expect(await page.$('#step .origin')).toBeNull();
});
