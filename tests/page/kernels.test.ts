import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { findSystem } from '../../scripts/environment.mjs';
import { kernelNames } from '../../src/gpu/runtime/kernels';
import { kernelVariants } from '../support/kernel-variants';
import { openBrowser, openPage, waitIdle } from './browser';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser({ half: true });
});
afterAll(() => browser.close());

// Chromium compiles with Tint, Firefox with naga.
test('the browser compiles every kernel in every variant', async () => {
  const { page } = await openPage(browser, '?n=16&rounds=1');
  await waitIdle(page);
  const f16 = await page.evaluate(async () => {
    const adapter = await navigator.gpu.requestAdapter();
    const f16 = adapter?.features.has('shader-f16') ?? false;
    const device = await adapter?.requestDevice({ requiredFeatures: f16 ? ['shader-f16'] : [] });
    Object.assign(globalThis, { compiler: device });
    return f16;
  });
  // Chromium is tested on SwiftShader, which has no 16-bit floats; Node compiles those variants with Tint.
  if (inject('browser') === 'firefox' && findSystem().vulkanSecond) expect(f16).toBe(true);
  const variants = kernelVariants(f16);
  expect(variants.length).toBeGreaterThan(2 * kernelNames().length);
  console.log(
    `${variants.length} variants of ${kernelNames().length} kernels, ${f16 ? 'with' : 'without'} 16-bit floats`,
  );
  const compile = (codes: string[]) =>
    page.evaluate((texts) => {
      const { compiler } = globalThis as unknown as { compiler: GPUDevice };
      return Promise.all(
        texts.map(async (code) => {
          const { messages } = await compiler.createShaderModule({ code }).getCompilationInfo();
          return messages.filter(({ type }) => type === 'error').map(({ message }) => message);
        }),
      );
    }, codes);
  const compileErrors: string[] = [];
  for (let first = 0; first < variants.length; first += 40) {
    const some = variants.slice(first, first + 40);
    const errors = await compile(some.map(({ code }) => code));
    compileErrors.push(...some.flatMap(({ title }, k) => errors[k].map((error) => `${title}: ${error}`)));
  }
  expect(compileErrors).toEqual([]);
  // The check is able to fail: text that is no WGSL gives an error.
  expect((await compile(['fn main( {']))[0].length).toBeGreaterThan(0);
});
