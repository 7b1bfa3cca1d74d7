import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { words } from '../../src/language/words';
import { firstText } from '../../src/shared/first-text';
import { defaults, toQuery } from '../../src/state/state';
import { candidates, greedy } from '../../src/text/sampling';
import { nextLogits } from '../../src/training/text-reading';
import { evalAll, evalOne, linkOf, waitFor, waitIdle } from './browser';
import { test } from './fixture';
import { guide, vectorsOfText } from './guide';
import { expectCoreNumbers } from './numbers';

const { tokenizer } = guide;

/** Pieces of the ribbon with a class. */
const piecesOf = (page: Page, name: string): Promise<(string | null)[]> =>
  evalAll(page, `#ribbon .pieces .${name}`, (spans) => spans.map((span) => span.textContent));

const typed = (page: Page): Promise<string> =>
  evalOne(page, '#ribbon textarea', (field) => (field as HTMLTextAreaElement).value);

/** The probabilities of the next words, by name. */
const nextOf = (page: Page): Promise<[string, number][]> =>
  evalAll(page, '#next li', (items) =>
    items.map((item): [string, number] => [
      item.querySelector('.piece')?.textContent ?? '',
      Number((item.querySelector('[data-kind]') as HTMLElement).dataset.value),
    ]),
  );

const requestsFor = (page: Page, name: string): Promise<number> =>
  page.evaluate(
    (part) => performance.getEntriesByType('resource').filter((entry) => entry.name.includes(part)).length,
    name,
  );

test('the page opens on words, with the numbers of the plain engine, and without the model', async ({ open }) => {
  const { page } = await open('', { width: 1440, height: 900 });
  expect(await linkOf(page)).toBe('');
  expect(await typed(page)).toBe(firstText.text);
  expect((await piecesOf(page, 'selected')).length).toBe(1);
  await expectCoreNumbers(page, '?input=text', vectorsOfText(firstText.text));
  const logits = nextLogits(guide, tokenizer.encode(firstText.text), guide.sizes.rounds);
  const expected = candidates(logits, { ...greedy, temperature: 0.8 }).slice(0, 10);
  const shown = await nextOf(page);
  expect(shown).toHaveLength(10);
  for (const [rank, [, probability]] of shown.entries()) {
    expect(Math.abs(probability - expected[rank].probability)).toBeLessThan(1e-4);
  }
  expect(await requestsFor(page, 'guide')).toBe(0);
});

test('a typed text is read by the model: its pieces, and the attention of another layer and head', async ({ open }) => {
  const text = 'Visitor: My name is Zorbek. 🙂\nGuide: Hello, Zorbek';
  const { page } = await open('', { width: 1440, height: 900 });
  await page.focus('#ribbon textarea');
  await page.$eval('#ribbon textarea', (field) => (field as HTMLTextAreaElement).select());
  await page.keyboard.sendCharacter(text);
  await waitFor(page, (wanted) => new URLSearchParams(location.search).get('text') === wanted, text);
  await waitIdle(page);
  const ids = tokenizer.encode(text);
  const pieces = await evalAll(page, '#ribbon .pieces span', (spans) => spans.map((span) => span.textContent));
  expect(pieces).toHaveLength(ids.length);
  expect(pieces.join('')).toBe(text);
  await evalAll(page, '#ribbon .choice button', (buttons) => (buttons[3] as HTMLElement).click());
  await waitIdle(page);
  await evalAll(page, '#ribbon .choice button', (buttons) => (buttons[4] as HTMLElement).click());
  await waitIdle(page);
  const query = await linkOf(page);
  expect(query).toContain('textLayer=4');
  await expectCoreNumbers(page, query, vectorsOfText(text, 4));
  // The last piece is selected, so that the words after it are those that follow the text.
  const logits = nextLogits(guide, ids, guide.sizes.rounds);
  const [likeliest] = candidates(logits, { ...greedy, temperature: 0.8 });
  expect((await nextOf(page))[0][1]).toBeCloseTo(likeliest.probability, 3);
});

test('“Continue” writes the greedy tokens of the plain engine, and stops when asked', async ({ open }) => {
  const start = 'Visitor: I need a train';
  const query = toQuery(defaults({ input: 'text', text: start, temperature: 0, rounds: 2 }));
  const { page } = await open(query, { width: 1440, height: 900 });
  const ids = Array.from(tokenizer.encode(start));
  for (let k = 0; k < 3; k++) {
    await evalAll(
      page,
      '#ribbon .acts button',
      (buttons, name) => buttons.find((one) => one.textContent === name)?.click(),
      words.buttons.step,
    );
    const [{ id }] = candidates(nextLogits(guide, ids, 2), greedy);
    ids.push(id);
    await waitFor(
      page,
      (text) => (document.querySelector('#ribbon textarea') as HTMLTextAreaElement).value === text,
      tokenizer.decode(ids),
    );
    await waitIdle(page);
  }
  expect(await piecesOf(page, 'new')).toHaveLength(3);
});
