import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { closePages, openBrowser, openPage, shot, viewOf, waitFor, waitIdle } from './browser';
import { expectCoreNumbers } from './numbers';
import { colours, messageOf, setControl, shownNumbers } from './reformer';

const mostBytes = 4_000_000;

let folder: string;
let browser: Browser;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-single-'));
  const { NODE_ENV, VITEST, ...env } = process.env;
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const options = ['build', '--mode', 'single', '--outDir', folder, '--emptyOutDir', '--logLevel', 'error'];
  await promisify(execFile)(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), ...options], {
    cwd: root,
    env,
  });
  file = pathToFileURL(join(folder, 'index.html')).href;
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});
afterEach(() => closePages(browser));

test('the single-file build is one HTML file of less than 4 MB', async () => {
  expect(await readdir(folder)).toEqual(['index.html']);
  const { size } = await stat(join(folder, 'index.html'));
  console.log(`single file: ${(size / 1e6).toFixed(2)} MB`);
  expect(size).toBeLessThan(mostBytes);
});

test('the single file, opened from disk, requests nothing and shows the plain engine’s numbers for a link and after a change', async () => {
  const { page, errors, requests } = await openPage(browser, `${file}?rounds=1`, { width: 1440, height: 900 });
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  await waitIdle(page);
  expect(await messageOf(page)).toBe('');
  await expectCoreNumbers(page, '?rounds=1');
  expect((await colours(page, await shot(page, 'single'), await viewOf(page))).distinct).toBeGreaterThan(200);
  await setControl(page, 'rounds', '3');
  await waitIdle(page);
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(new URL(page.url()).search).toBe('?rounds=3');
  await page.reload();
  await waitIdle(page);
  await expectCoreNumbers(page, '?rounds=3');
  expect(errors).toEqual([]);
  expect(requests).toEqual([]);
  expect(requested.filter((address) => !/^(data|blob):/.test(address) && !address.startsWith(file))).toEqual([]);
  await page.close();
});

test('the single file contains weights, workers and the lecture', async () => {
  const { page, errors } = await openPage(browser, `${file}?scene=tower&taskLength=16&layers=2`);
  await waitIdle(page);
  await waitFor(page, () => document.querySelector('[data-kind="accuracy"]') !== null);
  expect((await shownNumbers(page, 'accuracy')).size).toBeGreaterThan(0);
  await page.goto(`${file}?n=40000&d=4&rounds=1&chunk=64`);
  await waitIdle(page);
  expect(await messageOf(page)).toBe('');
  expect((await shownNumbers(page, 'keys-seen')).size).toBe(1);
  await page.goto(`${file}?step=01.1`);
  await waitIdle(page);
  expect(errors).toEqual([]);
  await page.close();
});

test('the single file without WebGPU computes on the CPU in a worker', async () => {
  // A Firefox without WebGPU sometimes hangs at a page from disk while another Firefox is open.
  await browser.close();
  browser = await openBrowser({ webgpu: false });
  const { page, errors } = await openPage(browser, `${file}?rounds=2`);
  await waitIdle(page);
  await expectCoreNumbers(page, '?rounds=2');
  expect(errors).toEqual([]);
});
