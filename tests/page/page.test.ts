import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, ElementHandle, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { breakEven } from '../../src/algorithm/break-even';
import { writeSafetensors } from '../../src/formats/safetensors';
import { panel } from '../../src/language/panel';
import { closePages, evalOne, openBrowser, openPage, shot, viewOf, waitFor, waitIdle } from './browser';
import { expectCoreNumbers } from './numbers';
import {
  colours,
  countGpuWork,
  type GpuCounts,
  gpuCounts,
  messageOf,
  press,
  quiet,
  setControl,
  shownNumbers,
} from './reformer';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
afterEach(() => closePages(browser));

/** The query of the address, once it has been written. */
async function linkOf(page: Page): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 250));
  return new URL(page.url()).search;
}

test('the first load has no error and no request to other hosts, draws a picture, and shows the numbers of the plain engine', async () => {
  const { page, errors, requests } = await openPage(browser, '', { width: 1440, height: 900, fine: true });
  await waitIdle(page);
  expect(await messageOf(page)).toBe('');
  await expectCoreNumbers(page, '');
  const drawn = await colours(page, await shot(page, 'first'), await viewOf(page));
  expect(drawn.distinct).toBeGreaterThan(200);
  expect(drawn.commonest).toBeLessThan(0.95);
  const times = await shownNumbers(page, 'step-milliseconds');
  expect([...times.keys()]).toEqual(['hash', 'sort', 'attend + combine', 'full attention']);
  expect(errors).toEqual([]);
  expect(requests).toEqual([]);
});

test('the error falls when the panel raises the rounds from 1 to 8, and the link restores the numbers', async () => {
  const { page, errors } = await openPage(browser, '?rounds=1', { width: 1440, height: 900 });
  await waitIdle(page);
  const before = (await shownNumbers(page, 'curve-error')).get('1') ?? Number.NaN;
  await setControl(page, 'rounds', '8');
  await waitIdle(page);
  const after = await shownNumbers(page, 'curve-error');
  expect(after.size).toBe(8);
  expect(after.get('8')).toBeLessThan(0.75 * before);
  const query = await linkOf(page);
  expect(query).toBe('?rounds=8');
  await page.reload();
  await waitIdle(page);
  expect(await shownNumbers(page, 'curve-error')).toEqual(after);
  await expectCoreNumbers(page, query);
  expect(errors).toEqual([]);
});

test.each([
  '?preset=trax&n=100&d=7&chunk=12&rounds=3&token=99&round=2',
  '?preset=lucidrains&n=65&heads=2&head=2&causal=0&lookAhead=1&token=0&rounds=2&buckets=4,6',
  '?input=sphere&n=90&chunk=5&lookBack=2&rounds=5&matrixOrder=sorted&matrixRounds=one&round=5&scene=matrix',
  '?input=duplication&symbols=8&n=33&seed=9&noise=0&wrap=1&duplicates=counted&bucketMask=0&scene=loom&theme=dark',
])('the page shows the numbers of the plain engine at %s', async (query) => {
  const { page, errors } = await openPage(browser, query, { width: 1440, height: 900 });
  await waitIdle(page);
  await expectCoreNumbers(page, query);
  expect(errors).toEqual([]);
});

test('the page shows the numbers of the last change when changes come faster than results', async () => {
  const { page, errors } = await openPage(browser, '?n=256&chunk=32&rounds=2', { width: 1000, height: 700 });
  await waitIdle(page);
  for (const pause of [0, 40, 150, 400]) {
    for (const rounds of ['6', '3', '2', '5', '2']) {
      await setControl(page, 'rounds', rounds);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    await waitIdle(page);
    await expectCoreNumbers(page, '?n=256&chunk=32&rounds=2');
  }
  expect(errors).toEqual([]);
});

test('a click, the arrow keys and the read-out select a token', async () => {
  const { page, errors } = await openPage(browser, '?scene=matrix', { width: 1440, height: 900 });
  await waitIdle(page);
  const selected = async () => new URLSearchParams(await linkOf(page)).get('token') ?? '41';
  await page.keyboard.press('ArrowRight');
  await waitIdle(page);
  expect(await selected()).toBe('42');
  await page.keyboard.press('ArrowDown');
  await waitIdle(page);
  expect(await linkOf(page)).toContain('round=2');
  await expectCoreNumbers(page, await linkOf(page));
  // The matrix fills the middle of the view, so a click near its lower end selects a late query.
  const view = await viewOf(page);
  await page.mouse.click(view.x + view.width / 2, view.y + view.height * 0.8);
  await waitIdle(page);
  const clicked = Number(await selected());
  expect(clicked).toBeGreaterThan(44);
  await page.click('#readout button');
  await waitIdle(page);
  expect(Number(await selected())).not.toBe(clicked);
  expect(errors).toEqual([]);
});

test('with 65,536 tokens one draw call draws the loom, a moving camera computes nothing, and nothing runs at rest', async () => {
  const query = '?n=65536&d=4&chunk=64&rounds=2&scene=loom&token=40000';
  const { page, errors } = await openPage(browser, query, { width: 900, height: 600, before: countGpuWork });
  await waitIdle(page, 170_000);
  expect(await messageOf(page)).toBe('');
  const before = await quiet(page);
  const view = await viewOf(page);
  expect((await colours(page, await shot(page, 'large'), view)).distinct).toBeGreaterThan(200);
  await page.mouse.move(view.x + 300, view.y + 200);
  await page.mouse.wheel({ deltaY: 1 });
  await waitFor(
    page,
    (draws) => (globalThis as unknown as { gpuCounts: GpuCounts }).gpuCounts.draws > draws,
    60_000,
    before.draws,
  );
  const after = await quiet(page);
  expect(after.largeDraws).toBeGreaterThan(before.largeDraws);
  expect(after.mostInPass).toBe(1);
  expect(after.dispatches).toBe(before.dispatches);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await gpuCounts(page)).toEqual(after);
  // Only Firefox gets empty command lists, so that it polls for finished work sooner.
  if (inject('browser') === 'firefox') expect(after.emptyLists).toBeGreaterThan(0);
  else expect(after.emptyLists).toBe(0);
  expect(errors).toEqual([]);
});

test('a part of a long sequence is drawn token by token, and the numbers stay', async () => {
  const query = '?n=5000&d=4&chunk=50&rounds=2&token=3000';
  const { page, errors } = await openPage(browser, query, { width: 1000, height: 700 });
  await waitIdle(page);
  const words = () => evalOne(page, '#view', (view) => view.textContent ?? '');
  expect(await words()).toContain('denser threads take more');
  const numbers = async () => [
    ...(await shownNumbers(page, 'key-weight')),
    ...(await shownNumbers(page, 'curve-error')),
  ];
  const before = await numbers();
  expect(before.length).toBeGreaterThan(2);
  const far = await colours(page, await shot(page, 'far'), await viewOf(page));
  await setControl(page, 'span', '64');
  await waitIdle(page);
  expect(await linkOf(page)).toContain('span=64');
  expect(await words()).toContain('2,968 … 3,031 of 5,000 tokens');
  expect(await numbers()).toEqual(before);
  const near = await colours(page, await shot(page, 'near'), await viewOf(page));
  expect(near.distinct).not.toBe(far.distinct);
  expect(errors).toEqual([]);
});

test('the benchmark measures the device and marks the length from which LSH attention is faster than full attention', async () => {
  const { page, errors } = await openPage(browser, '?n=32&rounds=1', { width: 1000, height: 700 });
  await waitIdle(page);
  // Collects the findings that are shown before full attention has a time.
  await page.evaluate(() => {
    const early = new Set<string>();
    Object.assign(globalThis, { early });
    new MutationObserver(() => {
      const isCompared = document.querySelector('#measure [data-kind="speed"][data-index^="0 "]') !== null;
      if (!isCompared) early.add(document.querySelector('#measure .finding')?.textContent ?? '');
    }).observe(document.querySelector('#measure') as Node, { childList: true, subtree: true });
  });
  await press(page, 'measure');
  await waitFor(page, () => document.querySelectorAll('#measure [data-kind="speed"]').length >= 6);
  expect(await page.evaluate(() => [...(globalThis as unknown as { early: Set<string> }).early])).toEqual([
    'Measuring …',
  ]);
  const speed = await shownNumbers(page, 'speed');
  const series = (rounds: number) => {
    const tokens = [1024, 2048, 4096, 8192].filter((n) => speed.has(`${rounds} ${n}`));
    return { tokens, values: tokens.map((n) => speed.get(`${rounds} ${n}`) ?? Number.NaN) };
  };
  for (const value of speed.values()) expect(value).toBeGreaterThan(0);
  const expected = breakEven(series(4), series(0));
  const shown = (await shownNumbers(page, 'crossing')).get('4');
  if (expected === undefined) expect(shown).toBeUndefined();
  else expect(shown).toBeCloseTo(expected, 6);
  expect((await shownNumbers(page, 'figure5')).get('0 32768')).toBe(3.47);
  // Closing the dialog stops the benchmark, and the page works as before.
  await page.keyboard.press('Escape');
  await setControl(page, 'rounds', '2');
  await waitIdle(page);
  await expectCoreNumbers(page, '?n=32&rounds=2');
  expect(errors).toEqual([]);
});

describe('invalid input shows one sentence, and the page keeps its last valid state', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'page-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('from links, controls and files', async () => {
    const { page, errors } = await openPage(browser, '?n=1e9&rounds=2');
    await waitIdle(page);
    expect(await messageOf(page)).toContain(`${panel.controls.n.label} is "1e9"`);
    expect((await shownNumbers(page, 'curve-error')).size).toBe(2);
    await setControl(page, 'buckets', 'many');
    await waitIdle(page);
    expect(await messageOf(page)).toContain('buckets is "many"');
    expect(await linkOf(page)).toBe('?rounds=2');
    await expectCoreNumbers(page, '?rounds=2');

    const give = async (name: string, bytes: Uint8Array) => {
      await writeFile(join(folder, name), bytes);
      const input = (await page.$('#file')) as ElementHandle<HTMLInputElement>;
      await input.uploadFile(join(folder, name));
      await waitFor(page, () => document.documentElement.dataset.state === 'ready', 60_000);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await waitIdle(page);
    };
    const header = new Uint8Array(8);
    new DataView(header.buffer).setBigUint64(0, 2n ** 31n, true);
    await give('huge.safetensors', header);
    expect(await messageOf(page)).toContain('2147483648');
    const npy = "\x93NUMPY\x01\x00\x46\x00{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), }".padEnd(80);
    await give(
      'cut.npy',
      Uint8Array.from(`${npy}1234`, (letter) => letter.charCodeAt(0)),
    );
    expect(await messageOf(page)).toContain('needs 48 bytes of data, but the file has 4');
    await give('words.csv', new TextEncoder().encode('1,2\n3,four\n'));
    expect(await messageOf(page)).toContain('"four"');
    await expectCoreNumbers(page, '?rounds=2');
    const data = Float32Array.from({ length: 30 * 4 }, (_, i) => Math.sin(i * i));
    await give('good.safetensors', writeSafetensors(new Map([['x', { shape: [30, 4], data }]])));
    expect(await linkOf(page)).toContain('input=own');
    await expectCoreNumbers(page, '?rounds=2', { shape: { heads: 1, n: 30, d: 4 }, qk: data, v: data });
    expect(await messageOf(page)).toBe('');
    expect(errors).toEqual([]);
  });
});

test('a phone shows the whole page without scrolling sideways', async () => {
  const { page } = await openPage(browser, '', { width: 390, height: 844, fine: true });
  await waitIdle(page);
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  expect(scrollWidth).toBe(clientWidth);
  await expectCoreNumbers(page, '');
  await shot(page, 'phone');
});
