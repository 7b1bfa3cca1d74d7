import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { expect, inject } from 'vitest';
import { page as words } from '../../src/language/page';
import { until, waitIdle } from './browser';
import { test } from './fixture';
import { messageOf } from './reformer';

const link = '?n=32&chunk=4&rounds=2&d=8';

/** Drops data of these types, and files with these names and contents, on an element of the page. Returns whether the page took the drop. */
const drop = (
  page: Page,
  data: Record<string, string>,
  files: Record<string, string> = {},
  selector = '#view canvas',
) =>
  page.evaluate(
    (texts, contents, target) => {
      const dataTransfer = new DataTransfer();
      for (const [type, text] of Object.entries(texts)) dataTransfer.setData(type, text);
      for (const [name, content] of Object.entries(contents)) dataTransfer.items.add(new File([content], name));
      const event = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
      document.querySelector(target)?.dispatchEvent(event);
      return event.defaultPrevented;
    },
    data,
    files,
    selector,
  );

const vectors = Array.from({ length: 8 }, (_, k) => `${k / 8 + 0.5},${Math.sin(k)},-0.25`).join('\n');

test.for<[string, Record<string, string>, Record<string, string>, string]>([
  ['a text', { 'text/plain': '1,2,3' }, {}, words.dropErrors.text],
  [
    'a link',
    { 'text/uri-list': 'https://example.org/', 'text/plain': 'https://example.org/' },
    {},
    words.dropErrors.link,
  ],
  ['nothing', {}, {}, words.dropErrors.nothing],
  ['two files', {}, { 'a.csv': vectors, 'b.csv': vectors }, words.dropErrors.severalFiles(2)],
  ['an empty file', {}, { 'none.csv': '' }, words.fileErrors.empty('"none.csv"')],
])('a drop of %s gives one sentence', async ([, data, files, sentence], { open }) => {
  const { page } = await open(link);
  expect(await drop(page, data, files)).toBe(true);
  await until('a sentence is shown', () => messageOf(page));
  expect(await messageOf(page)).toBe(sentence);
  await waitIdle(page);
  // One file still opens.
  await drop(page, {}, { 'a.csv': vectors });
  await until(
    'the file is open',
    async () =>
      (await page.$eval(
        '#panel [data-key="input"] select',
        (list) => (list as HTMLSelectElement).selectedOptions[0].text,
      )) === 'my own file',
  );
  await waitIdle(page);
});

test('vectors that are dropped on reversible layers give one sentence, which names where they open', async ({
  open,
}) => {
  const { page } = await open('?scene=tower&taskLength=16&layers=2');
  for (const name of ['a.npy', 'a.csv']) {
    await drop(page, {}, { [name]: vectors });
    await until(
      'a sentence is shown',
      async () => (await messageOf(page)) === words.fileErrors.onlyWeights(`"${name}"`),
    );
  }
});

test('a text that is dropped on a text field is left to the field', async ({ open }) => {
  const { page } = await open(link);
  expect(await drop(page, { 'text/plain': '4' }, {}, '#panel [data-key="seed"] input')).toBe(false);
  expect(await messageOf(page)).toBe('');
});

// Only Chromium lets a test drop a real folder.
test.runIf(inject('browser') === 'chromium')('a folder that is dropped gives one sentence', async ({ open }) => {
  const { page } = await open(link);
  const folder = await mkdtemp(join(tmpdir(), 'page-drop-'));
  await mkdir(join(folder, 'vectors'));
  await writeFile(join(folder, 'vectors', 'a.csv'), vectors);
  const session = await page.createCDPSession();
  const data = { items: [], files: [join(folder, 'vectors')], dragOperationsMask: 1 };
  // Chromium drops only what the page has agreed to take, which it does some time after the drag has come.
  await until('a sentence is shown', async () => {
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: 640, y: 300, data });
    }
    return messageOf(page);
  });
  expect(await messageOf(page)).toBe(words.dropErrors.folder('"vectors"'));
  await rm(folder, { recursive: true });
});
