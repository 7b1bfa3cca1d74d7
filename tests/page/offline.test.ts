import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { stepTexts } from '../../src/lecture/texts';
import { evalOne, until, waitFor, waitIdle } from './browser';
import { test } from './fixture';
import { expectCoreNumbers } from './numbers';
import { shownNumbers } from './reformer';
import { serve } from './serve';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-offline-'));
  await cp(inject('build'), folder, { recursive: true });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('after the first visit the page opens other settings, views and the lecture without its server', async ({
  open,
}) => {
  const server = await serve(folder);
  const { page } = await open(`${server.address}?rounds=1`);
  await page.evaluate(() => caches.open('of another page of this server'));
  await waitFor(page, async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated');
  expect(await page.evaluate(() => caches.keys())).toContain('of another page of this server');
  server.close();
  await expect(fetch(server.address)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await page.goto(`${server.address}?rounds=2`);
  await waitIdle(page);
  await expectCoreNumbers(page, '?rounds=2');
  await page.goto(`${server.address}?scene=tower&taskLength=16&layers=2`);
  await waitIdle(page);
  // Without the shipped weights, the model would guess among 31 symbols.
  const accuracies = await until(
    'an accuracy is shown',
    async () => [...(await shownNumbers(page, 'accuracy')).values()][0],
  );
  expect(accuracies).toBeGreaterThan(0.5);
  await page.goto(`${server.address}?step=01.1`);
  await waitIdle(page);
  expect(await evalOne(page, '#step', (step) => step.textContent)).toContain(stepTexts['01.1'].title);
});
