import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, ElementHandle, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { panel } from '../../src/language/panel';
import { npyOf, safetensorsOf } from '../hostile/mutate';
import { closePages, evalOne, openBrowser, openPage, waitFor, waitIdle } from './browser';
import { messageOf, shownNumbers } from './reformer';

let browser: Browser;
let folder: string;
beforeAll(async () => {
  browser = await openBrowser();
  folder = await mkdtemp(join(tmpdir(), 'reformer-lab-'));
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => closePages(browser));

type Watched = { violations: string[]; intruded: boolean };

/** Runs in the page before the page's own scripts, and collects violations of the policy. */
function watchViolations(): void {
  const watched: Watched = { violations: [], intruded: false };
  Object.assign(globalThis, { watched });
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => {
    watched.violations.push(`${violatedDirective} ${blockedURI} ${sourceFile}`);
  });
}

const violationsOf = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched.violations);

const intruded = (page: Page) => page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched.intruded);

const markup = '<img src=x onerror=watched.intruded=true>';

/** Twelve bytes of data that follow a header. */
const data = new Uint8Array(12);
const npy = (type: string) => npyOf(`{'descr': '${type}', 'fortran_order': False, 'shape': (2, 2), }`, 1, data);
const safetensors = (header: object) => safetensorsOf(JSON.stringify(header), data);

async function drop(page: Page, name: string, content: string | Uint8Array): Promise<void> {
  await writeFile(join(folder, name), content);
  const input = (await page.$('#file')) as ElementHandle<HTMLInputElement>;
  await input.uploadFile(join(folder, name));
}

const csv = Array.from({ length: 12 }, (_, i) => `${i},${i % 5},1`).join('\n');

// Every other page test treats a violation of the policy as an error.
test('the policy allows only the page’s own files, and a person can still open a file', async () => {
  const { page, errors, requests } = await openPage(browser, '?n=128&rounds=2', { before: watchViolations });
  await waitIdle(page);
  const policy = await evalOne(page, 'meta[http-equiv="Content-Security-Policy"]', (meta) =>
    meta.getAttribute('content'),
  );
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
  await drop(page, 'vectors.csv', csv);
  await waitFor(page, () => location.search.includes('input=own'));
  await waitIdle(page);
  expect((await shownNumbers(page, 'curve-error')).size).toBe(2);
  expect(await violationsOf(page)).toEqual([]);
  expect(errors).toEqual([]);
  expect(requests).toEqual([]);
});

test('scripts, styles and images that are injected into the document are neither run nor loaded', async () => {
  const { page } = await openPage(browser, '', { before: watchViolations });
  await waitIdle(page);
  await page.evaluate(() => {
    const act = 'watched.intruded = true';
    const add = (tag: string, attributes: Record<string, string>, text = '') => {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      element.textContent = text;
      document.body.append(element);
      return element;
    };
    add('script', {}, act);
    add('img', { src: 'x', onerror: act });
    add('button', { onclick: act }).click();
    add('a', { href: `javascript:${act}` }).click();
    add('iframe', { srcdoc: `<script>parent.${act}</script>` });
    add('style', {}, 'body { outline: 7px solid red }');
    add('script', { src: `data:text/javascript,${act}` });
    // In a timer, because code that a debugger runs is exempt from the policy.
    const later = (evaluate: () => unknown) => setTimeout(evaluate);
    // biome-ignore lint/security/noGlobalEval: the test expects that the policy refuses it
    later(() => globalThis.eval(act));
    later(() => new Function(act)());
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await intruded(page)).toBe(false);
  expect(await page.evaluate(() => getComputedStyle(document.body).outlineWidth)).not.toBe('7px');
  const directives = (await violationsOf(page)).map((violation) => violation.split(' ')[0]);
  expect(directives.some((name) => name.startsWith('script-src'))).toBe(true);
  expect(directives.some((name) => name.startsWith('style-src'))).toBe(true);
  const isRefused = await page.evaluate(() =>
    fetch('https://example.com/').then(
      () => false,
      () => true,
    ),
  );
  expect(isRefused).toBe(true);
});

test('names and contents of files appear as text and never as markup', async () => {
  const { page, errors } = await openPage(browser, '', { before: watchViolations });
  await waitIdle(page);
  const elements = await page.evaluate(() => document.querySelectorAll('img, b, svg, i').length);
  let before = '';
  for (const [name, text] of [
    ['<img src=x onerror=watched.intruded=true>.csv', 'not,numbers\n1,x\n'],
    ['<b>bold</b>.npy'.replace('/', '⁄'), 'no such file'],
    ['<svg onload=watched.intruded=true>.<i>x<i>', '1,2'],
    // Markup in the contents.
    ['cell.csv', `1,2\n${markup},3\n`],
    ['heading.csv', `${markup},b\n1,2\n3,4,5\n`],
    ['type.npy', npy(markup)],
    ['name.safetensors', safetensors({ [markup]: { dtype: 'F32', shape: [3], data_offsets: [0, 12] } })],
    ['type.safetensors', safetensors({ qk: { dtype: markup, shape: [1, 3], data_offsets: [0, 12] } })],
    ['task.safetensors', safetensors({ __metadata__: { format: markup, task: markup, config: markup } })],
  ] as const) {
    await drop(page, name, text);
    await expect.poll(async () => ['', before].includes(await messageOf(page)), { timeout: 20_000 }).toBe(false);
    await waitIdle(page);
    before = await messageOf(page);
    expect(before).toMatch(/\.$/);
    expect(await page.evaluate(() => document.querySelectorAll('img, b, svg, i').length)).toBe(elements);
    expect(await intruded(page)).toBe(false);
  }
  expect(await violationsOf(page)).toEqual([]);
  expect(errors).toEqual([]);
});

test('a link with markup in it appears as text', async () => {
  const letters = encodeURIComponent(markup);
  const { page, errors } = await openPage(browser, `?n=${letters}&buckets=${letters}`, { before: watchViolations });
  await waitIdle(page);
  expect(await messageOf(page)).toContain(`${panel.controls.n.label} is "<img src=x`);
  expect(await page.$$('img')).toHaveLength(0);
  expect(await intruded(page)).toBe(false);
  expect(await violationsOf(page)).toEqual([]);
  expect(errors).toEqual([]);
});
