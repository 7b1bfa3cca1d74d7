import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { panel } from '../../src/language/panel';
import { npyOf, safetensorsOf } from '../hostile/mutate';
import { evalOne, frames, linkOf, until, waitIdle } from './browser';
import { test } from './fixture';
import { messageOf, shownNumbers } from './reformer';

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

/** Directive and kind of everything that the next test injects, except the image, which is a missing file of the page's own server. */
const refused = [
  'script-src eval',
  'script-src eval',
  'script-src-attr inline',
  'script-src-attr inline',
  'script-src-elem data',
  'script-src-elem inline',
  'script-src-elem inline',
  'style-src-elem inline',
];

/** Twelve bytes of data that follow a header. */
const data = new Uint8Array(12);
const npy = (type: string) => npyOf(`{'descr': '${type}', 'fortran_order': False, 'shape': (2, 2), }`, 1, data);
const safetensors = (header: object) => safetensorsOf(JSON.stringify(header), data);

const csv = Array.from({ length: 12 }, (_, i) => `${i / 4},${i % 5},1`).join('\n');

// Every other page test treats a violation of the policy as an error.
test('the policy allows only the page’s own files, and a person can still open a file', async ({ open, give }) => {
  const { page } = await open('?n=128&rounds=2', { before: watchViolations });
  const policy = await evalOne(page, 'meta[http-equiv="Content-Security-Policy"]', (meta) =>
    meta.getAttribute('content'),
  );
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
  await give(page, 'vectors.csv', csv);
  await waitIdle(page);
  expect(new URLSearchParams(await linkOf(page)).get('input')).toBe('own');
  expect((await shownNumbers(page, 'curve-error')).size).toBe(2);
  expect(await violationsOf(page)).toEqual([]);
});

test('scripts, styles and images that are injected into the document are neither run nor loaded', async ({ open }) => {
  const { page } = await open('', { before: watchViolations, allows: () => true });
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
    // In a frame, because code that a debugger runs is exempt from the policy.
    const later = (evaluate: () => unknown) => requestAnimationFrame(evaluate);
    // biome-ignore lint/security/noGlobalEval: the test expects that the policy refuses it
    later(() => globalThis.eval(act));
    later(() => new Function(act)());
  });
  // The browser reports each of them, the two evaluations last.
  const directives = async () =>
    (await violationsOf(page)).map((violation) => violation.split(' ').slice(0, 2).join(' '));
  await until('eight violations are reported', async () => (await directives()).length >= refused.length);
  await frames(page, 2);
  expect((await directives()).sort()).toEqual(refused);
  expect(await intruded(page)).toBe(false);
  expect(await page.evaluate(() => getComputedStyle(document.body).outlineWidth)).not.toBe('7px');
  const isRefused = await page.evaluate(() =>
    fetch('https://example.com/').then(
      () => false,
      () => true,
    ),
  );
  expect(isRefused).toBe(true);
});

test('names and contents of files appear as text and never as markup', async ({ open, give }) => {
  const { page } = await open('', { before: watchViolations });
  const elements = await page.evaluate(() => document.querySelectorAll('img, b, svg, i').length);
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
    const before = await messageOf(page);
    await give(page, name, text);
    await waitIdle(page);
    const message = await messageOf(page);
    expect(message).not.toBe(before);
    expect(message).toMatch(/\.$/);
    expect(await page.evaluate(() => document.querySelectorAll('img, b, svg, i').length)).toBe(elements);
    expect(await intruded(page)).toBe(false);
  }
  expect(await violationsOf(page)).toEqual([]);
});

test('a link with markup in it appears as text', async ({ open }) => {
  const letters = encodeURIComponent(markup);
  const { page } = await open(`?n=${letters}&buckets=${letters}`, { before: watchViolations });
  expect(await messageOf(page)).toContain(`${panel.controls.n.label} is "<img src=x`);
  expect(await page.$$('img')).toHaveLength(0);
  expect(await intruded(page)).toBe(false);
  expect(await violationsOf(page)).toEqual([]);
});
