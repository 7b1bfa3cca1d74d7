import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { writeSafetensors } from '../../src/formats/safetensors';
import { root } from '../lab/lab';
import { evalOne, waitFor, waitIdle } from './browser';
import { test } from './fixture';
import { messageOf } from './reformer';

const noteOf = (page: Page) => evalOne(page, '#panel .file-note p', (line) => line.textContent);
const shown = async (page: Page, words: string) => {
  await waitFor(
    page,
    (part) => document.querySelector('#panel .file-note p')?.textContent?.includes(part as string),
    words,
  );
  await waitIdle(page);
};

/** Vectors [heads, n, d] as .safetensors. */
function vectors(heads: number, n: number, d: number): Uint8Array {
  const data = Float32Array.from({ length: heads * n * d }, (_, i) => Math.sin(i * i));
  return writeSafetensors(new Map([['qk', { shape: [heads, n, d], data }]]));
}

test('a line tells what was read of a file and what was left out, and words name the tokens', async ({
  open,
  give,
}) => {
  const { page } = await open('?n=32&chunk=4&d=8&token=2');
  await give(page, 'words.vec', await readFile(join(root, 'tests/fixtures/vectors/30-fasttext.vec')));
  await shown(page, 'words.vec');
  expect(await noteOf(page)).toBe(
    '"words.vec": 200 tokens, 50 numbers each. Left out: line 1, which counts 200 rows of 50 numbers.',
  );
  expect(await evalOne(page, 'body', (body) => (body as HTMLElement).innerText)).toContain('“wcku”');
  // The line is about the vectors that are shown.
  await page.select('#panel [data-key="input"] select', 'twins');
  await waitIdle(page);
  expect(await page.$('#panel .file-note')).toBe(null);
});

test('wide vectors are projected as chosen, and heads are chosen', async ({ open, give }) => {
  const { page } = await open('?n=32&chunk=4&d=8&token=2');
  await give(page, 'wide.safetensors', vectors(10, 40, 200));
  await shown(page, 'random');
  expect(await noteOf(page)).toBe(
    '"wide.safetensors": 10 heads, 40 tokens, 200 numbers each. Heads 0 to 7 of 0 to 9, 200 numbers reduced to 128 by a random projection, seed 0.',
  );
  await page.select('#panel .file-note select', 'principal');
  await shown(page, 'the first 39 principal components');
  const type = (text: string) =>
    evalOne(
      page,
      '#panel .file-note input',
      (input, value) => {
        (input as HTMLInputElement).value = value;
        input.dispatchEvent(new Event('change'));
      },
      text,
    );
  await type('9, 0-2');
  await shown(page, 'Heads 9, 0, 1, 2 of 0 to 9');
  expect(await noteOf(page)).toContain('principal');
  await type('12');
  await waitIdle(page);
  await waitFor(page, () => document.querySelector('#message span')?.textContent);
  expect(await messageOf(page)).toBe('There is no head 12; the file has the heads 0 to 9.');
});
