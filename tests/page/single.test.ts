import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { linkOf, until, waitIdle } from './browser';
import { test } from './fixture';
import { expectCoreNumbers } from './numbers';
import { messageOf, setControl, shownNumbers, stageColours } from './reformer';

const mostBytes = 4_000_000;

/** The address of the page as one file. */
const addressOf = (folder: string): string => pathToFileURL(join(folder, 'index.html')).href;

test('the single-file build is one HTML file of less than 4 MB', async ({ singleFolder }) => {
  expect(await readdir(singleFolder)).toEqual(['index.html']);
  const { size } = await stat(join(singleFolder, 'index.html'));
  console.log(`single file: ${(size / 1e6).toFixed(2)} MB`);
  expect(size).toBeLessThan(mostBytes);
});

test('the single file, opened from disk, requests nothing and shows the plain engine’s numbers for a link and after a change', async ({
  open,
  singleFolder,
}) => {
  const file = addressOf(singleFolder);
  const { page } = await open(`${file}?rounds=1`, { width: 1440, height: 900, rests: false });
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  await waitIdle(page);
  expect(await messageOf(page)).toBe('');
  await expectCoreNumbers(page, '?rounds=1');
  expect((await stageColours(page, 'single')).distinct).toBeGreaterThan(200);
  await setControl(page, 'rounds', '3');
  await waitIdle(page);
  expect(await linkOf(page)).toBe('?rounds=3');
  await page.reload();
  await waitIdle(page);
  await expectCoreNumbers(page, '?rounds=3');
  expect(requested.filter((address) => !/^(data|blob):/.test(address) && !address.startsWith(file))).toEqual([]);
});

test('the single file contains weights, workers and the lecture', async ({ open, singleFolder }) => {
  const file = addressOf(singleFolder);
  const { page } = await open(`${file}?scene=tower&taskLength=16&layers=2`);
  // Without the shipped weights, the model would guess among 31 symbols.
  const accuracy = await until(
    'an accuracy is shown',
    async () => [...(await shownNumbers(page, 'accuracy')).values()][0],
  );
  expect(accuracy).toBeGreaterThan(0.5);
  await page.goto(`${file}?n=40000&d=4&rounds=1&chunk=64`);
  await waitIdle(page);
  expect(await messageOf(page)).toBe('');
  expect((await shownNumbers(page, 'keys-seen')).size).toBe(1);
  await page.goto(`${file}?step=01.1`);
  await waitIdle(page);
});

test('the single file without WebGPU computes on the CPU in a worker', async ({ open, singleFolder }) => {
  const file = addressOf(singleFolder);
  const { page } = await open(`${file}?rounds=2`, { browser: { webgpu: false } });
  await expectCoreNumbers(page, '?rounds=2');
});
