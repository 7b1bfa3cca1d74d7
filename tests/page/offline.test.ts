import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { evalOne, openBrowser, openPage, waitFor, waitIdle } from './browser';
import { expectCoreNumbers } from './numbers';
import { shownNumbers } from './reformer';
import { serve } from './serve';

let folder: string;
let browser: Browser;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-offline-'));
  await cp(inject('build'), folder, { recursive: true });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

test('after the first visit the page opens other settings, views and the lecture without its server', async () => {
  const server = await serve(folder);
  const { page, errors } = await openPage(browser, `${server.address}?rounds=1`);
  await waitIdle(page);
  await page.evaluate(() => caches.open('of another page of this server'));
  await waitFor(page, async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated');
  expect(await page.evaluate(() => caches.keys())).toContain('of another page of this server');
  server.close();
  await expect(fetch(server.address)).rejects.toThrow();
  await page.goto(`${server.address}?rounds=2`);
  await waitIdle(page);
  await expectCoreNumbers(page, '?rounds=2');
  await page.goto(`${server.address}?scene=tower&taskLength=16&layers=2`);
  await waitIdle(page);
  await waitFor(page, () => document.querySelector('[data-kind="accuracy"]') !== null);
  expect((await shownNumbers(page, 'accuracy')).size).toBeGreaterThan(0);
  await page.goto(`${server.address}?step=01.1`);
  await waitIdle(page);
  expect(await evalOne(page, '#step', (step) => step.textContent?.length)).toBeGreaterThan(100);
  expect(errors).toEqual([]);
});
