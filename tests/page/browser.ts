import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import puppeteer, { type Browser, type NodeFor, type Page } from 'puppeteer-core';
import { inject } from 'vitest';
import { driverVariables, findSystem, QUICK_FLAGS, QUIET_FLAGS, WEBGPU_FLAGS } from '../../scripts/environment.mjs';
import { copyProfile } from './profile';

const SHOTS = fileURLToPath(new URL('./shots/', import.meta.url));

/** Firefox takes these only for a whole browser, as preferences; Chromium for a page as well. */
export interface Media {
  dark?: boolean;
  reducedMotion?: boolean;
}

export interface BrowserOptions extends Media {
  /** false: there is no navigator.gpu. 'no adapter': there is one, but requestAdapter() gives null. */
  webgpu?: boolean | 'no adapter';
  /** Chromium goes on with the GPU however often its process crashes. */
  crashes?: boolean;
  /** Firefox on the driver that has 16-bit floats, where there is one. */
  half?: boolean;
  /** false: Chromium compiles as it does for people. */
  quick?: boolean;
}

export interface PageOptions extends Media {
  width?: number;
  height?: number;
  /** Drawn with a pixel for each of CSS; else with a quarter of them, where pictures are not what is looked at. */
  fine?: boolean;
  /** Runs in the page before its own scripts. */
  before?: () => void;
}

export interface OpenPage {
  page: Page;
  /** Console errors, exceptions, uncaptured WebGPU errors, answers of 400 and above. Grows while the page lives. */
  errors: string[];
  /** Addresses of requests to any other host than the page's own. Grows likewise. */
  requests: string[];
}

const optionsOf = new WeakMap<Browser, BrowserOptions>();

/** Opens the browser of the running project: Chromium or Firefox. */
export async function openBrowser(options: BrowserOptions = {}): Promise<Browser> {
  const browser = await (inject('browser') === 'firefox' ? launchFirefox(options) : launchChromium(options));
  optionsOf.set(browser, options);
  return browser;
}

function launchChromium({ webgpu = true, crashes = false, quick = true }: BrowserOptions): Promise<Browser> {
  const { chromium } = findSystem();
  if (!chromium) throw new Error('Chromium is not installed.');
  return puppeteer.launch({
    browser: 'chrome',
    executablePath: chromium,
    args: [
      ...(webgpu === true ? WEBGPU_FLAGS : ['--disable-gpu']),
      ...(quick ? QUICK_FLAGS : []),
      ...QUIET_FLAGS,
      ...(crashes ? ['--disable-gpu-process-crash-limit', '--disable-domain-blocking-for-3d-apis'] : []),
    ],
    timeout: 60_000,
    protocolTimeout: 60_000,
  });
}

async function launchFirefox({
  webgpu = true,
  dark = false,
  reducedMotion = false,
  half = false,
}: BrowserOptions): Promise<Browser> {
  const { firefox, vulkanFirefox, vulkanSecond } = findSystem();
  if (!firefox) throw new Error('Firefox is not installed.');
  const driver =
    webgpu === true
      ? driverVariables((half && vulkanSecond) || vulkanFirefox)
      : { VK_ICD_FILENAMES: '/none', VK_DRIVER_FILES: '/none' };
  // Without WebGPU it starts anew: with a used profile it once in a while hung at a page from the disk, when others were at work.
  const profile = webgpu === true ? await copyProfile(inject('profiles')) : undefined;
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: firefox,
    ...(profile && { userDataDir: profile }),
    env: { ...process.env, ...driver },
    extraPrefsFirefox: {
      'dom.webgpu.enabled': webgpu !== false,
      'gfx.webgpu.ignore-blocklist': webgpu === true,
      'layout.css.prefers-color-scheme.content-override': dark ? 0 : 1,
      'ui.prefersReducedMotion': reducedMotion ? 1 : 0,
    },
    timeout: 60_000,
    protocolTimeout: 60_000,
  });
  if (profile) browser.process()?.once('exit', () => rmSync(profile, { recursive: true, force: true }));
  return browser;
}

/** `path` is relative to the built page's folder; '' is its index.html. An absolute URL works too. */
export async function openPage(browser: Browser, path = '', options: PageOptions = {}): Promise<OpenPage> {
  const url = new URL(path, inject('site'));
  const page = await browser.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('response', (response) => {
    if (response.status() >= 400) errors.push(`${response.status()} ${response.url()}`);
  });
  const report = (address: string) => {
    const { protocol, host } = new URL(address);
    if (/^(http|ws)s?:$/.test(protocol) && host !== url.host) requests.push(address);
  };
  page.on('request', (request) => report(request.url()));
  await watchSockets(page, report);
  await page.evaluateOnNewDocument(spellOutErrors);
  await page.evaluateOnNewDocument(logUncapturedErrors);
  await page.evaluateOnNewDocument(logViolations);
  if (optionsOf.get(browser)?.webgpu === false) await page.evaluateOnNewDocument(removeWebGpu);
  if (options.before) await page.evaluateOnNewDocument(options.before);
  const { width = 1280, height = 800, fine = false } = options;
  await page.setViewport({ width, height, deviceScaleFactor: fine ? 1 : 0.5 });
  await setMedia(browser, page, options);
  await page.goto(url.href);
  return { page, errors, requests };
}

/** Firefox reports sockets among the requests; Chromium through its own protocol only. */
async function watchSockets(page: Page, report: (address: string) => void): Promise<void> {
  if (inject('browser') !== 'chromium') return;
  const session = await page.createCDPSession();
  session.on('Network.webSocketCreated', ({ url }) => report(url));
  await session.send('Network.enable');
}

/** Runs in the page: of an Error given to console.error, Firefox would report only that there was one. */
function spellOutErrors(): void {
  const { error } = console;
  console.error = (...parts) => error(...parts.map((part) => (part instanceof Error ? String(part) : part)));
}

/** Runs in the page. Of errors that nothing caught, Chromium makes mere warnings, and Firefox nothing at all. */
function logUncapturedErrors(): void {
  if (!('GPUAdapter' in globalThis)) return;
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    device.addEventListener('uncapturederror', ({ error }) => console.error(`WebGPU: ${error.message}`));
    return device;
  };
}

/** Runs in the page: whatever a test does, it does within the page's policy. */
function logViolations(): void {
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => {
    console.error(`against the policy: ${violatedDirective} ${blockedURI} ${sourceFile}`);
  });
}

/** Runs in the page: Chromium has no flag that would do it. */
function removeWebGpu(): void {
  Reflect.deleteProperty(Navigator.prototype, 'gpu');
}

async function setMedia(browser: Browser, page: Page, options: PageOptions): Promise<void> {
  const ofBrowser = optionsOf.get(browser) ?? {};
  const dark = options.dark ?? ofBrowser.dark ?? false;
  const reducedMotion = options.reducedMotion ?? ofBrowser.reducedMotion ?? false;
  if (inject('browser') === 'chromium') {
    await page.emulateMediaFeatures([
      { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
      { name: 'prefers-reduced-motion', value: reducedMotion ? 'reduce' : 'no-preference' },
    ]);
  } else if (dark !== (ofBrowser.dark ?? false) || reducedMotion !== (ofBrowser.reducedMotion ?? false)) {
    throw new Error('In Firefox, give `dark` and `reducedMotion` to openBrowser().');
  }
}

/**
 * What a function makes of all elements of a selector, in the page. Puppeteer's own $$eval first asks for each of them, one by one: of the
 * page's numbers that takes a hundred times as long.
 */
export function evalAll<S extends string, A extends unknown[], R>(
  page: Page,
  selector: S,
  make: (elements: NodeFor<S>[], ...args: A) => R,
  ...args: A
): Promise<Awaited<R>> {
  const given = args.map((argument) => `, ${JSON.stringify(argument)}`).join('');
  const all = `document.querySelectorAll(${JSON.stringify(selector)})`;
  return page.evaluate(`(${make})([...${all}]${given})`) as Promise<Awaited<R>>;
}

/** The same of the first. @throws Error if there is none. */
export function evalOne<S extends string, A extends unknown[], R>(
  page: Page,
  selector: S,
  make: (element: NodeFor<S>, ...args: A) => R,
  ...args: A
): Promise<Awaited<R>> {
  const given = args.map((argument) => `, ${JSON.stringify(argument)}`).join('');
  const none = JSON.stringify(`There is no ${selector}.`);
  const first = `document.querySelector(${JSON.stringify(selector)})`;
  return page.evaluate(
    `((element) => { if (!element) throw new Error(${none}); return (${make})(element${given}); })(${first})`,
  ) as Promise<Awaited<R>>;
}

/** Closes what a test has left open: it would stay in front, and keep the next one from drawing, or go on computing behind it. */
export async function closePages(browser: Browser): Promise<void> {
  for (const page of await browser.pages()) if (/^(http|file)/.test(page.url())) await page.close();
}

/** Waits until something holds in the page, which forbids what puppeteer's own waitForFunction does there: code made of text. */
export async function waitFor(
  page: Page,
  holds: (given: number) => unknown,
  timeout = 120_000,
  given = 0,
): Promise<void> {
  for (const end = Date.now() + timeout; !(await page.evaluate(holds, given)); ) {
    if (Date.now() > end) throw new Error(`Waited in vain for ${holds}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until the page has done all its work; throws when it says that it failed. */
export async function waitIdle(page: Page, timeout = 120_000): Promise<void> {
  await waitFor(page, () => ['ready', 'failed'].includes(document.documentElement.dataset.state ?? ''), timeout);
  const state = await page.evaluate(() => document.documentElement.dataset.state);
  if (state === 'failed') throw new Error(`The page failed: ${await page.evaluate(() => document.body.textContent)}`);
}

/** Saves a picture of the page as tests/page/shots/NAME-BROWSER.png, and returns it. */
export async function shot(page: Page, name: string): Promise<Uint8Array> {
  await mkdir(SHOTS, { recursive: true });
  return page.screenshot({ path: `${SHOTS}${name}-${inject('browser')}.png` });
}

/** Where a part of the page lies, in whole pixels; the stage if none is named. */
export async function viewOf(page: Page, selector = '#view') {
  const { x, y, width, height } = await evalOne(
    page,
    selector,
    (element) => element.getBoundingClientRect().toJSON() as DOMRect,
  );
  if (width === 0) throw new Error(`${selector} is not shown`);
  return { x: Math.round(x), y: Math.round(y), width: Math.floor(width), height: Math.floor(height) };
}
