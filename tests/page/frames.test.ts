import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Frame, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { dialogs } from '../../src/language/dialogs';
import { document as documentWords } from '../../src/language/document';
import { panel } from '../../src/language/panel';
import { until } from './browser';
import { test } from './fixture';
import { type Host, serveHost } from './host';

let singleFolder: string;
/** The built page, as text, and the single file. */
let built: string;
let single: string;
let hosts: Host[];
/** A host without and one with Access-Control-Allow-Origin. */
let plain: Host;
let open: Host;

const hostPage = (script: string) =>
  `<!doctype html><link rel="icon" href="data:"><title>host</title><body style="margin:0"><script>${script}</script>`;

/** Makes the frame of a test. `text` is the page in it. */
const framePage = (make: string, text?: string) =>
  hostPage(`
    const text = ${text === undefined ? 'undefined' : JSON.stringify(text).replaceAll('</', '<\\/')};
    const frame = document.createElement('iframe');
    Object.assign(frame.style, { border: 0, width: '1280px', height: '800px' });
    ${make}
    document.body.append(frame);`);

const withBase = (page: string, base: string) => page.replace('<head>', () => `<head><base href="${base}">`);

beforeAll(async () => {
  singleFolder = await mkdtemp(join(tmpdir(), 'page-frames-'));
  const { NODE_ENV, VITEST, ...env } = process.env;
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const options = ['build', '--mode', 'single', '--outDir', singleFolder, '--emptyOutDir', '--logLevel', 'error'];
  await promisify(execFile)(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), ...options], {
    cwd: root,
    env,
  });
  built = await readFile(join(inject('build'), 'index.html'), 'utf8');
  single = await readFile(join(singleFolder, 'index.html'), 'utf8');
  const pages: Record<string, string> = {};
  plain = await serveHost(() => inject('build'), pages);
  open = await serveHost(() => inject('build'), pages, { 'Access-Control-Allow-Origin': '*' });
  hosts = [plain, open];
  const base = withBase(built, plain.address);
  Object.assign(pages, {
    'srcdoc.html': framePage('frame.srcdoc = text;', base),
    'single-srcdoc.html': framePage('frame.srcdoc = text;', single),
    'single-sandbox.html': framePage('frame.sandbox = "allow-scripts"; frame.srcdoc = text;', single),
    'blob.html': framePage('frame.src = URL.createObjectURL(new Blob([text], { type: "text/html" }));', base),
    'single-blob.html': framePage('frame.src = URL.createObjectURL(new Blob([text], { type: "text/html" }));', single),
    'sandbox.html': framePage('frame.sandbox = "allow-scripts"; frame.src = "index.html";'),
    'sandbox-origin.html': framePage('frame.sandbox = "allow-scripts allow-same-origin"; frame.src = "index.html";'),
  });
});
afterAll(async () => {
  for (const host of hosts) host.close();
  await rm(singleFolder, { recursive: true });
});

const frameOf = (page: Page): Promise<Frame> =>
  until('the page has a frame', async () => page.frames().find((frame) => frame !== page.mainFrame()));

const stateOf = (frame: Frame) => frame.evaluate(() => document.documentElement.dataset.state).catch(() => undefined);

const messageIn = (frame: Frame) =>
  frame.evaluate(() => {
    const message = document.querySelector('#message') as HTMLElement;
    return message.hidden ? '' : (message.querySelector('span')?.textContent ?? '');
  });

const countIn = (frame: Frame, selector: string) =>
  frame.evaluate((all) => document.querySelectorAll(all).length, selector);

const setRounds = (frame: Frame, rounds: number) =>
  frame.evaluate((value) => {
    const input = document.querySelector('#panel [data-key="rounds"] input') as HTMLInputElement;
    input.focus();
    input.value = String(value);
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.blur();
  }, rounds);

const inChromium = inject('browser') === 'chromium';

/** In Firefox, the policy of the built page forbids its scripts in these frames: 'self' is no address there. The single file works. */
const textFrames: [name: string, host: () => Host, file: string][] = [
  ['of srcdoc', () => plain, 'srcdoc.html'],
  ['of a blob', () => plain, 'blob.html'],
];

const frames: typeof textFrames = [
  ...(inChromium ? textFrames : []),
  ['with the sandbox and its own origin', () => plain, 'sandbox-origin.html'],
  ['with the sandbox, without origin, from a server that allows it', () => open, 'sandbox.html'],
  ['of srcdoc with the single file', () => plain, 'single-srcdoc.html'],
  ['of srcdoc with the single file and the sandbox', () => plain, 'single-sandbox.html'],
  ['of a blob with the single file', () => plain, 'single-blob.html'],
];

test.for(frames)(
  'in a frame %s the page computes, and its charts finish after a change',
  async ([, host, file], { open: openPage }) => {
    const { page } = await openPage(`${host().address}${file}`, { rests: false });
    const frame = await frameOf(page);
    await until('the frame is at rest', async () => (await stateOf(frame)) === 'ready');
    await setRounds(frame, 6);
    await until(
      'the curve has six rounds',
      async () => (await countIn(frame, '#chart-rounds [data-kind="curve-error"]')) === 6,
    );
    await until('the frame is at rest', async () => (await stateOf(frame)) === 'ready');
    expect(await countIn(frame, '#chart-rounds [data-kind]')).toBe(12);
    expect(await countIn(frame, '#chart-causes [data-kind]')).toBe(28);
    expect(await messageIn(frame)).toBe('');
    expect(await countIn(frame, '#unstarted')).toBe(0);
  },
);

test('in a frame of srcdoc the link is that of its base, and without one the page names its lack', async ({ open }) => {
  const linkOf = async (file: string) => {
    const { page } = await open(`${plain.address}${file}`, { rests: false });
    const frame = await frameOf(page);
    await until('the frame is at rest', async () => (await stateOf(frame)) === 'ready');
    await setRounds(frame, 3);
    await until('the frame is at rest', async () => (await stateOf(frame)) === 'ready');
    await frame.evaluate((name) => {
      const buttons = [...document.querySelectorAll<HTMLElement>('#panel button')];
      buttons.find(({ textContent }) => textContent === name)?.click();
    }, panel.buttons.export);
    await frame.waitForSelector('#export[open] li:last-child button');
    await frame.click('#export li:last-child button');
    const link = await until('the copy is answered', async () =>
      frame.evaluate(() => {
        const field = document.querySelector<HTMLInputElement>('#export .address');
        const message = document.querySelector('#message') as HTMLElement;
        return field?.value ?? (message.hidden ? undefined : message.querySelector('span')?.textContent);
      }),
    );
    await page.close();
    return link;
  };
  if (inChromium) expect(await linkOf('srcdoc.html')).toBe(`${plain.address}?rounds=3&input=text`);
  expect(await linkOf('single-srcdoc.html')).toBe(dialogs.export.noAddress);
});

const fromDisk = () => pathToFileURL(join(inject('build'), 'index.html')).href;

test.for<[string, () => string]>([
  ['in a sandbox whose scripts the server keeps back', () => `${plain.address}sandbox.html`],
  ...(inChromium
    ? [['from the disk', fromDisk] as [string, () => string]]
    : textFrames.map(([name, host, file]): [string, () => string] => [
        `in a frame ${name}`,
        () => host().address + file,
      ])),
])('%s the built page shows one sentence that says what to do', async ([, address], { open }) => {
  const { page } = await open(address(), { rests: false, allows: () => true });
  const frame = address().startsWith('file') ? page.mainFrame() : await frameOf(page);
  const sentence = await until('the sentence is there', async () =>
    frame.evaluate(() => {
      const notice = document.querySelector<HTMLElement>('#unstarted');
      return notice?.checkVisibility({ visibilityProperty: true }) && notice.textContent;
    }),
  );
  expect(sentence).toBe(documentWords.unstarted);
  expect(await stateOf(frame)).toBe('busy');
});

test('in a sandbox without workers and without WebGPU, one sentence says what to do', async ({ open: openPage }) => {
  const { page } = await openPage(`${open.address}sandbox.html`, {
    rests: false,
    browser: { webgpu: false },
    allows: (error) => error.includes('cpu-worker'),
  });
  const frame = await frameOf(page);
  await until('a sentence is shown', async () => (await stateOf(frame)) !== 'busy' && (await messageIn(frame)));
  expect(await messageIn(frame)).toContain('allow-same-origin');
});

test('a page that starts never shows the sentence about missing scripts', async ({ open: openPage }) => {
  const { page } = await openPage('', {
    before: () => {
      const seen: boolean[] = [];
      Object.assign(globalThis, { seen });
      const look = () => {
        const notice = document.querySelector<HTMLElement>('#unstarted');
        if (notice) seen.push(notice.checkVisibility({ visibilityProperty: true }));
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    },
  });
  expect(await page.evaluate(() => (globalThis as unknown as { seen: boolean[] }).seen.includes(true))).toBe(false);
  expect(await page.$('#unstarted')).toBeNull();
});
