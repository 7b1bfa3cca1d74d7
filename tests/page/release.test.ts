import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { serviceWorkerText } from '../../scripts/page-plugins';
import { until, waitFor, waitIdle } from './browser';
import { test } from './fixture';
import { serveHost } from './host';
import { expectCoreNumbers } from './numbers';
import { messageOf, press } from './reformer';

let root: string;
const releases: string[] = [];

/** Makes a release from the build: all files in assets/ get other names, and the page another title. */
async function makeRelease(number: number): Promise<string> {
  const folder = join(root, `release-${number}`);
  await cp(inject('build'), folder, { recursive: true });
  const names = await readdir(join(folder, 'assets'));
  const renamed = new Map(names.map((name) => [name, name.replace(/(\.\w+)$/, `-r${number}$1`)]));
  for (const name of names)
    await rename(join(folder, 'assets', name), join(folder, 'assets', renamed.get(name) as string));
  const rewrite = async (file: string) => {
    let text = await readFile(file, 'utf8');
    for (const [name, next] of renamed) text = text.replaceAll(name, next);
    await writeFile(file, text.replace('<title>Reformer Lab<', `<title>Release ${number}<`));
    return text;
  };
  for (const name of renamed.values()) if (/\.(js|css)$/.test(name)) await rewrite(join(folder, 'assets', name));
  await rewrite(join(folder, 'index.html'));
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  const files = ['index.html', ...[...renamed.values()].map((name) => `assets/${name}`)];
  await writeFile(join(folder, 'service-worker.js'), serviceWorkerText(files, page));
  return folder;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'page-release-'));
  for (const number of [1, 2, 3]) releases[number] = await makeRelease(number);
});
afterAll(() => rm(root, { recursive: true }));

/** The numbers of the releases from which the page has loaded files. */
const loadedReleases = (page: Page) =>
  page.evaluate(() => {
    const names = performance.getEntriesByType('resource').map(({ name }) => name);
    return [
      ...new Set(names.filter((name) => name.includes('/assets/')).map((name) => name.match(/-r(\d)[.]\w+$/)?.[1])),
    ];
  });

/** Waits until the worker of a release works, and has its files and, from the second on, those of the release before. */
const waitForWorker = (page: Page, release: number) =>
  waitFor(
    page,
    async (release) => {
      const registration = await navigator.serviceWorker.getRegistration();
      const isSettled =
        registration?.active?.state === 'activated' && !registration.installing && !registration.waiting;
      const names = await caches.keys();
      const files = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      const has = (wanted: number) => files.some((list) => list.some(({ url }) => url.includes(`-r${wanted}.`)));
      return isSettled && has(release) && names.length === Math.min(2, release);
    },
    release,
  );

test('a new release is shown at the next load, never mixed with the old one, and opens without its server', async ({
  open,
}) => {
  let release = 1;
  const server = await serveHost(() => releases[release]);
  const { page: old } = await open(server.address);
  await waitForWorker(old, 1);
  await old.reload();
  await waitIdle(old);
  expect(await loadedReleases(old)).toEqual(['1']);

  release = 2;
  // The server has only the new files. A page that is open goes on with the old ones.
  await old.click('header nav [data-view="layers"]');
  await waitFor(old, () => document.documentElement.dataset.view === 'layers');
  await waitIdle(old);
  expect(await messageOf(old)).toBe('');
  const { page } = await open(`${server.address}?rounds=2`);
  expect(await page.title()).toBe('Release 2');
  expect(await loadedReleases(page)).toEqual(['2']);
  await expectCoreNumbers(page, '?rounds=2');
  await waitForWorker(page, 2);
  await press(old, 'export');
  await old.waitForSelector('#export[open]');
  expect(await messageOf(old)).toBe('');
  expect(await loadedReleases(old)).toEqual(['1']);

  // One reload of the page that was open takes the release too.
  await old.reload();
  await waitIdle(old);
  expect([await old.title(), await loadedReleases(old)]).toEqual(['Release 2', ['2']]);

  release = 3;
  await page.reload();
  await waitIdle(page);
  expect([await page.title(), await loadedReleases(page)]).toEqual(['Release 3', ['3']]);
  // The cache before the last goes.
  await waitForWorker(page, 3);

  server.close();
  await page.goto(`${server.address}?rounds=3`);
  await waitIdle(page);
  expect([await page.title(), await loadedReleases(page)]).toEqual(['Release 3', ['3']]);
  await expectCoreNumbers(page, '?rounds=3');
});

test('a server in the middle of a change gives no mixture of two releases', async ({ open }) => {
  // The new worker is there, the new page is not.
  const mixed = join(root, 'mixed');
  await cp(releases[1], mixed, { recursive: true });
  let folder = releases[1];
  const server = await serveHost(() => folder);
  const { page } = await open(server.address);
  await waitForWorker(page, 1);
  await cp(join(releases[2], 'service-worker.js'), join(mixed, 'service-worker.js'));
  folder = mixed;
  server.requests.length = 0;
  await page.reload();
  await waitIdle(page);
  await until('the new worker was fetched', async () => server.requests.includes('/service-worker.js'));
  await waitFor(page, async () => !(await navigator.serviceWorker.getRegistration())?.installing);
  expect([await page.title(), await loadedReleases(page)]).toEqual(['Release 1', ['1']]);
  server.close();
  await page.reload();
  await waitIdle(page);
  expect([await page.title(), await loadedReleases(page)]).toEqual(['Release 1', ['1']]);
});

test('an answer that is no page, or that does not come, leaves the page of the cache', async ({ open }) => {
  let folder = releases[1];
  const server = await serveHost(() => folder);
  const { page } = await open(server.address, { allows: () => true });
  await waitForWorker(page, 1);
  folder = join(root, 'nowhere');
  await page.reload();
  await waitIdle(page);
  expect(await page.title()).toBe('Release 1');
  server.close();
});
