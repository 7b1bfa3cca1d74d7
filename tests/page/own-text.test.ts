import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElementHandle, Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { ownText as words } from '../../src/language/own-text';
import { words as ribbonWords } from '../../src/language/words';
import { readTextModel, textSizes } from '../../src/training/text-model';
import { evalAll, evalOne, linkOf, until, waitFor, waitIdle } from './browser';
import { test } from './fixture';
import { offeredFile } from './offered-files';

const text = 'The sea is wide, the sea is deep, and the sea is cold. '.repeat(40);

const press = (page: Page, name: string): Promise<void> =>
  evalAll(page, 'button', (buttons, label) => buttons.find((one) => one.textContent === label)?.click(), name);

async function openDialog(page: Page, pasted: string): Promise<void> {
  await press(page, ribbonWords.buttons.ownText);
  await page.waitForSelector('#own-text[open] textarea');
  await paste(page, pasted);
}

async function paste(page: Page, pasted: string): Promise<void> {
  await page.$eval(
    '#own-text textarea',
    (field, value) => {
      (field as HTMLTextAreaElement).value = value;
      field.dispatchEvent(new Event('input'));
    },
    pasted,
  );
}

const stateOf = (page: Page): Promise<string | null> => evalOne(page, '#own-text .state', (line) => line.textContent);

/** Trains until the page shows this step or a later one, and pauses. Resolves to the loss of the last step in nats a byte. */
async function trainTo(page: Page, step: number): Promise<number> {
  await waitFor(
    page,
    (least) => {
      const line = document.querySelector('#own-text .state')?.textContent ?? '';
      return Number(/^Step (\d+)/.exec(line)?.[1]) >= least;
    },
    step,
  );
  await press(page, words.buttons.pause);
  await waitFor(
    page,
    (label) => [...document.querySelectorAll('#own-text button')].some((one) => one.textContent === label),
    words.buttons.resume,
  );
  return evalOne(page, '#own-text [data-kind="text-loss"][data-index="model"]', (element) =>
    Number((element as HTMLElement).dataset.value),
  );
}

test('a model learns a pasted text, is saved, goes on in another page, and is used by the page', async ({ open }) => {
  const { page } = await open('', { width: 1440, height: 900 });
  await openDialog(page, text);
  await press(page, words.buttons.train);
  const loss = await trainTo(page, 1);
  expect(loss).toBeGreaterThan(1);
  expect(loss).toBeLessThan(8);
  const { name, bytes } = await offeredFile(page, () => press(page, words.buttons.save));
  expect(name).toBe(words.file);
  const { training, moments, sizes } = readTextModel(bytes);
  expect(training.step).toBeGreaterThan(0);
  expect(sizes).toEqual(textSizes.XS);
  expect(moments?.size).toBeGreaterThan(10);
  await press(page, words.buttons.use);
  await waitFor(page, () => !document.querySelector('#own-text[open]'));
  await waitFor(page, () => location.search.includes('text='));
  await waitIdle(page);
  expect(new URLSearchParams(await linkOf(page)).get('text')).toBe(text.slice(0, 300));
  expect(await evalAll(page, '#ribbon .choice button', (buttons) => buttons.length)).toBe(2 + textSizes.XS.heads);

  const { page: other } = await open('', { width: 1440, height: 900 });
  const openModel = async (pasted: string) => {
    if (!(await other.$('#own-text[open]'))) await openDialog(other, pasted);
    else await paste(other, pasted);
    const inputs = await other.$$('#own-text input[accept=".safetensors"]');
    const path = join(await mkdtemp(join(tmpdir(), 'own-text-')), name);
    await writeFile(path, bytes);
    await (inputs[0] as ElementHandle<HTMLInputElement>).uploadFile(path);
  };
  await openModel(text.replace('deep', 'blue'));
  await until('the page refuses another text', async () =>
    (await stateOf(other))?.includes('paste that text to go on'),
  );
  await openModel(text);
  await until('the page opens the model', async () => (await stateOf(other)) === words.opened(String(training.step)));
  await press(other, words.buttons.resume);
  expect(await trainTo(other, training.step + 1)).toBeLessThan(8);
});

test.for([
  ['', 'The text is empty; it needs letters.'],
  ['ab', 'The text is too short; both its first nine tenths and its last need at least 2 tokens.'],
])('the text %j is refused in one sentence', async ([pasted, sentence], { open }) => {
  const { page } = await open('', { width: 1000, height: 800 });
  await openDialog(page, pasted);
  await press(page, words.buttons.train);
  await waitFor(page, (expected) => document.querySelector('#own-text .state')?.textContent === expected, sentence);
});
