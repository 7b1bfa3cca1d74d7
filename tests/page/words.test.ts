import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { logSumExp } from '../../src/algorithm/score';
import { words } from '../../src/language/words';
import { firstText } from '../../src/shared/first-text';
import { defaults, toQuery } from '../../src/state/state';
import { candidates, greedy, sample } from '../../src/text/sampling';
import { findLookups } from '../../src/training/lookups';
import { nextLogits, readText } from '../../src/training/text-reading';
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
  // As a person who pastes it: no driver of a browser types an emoji.
  await page.$eval(
    '#ribbon textarea',
    (field, pasted) => {
      field.focus();
      (field as HTMLTextAreaElement).value = pasted;
      field.dispatchEvent(new Event('input'));
    },
    text,
  );
  await waitFor(page, (wanted) => new URLSearchParams(location.search).get('text') === wanted, text);
  await waitIdle(page);
  const ids = tokenizer.encode(text);
  const pieces = await evalAll(page, '#ribbon .pieces span', (spans) => spans.map((span) => span.textContent));
  expect(pieces).toHaveLength(ids.length);
  expect(pieces.join('')).toBe(text);
  await evalAll(page, '#ribbon .choice button', (buttons) => (buttons[1] as HTMLElement).click());
  await waitIdle(page);
  await evalAll(page, '#ribbon .choice button', (buttons) => (buttons[5] as HTMLElement).click());
  await waitIdle(page);
  const query = await linkOf(page);
  expect(query).toContain('textLayer=2&head=2');
  await expectCoreNumbers(page, query, vectorsOfText(text, 2));
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

/** Presses a button of the ribbon. */
const press = (page: Page, name: string): Promise<void> =>
  evalAll(page, '#ribbon button', (buttons, text) => buttons.find((one) => one.textContent === text)?.click(), name);

/** Waits until the model has stopped writing and all is shown. */
async function written(page: Page): Promise<void> {
  await waitFor(
    page,
    (name) => [...document.querySelectorAll('#ribbon .acts button')].some((one) => one.textContent === name),
    words.buttons.continue,
  );
  await waitIdle(page);
}

test('the guide answers a line with the greedy reply of the plain engine, and a press on a looked-up word shows the pair', async ({
  open,
}) => {
  const { page } = await open('?input=text&temperature=0&rounds=2', { width: 1440, height: 900 });
  const line = 'I need a train to Brulford on Friday at 18:45, please.';
  await page.type('#ribbon form input', line);
  await page.keyboard.press('Enter');
  await waitFor(page, () =>
    (document.querySelector('#ribbon textarea') as HTMLTextAreaElement).value.includes('Guide: '),
  );
  await written(page);
  const prompt = `Visitor: ${line}\nGuide:`;
  const ids = Array.from(tokenizer.encode(prompt));
  for (let k = 0; k < 160 && !tokenizer.decode(ids.slice(-1)).endsWith('\n'); k++) {
    ids.push(candidates(nextLogits(guide, ids, 2), greedy)[0].id);
  }
  expect(await typed(page)).toBe(tokenizer.decode(ids));
  const vectors = readText(guide, ids);
  const pieces = ids.map((id) => tokenizer.decode([id]));
  const expected = findLookups(guide, vectors, pieces, tokenizer.encode(prompt).length, 2);
  expect(expected.length).toBeGreaterThan(0);
  await waitFor(page, () => !(document.querySelector('#ribbon .lookups') as HTMLElement).hidden);
  const shown = await evalAll(page, '#ribbon .lookups button', (buttons) => buttons.map((one) => one.textContent));
  expect(shown.map((text) => text?.split(' ← ')[0])).toEqual(expected.map(({ word }) => word));
  await evalAll(page, '#ribbon .lookups button', (buttons) => (buttons[0] as HTMLElement).click());
  await waitIdle(page);
  const [{ query, layer, head }] = expected;
  const parameters = new URLSearchParams(await linkOf(page));
  expect(Number(parameters.get('textLayer') ?? firstText.layer)).toBe(layer);
  expect(Number(parameters.get('head') ?? firstText.head)).toBe(head);
  expect(Number(parameters.get('token') ?? firstText.token)).toBe(query);
});

test('“Stop” ends the writing, the text up to there stays, and the rest comes out as without a break', async ({
  open,
}) => {
  const query = '?input=text&rounds=2&drawSeed=3';
  const { page } = await open(query, { width: 1000, height: 800 });
  await press(page, words.buttons.continue);
  await waitFor(
    page,
    (start) => (document.querySelector('#ribbon textarea') as HTMLTextAreaElement).value.length > start + 8,
    firstText.text.length,
  );
  await press(page, words.buttons.stop);
  await written(page);
  const part = await typed(page);
  expect(part.startsWith(firstText.text)).toBe(true);
  const ids = Array.from(tokenizer.encode(firstText.text));
  const sampling = { temperature: 0.8, topK: 0, topP: 1, seed: 3 };
  while (tokenizer.decode(ids).length < part.length + 4)
    ids.push(sample(nextLogits(guide, ids, 2), sampling, ids.length));
  for (;;) {
    const text = await typed(page);
    if (text.length >= part.length + 4) break;
    await press(page, words.buttons.step);
    await waitFor(
      page,
      (before) => (document.querySelector('#ribbon textarea') as HTMLTextAreaElement).value !== before,
      text,
    );
    await written(page);
  }
  expect((await typed(page)).slice(0, part.length + 4)).toBe(tokenizer.decode(ids).slice(0, part.length + 4));
});

test('surprise and the versions side by side are shown on demand', async ({ open }) => {
  const { page } = await open('', { width: 1440, height: 900 });
  await press(page, words.buttons.surprise);
  await waitIdle(page);
  const ids = tokenizer.encode(firstText.text);
  const { logits } = readText(guide, ids);
  const { vocabulary } = guide.sizes;
  const shown = await evalAll(page, '#ribbon .pieces span', (spans) =>
    spans.map((span) => Number((span as HTMLElement).style.getPropertyValue('--surprise'))),
  );
  for (let token = 1; token < ids.length; token++) {
    const row = logits.subarray((token - 1) * vocabulary, token * vocabulary);
    expect(shown[token], `token ${token}`).toBeCloseTo(Math.min(1, (logSumExp(row) - row[ids[token]]) / 6), 2);
  }
  await press(page, words.buttons.compare);
  await waitFor(page, () => document.querySelectorAll('#ribbon .versions dd:last-child span').length === 24);
  await written(page);
  const versions = await evalAll(page, '#ribbon .versions dd', (all) => all.map((one) => one.textContent));
  expect(versions).toHaveLength(3);
  expect(await typed(page)).toBe(firstText.text);
});
