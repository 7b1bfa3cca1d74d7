import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { setTimeout as pollPause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import puppeteer, { type Browser, type BrowserContext, type NodeFor, type Page } from 'puppeteer-core';
import { inject } from 'vitest';
import { driverVariables, findSystem, QUICK_FLAGS, QUIET_FLAGS, WEBGPU_FLAGS } from '../../scripts/environment.mjs';
import { copyProfile } from './profile';

const SHOTS = fileURLToPath(new URL('./shots/', import.meta.url));

/** A host name that leads to this machine, and whose pages browsers do not trust over plain http. */
export const OTHER_HOST = 'lecture.example';

/** Milliseconds after which a wait fails. Less than a test may take, so that the wait names what did not happen. */
const longestWait = 150_000;

/** Firefox sets these as preferences of a whole browser. Chromium can also set them for one page. */
export interface Media {
  dark?: boolean;
  reducedMotion?: boolean;
}

export interface BrowserOptions extends Media {
  /** false: `navigator.gpu` is missing. 'no adapter': `requestAdapter()` resolves with null. */
  webgpu?: boolean | 'no adapter';
  /** Chromium keeps using the GPU after any number of crashes of the GPU process. */
  crashes?: boolean;
  /** Firefox uses the driver with 16-bit floats, if one is installed. */
  half?: boolean;
  /** false: Chromium compiles shaders with its default options. */
  quick?: boolean;
}

export interface PageOptions extends Media {
  width?: number;
  height?: number;
  /** One device pixel for each CSS pixel. Without it there is one for four, which is enough for tests that look at no picture. */
  fine?: boolean;
  /** True: the browser does not know the page, so the algorithm plays. Only a page of a new context has nothing stored. */
  isFirstVisit?: boolean;
  /** Runs in the page before the page's own scripts. */
  before?: () => void;
}

export interface OpenPage {
  page: Page;
  /** Console errors, exceptions, uncaptured WebGPU errors, and responses with status 400 and above. Grows while the page is open. */
  errors: string[];
  /** Addresses of requests to hosts other than the page's own. Grows likewise. */
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
      `--host-resolver-rules=MAP ${OTHER_HOST} 127.0.0.1`,
      ...(crashes ? ['--disable-gpu-process-crash-limit', '--disable-domain-blocking-for-3d-apis'] : []),
    ],
    timeout: longestWait,
    protocolTimeout: longestWait,
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
  // Without WebGPU, Firefox starts with a new profile. With a used one it sometimes hung on a page from the disk under load.
  const profile = webgpu === true ? await copyProfile(inject('profiles')) : undefined;
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: firefox,
    ...(profile && { userDataDir: profile }),
    env: { ...process.env, ...driver },
    extraPrefsFirefox: {
      'network.dns.localDomains': OTHER_HOST,
      'dom.webgpu.enabled': webgpu !== false,
      'gfx.webgpu.ignore-blocklist': webgpu === true,
      'layout.css.prefers-color-scheme.content-override': dark ? 0 : 1,
      'ui.prefersReducedMotion': reducedMotion ? 1 : 0,
    },
    timeout: longestWait,
    protocolTimeout: longestWait,
  });
  if (profile) browser.process()?.once('exit', () => rmSync(profile, { recursive: true, force: true }));
  return browser;
}

/**
 * Opens a page, in the browser's default context or in another one. `path` is relative to the folder of the built page; '' is its index.html. An
 * absolute URL works too.
 */
export async function openPage(
  browser: Browser,
  path = '?input=twins',
  options: PageOptions = {},
  context: BrowserContext = browser.defaultBrowserContext(),
): Promise<OpenPage> {
  const url = new URL(path, inject('site'));
  const page = await context.newPage();
  page.setDefaultTimeout(longestWait);
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
  if (!options.isFirstVisit) await page.evaluateOnNewDocument(rememberVisit);
  if (optionsOf.get(browser)?.webgpu === false) await page.evaluateOnNewDocument(removeWebGpu);
  if (options.before) await page.evaluateOnNewDocument(options.before);
  const { width = 1280, height = 800, fine = false } = options;
  await page.setViewport({ width, height, deviceScaleFactor: fine ? 1 : 0.5 });
  await setMedia(browser, page, options);
  await page.goto(url.href);
  return { page, errors, requests };
}

/** Watches sockets in Chromium, which reports them only through its own protocol. Firefox reports them as requests. */
async function watchSockets(page: Page, report: (address: string) => void): Promise<void> {
  if (inject('browser') !== 'chromium') return;
  const session = await page.createCDPSession();
  session.on('Network.webSocketCreated', ({ url }) => report(url));
  await session.send('Network.enable');
}

/** Runs in the page: writes out errors in console.error, because Firefox would report an Error without its message. */
function spellOutErrors(): void {
  const { error } = console;
  console.error = (...parts) => error(...parts.map((part) => (part instanceof Error ? String(part) : part)));
}

/** Runs in the page: logs uncaptured WebGPU errors. Chromium alone would log a warning, and Firefox nothing. */
function logUncapturedErrors(): void {
  if (!('GPUAdapter' in globalThis)) return;
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    device.addEventListener('uncapturederror', ({ error }) => console.error(`WebGPU: ${error.message}`));
    return device;
  };
}

/** Runs in the page: logs violations of the page's policy as errors, so that every test checks the policy. */
function logViolations(): void {
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => {
    console.error(`against the policy: ${violatedDirective} ${blockedURI} ${sourceFile}`);
  });
}

/** Runs in the page: stores that the algorithm has played, so that the page opens at the end of the play. */
function rememberVisit(): void {
  try {
    localStorage.setItem('reformer-lab-played', '1');
  } catch {
    // Some frames have no store, and the page does not play there.
  }
}

/** Runs in the page: removes WebGPU, because Chromium has no flag for it. */
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
 * Calls a function in the page with all elements of a selector, and returns its result. Puppeteer's own $$eval fetches the elements one by
 * one, which takes a hundred times as long for the page's numbers.
 */
export function evalAll<S extends string, A extends unknown[], R>(
  page: Page,
  selector: S,
  call: (elements: NodeFor<S>[], ...args: A) => R,
  ...args: A
): Promise<Awaited<R>> {
  const list = args.map((argument) => `, ${JSON.stringify(argument)}`).join('');
  const all = `document.querySelectorAll(${JSON.stringify(selector)})`;
  return page.evaluate(`(${call})([...${all}]${list})`) as Promise<Awaited<R>>;
}

/** Calls a function in the page with the first element of a selector. @throws Error if there is none */
export function evalOne<S extends string, A extends unknown[], R>(
  page: Page,
  selector: S,
  call: (element: NodeFor<S>, ...args: A) => R,
  ...args: A
): Promise<Awaited<R>> {
  const list = args.map((argument) => `, ${JSON.stringify(argument)}`).join('');
  const none = JSON.stringify(`There is no ${selector}.`);
  const first = `document.querySelector(${JSON.stringify(selector)})`;
  return page.evaluate(
    `((element) => { if (!element) throw new Error(${none}); return (${call})(element${list}); })(${first})`,
  ) as Promise<Awaited<R>>;
}

/** Asks until the answer is neither undefined, null, false, 0 nor empty, and returns it. @throws Error that names the state, after a long wait */
export async function until<T>(
  state: string,
  ask: () => Promise<T>,
  timeout = longestWait,
): Promise<Exclude<T, undefined | null | false | 0 | ''>> {
  for (const end = Date.now() + timeout; ; ) {
    const answer = await ask();
    if (answer) return answer as Exclude<T, undefined | null | false | 0 | ''>;
    if (Date.now() > end) throw new Error(`Not within ${timeout} ms: ${state}.`);
    await pollPause(20);
  }
}

/** Waits for a condition in the page. The page's policy forbids Puppeteer's own waitForFunction, which evaluates text. */
export async function waitFor<A>(page: Page, condition: (argument: A) => unknown, argument?: A): Promise<void> {
  await until(String(condition), () => page.evaluate(condition as (argument: unknown) => unknown, argument));
}

/** Waits until the page has computed and drawn everything and has written its address. @throws Error if the page has failed */
export async function waitIdle(page: Page, timeout = longestWait): Promise<void> {
  const state = await until(
    'the page is at rest',
    () =>
      page.evaluate(() => {
        const { state, address } = document.documentElement.dataset;
        return state !== 'busy' && address !== 'pending' && state;
      }),
    timeout,
  );
  if (state === 'failed') throw new Error(`The page failed: ${await page.evaluate(() => document.body.textContent)}`);
}

/** Waits until the device has drawn the newest result and the browser has shown that frame. A page without WebGPU draws at once. */
export const waitDrawn = (page: Page): Promise<void> =>
  waitFor(page, () => {
    const timeOf = (name: string) => performance.getEntriesByName(name)[0]?.startTime;
    const [computed, picture] = [timeOf('computed'), timeOf('picture')];
    if (timeOf('device open') === undefined) return true;
    return computed !== undefined && picture !== undefined && picture >= computed;
  });

/** The query of the address. Puppeteer's own `page.url()` may be a moment late. */
export const linkOf = (page: Page): Promise<string> => page.evaluate(() => location.search);

/** Waits until the browser has begun so many frames. What one frame causes is done a few frames later. */
export const frames = (page: Page, count: number): Promise<void> =>
  page.evaluate(
    (most) =>
      new Promise<void>((resolve) => {
        // Counters of the page's frames leave out those of the test.
        const { ownFrame = requestAnimationFrame } = globalThis as { ownFrame?: typeof requestAnimationFrame };
        const next = (left: number) => (left > 0 ? ownFrame(() => next(left - 1)) : resolve());
        next(most);
      }),
    count,
  );

/** Saves a picture of the page as tests/page/shots/NAME-BROWSER.png, and returns it. */
export async function shot(page: Page, name: string): Promise<Uint8Array> {
  await mkdir(SHOTS, { recursive: true });
  return page.screenshot({ path: `${SHOTS}${name}-${inject('browser')}.png` });
}

/** The rectangle of an element of the page in whole pixels; of the stage by default. */
export async function viewOf(page: Page, selector = '#view') {
  const { x, y, width, height } = await evalOne(
    page,
    selector,
    (element) => element.getBoundingClientRect().toJSON() as DOMRect,
  );
  if (width === 0) throw new Error(`${selector} is not shown`);
  return { x: Math.round(x), y: Math.round(y), width: Math.floor(width), height: Math.floor(height) };
}
