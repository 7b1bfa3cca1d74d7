import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, ElementHandle, Page } from 'puppeteer-core';
import { test as base, expect, inject } from 'vitest';
import { type BrowserOptions, type OpenPage, openBrowser, openPage, type PageOptions, waitIdle } from './browser';
import { runVite } from './serve';

export interface OpenOptions extends PageOptions {
  /** Without options, the page opens in the browser that all tests share. */
  browser?: BrowserOptions;
  /** The browser has an empty cache for this page, as on a first visit. */
  fresh?: boolean;
  /** false: returns at once, and not when the page is at rest. */
  rests?: boolean;
  /** True for errors that the test causes itself. Any other error fails the test when it ends. */
  allows?: (error: string) => boolean;
}

/** Opens a page. `path` is relative to the folder of the built page. An absolute URL works too. */
export type Open = (path?: string, options?: OpenOptions) => Promise<OpenPage>;

/** Runs one browser at a time. It stays open from test to test and from file to file, with its compiled kernels, until a test needs other options. */
export class Browsers {
  private browser: Browser | undefined;
  private key = '';

  async get(options: BrowserOptions = {}): Promise<Browser> {
    const key = JSON.stringify(optionsThatMatter(options));
    if (this.browser?.connected && this.key === key) return this.browser;
    await this.close();
    this.key = key;
    this.browser = await openBrowser(options);
    return this.browser;
  }

  async close(): Promise<void> {
    // The browser may have crashed.
    if (this.browser?.connected) await this.browser.close();
    this.browser = undefined;
  }
}

/** Chromium sets media by page, and has one driver. Firefox has no flags. */
function optionsThatMatter({ webgpu = true, ...options }: BrowserOptions): BrowserOptions {
  const { crashes = false, quick = true, dark = false, reducedMotion = false, half = false } = options;
  return inject('browser') === 'chromium' ? { webgpu, crashes, quick } : { webgpu, dark, reducedMotion, half };
}

/** The pages of one test, or of one file. */
export class Pages {
  private readonly opened: { owner: Browser; page: OpenPage; allows: (error: string) => boolean }[] = [];
  private readonly contexts: BrowserContext[] = [];

  constructor(private readonly browsers: Browsers) {}

  async open(path = '?input=twins', options: OpenOptions = {}): Promise<OpenPage> {
    const { browser, fresh = false, rests = true, allows = () => false, ...ofPage } = options;
    const { dark = false, reducedMotion = false } = ofPage;
    const owner = await this.browsers.get({ dark, reducedMotion, ...browser });
    const context = fresh ? await owner.createBrowserContext() : undefined;
    if (context) this.contexts.push(context);
    const page = await openPage(owner, path, ofPage, context);
    this.opened.push({ owner, page, allows });
    if (rests) await waitIdle(page.page);
    return page;
  }

  /** Closes the pages. A browser that crashed took its pages with it. @throws AssertionError if a page logged an error or sent a request to another host */
  async close(): Promise<void> {
    const living = this.opened.filter(({ owner }) => owner.connected);
    for (const { page } of living) if (!page.page.isClosed()) await page.page.close();
    for (const context of this.contexts) await context.close();
    for (const { page, allows } of living) {
      expect(page.errors.filter((error) => !allows(error))).toEqual([]);
      expect(page.requests).toEqual([]);
    }
  }
}

/** Gives a file to the page as a person would choose it, and returns once the page has begun to read it. */
export type Give = (page: Page, name: string, content: string | Uint8Array) => Promise<void>;

/**
 * Vitest's `test`, with what the tests of the built page share. `singleFolder` holds the build as one file. When a test ends, its pages are closed. It fails if one of them logged an error
 * or sent a request to another host.
 */
export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest demands a pattern
  .extend('browsers', { scope: 'worker' }, async ({}, { onCleanup }) => {
    const browsers = new Browsers();
    onCleanup(() => browsers.close());
    return browsers;
  })
  // biome-ignore lint/correctness/noEmptyPattern: vitest demands a pattern
  .extend('singleFolder', { scope: 'worker' }, async ({}, { onCleanup }) => {
    const folder = await mkdtemp(join(tmpdir(), 'page-single-'));
    onCleanup(() => rm(folder, { recursive: true, force: true }));
    await runVite(fileURLToPath(new URL('../../', import.meta.url)), folder, 'single');
    return folder;
  })
  .extend('open', async ({ browsers }, { onCleanup }): Promise<Open> => {
    const pages = new Pages(browsers);
    onCleanup(() => pages.close());
    return (path, options) => pages.open(path, options);
  })
  // biome-ignore lint/correctness/noEmptyPattern: vitest demands a pattern
  .extend('give', async ({}, { onCleanup }): Promise<Give> => {
    const folder = await mkdtemp(join(tmpdir(), 'page-files-'));
    onCleanup(() => rm(folder, { recursive: true, force: true }));
    return async (page, name, content) => {
      await writeFile(join(folder, name), content);
      const input = (await page.$('#file')) as ElementHandle<HTMLInputElement>;
      await input.evaluate((element) => {
        // The page listens too, and earlier.
        const taken = new Promise((resolve) => element.addEventListener('change', resolve, { once: true }));
        Object.assign(globalThis, { taken: taken.then(() => {}) });
      });
      await input.uploadFile(join(folder, name));
      await page.evaluate(() => (globalThis as unknown as { taken: Promise<void> }).taken);
    };
  });
