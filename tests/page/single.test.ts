import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { linkOf, until, waitIdle } from './browser';
import { test } from './fixture';
import { expectCoreNumbers } from './numbers';
import { messageOf, setControl, shownNumbers, stageColours } from './reformer';

const mostBytes = 4_000_000;

let folder: string;
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
});
afterAll(() => rm(folder, { recursive: true }));

test('the single-file build is one HTML file of less than 4 MB', async () => {
  expect(await readdir(folder)).toEqual(['index.html']);
  const { size } = await stat(join(folder, 'index.html'));
  console.log(`single file: ${(size / 1e6).toFixed(2)} MB`);
  expect(size).toBeLessThan(mostBytes);
});

test('the single file, opened from disk, requests nothing and shows the plain engine’s numbers for a link and after a change', async ({
  open,
}) => {
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

test('the single file contains weights, workers and the lecture', async ({ open }) => {
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

test('the single file without WebGPU computes on the CPU in a worker', async ({ open }) => {
  const { page } = await open(`${file}?rounds=2`, { browser: { webgpu: false } });
  await expectCoreNumbers(page, '?rounds=2');
});
