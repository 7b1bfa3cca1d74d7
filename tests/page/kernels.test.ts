import { expect, inject } from 'vitest';
import { findSystem } from '../../scripts/environment.mjs';
import { kernelNames } from '../../src/gpu/runtime/kernels';
import { kernelVariants } from '../support/kernel-variants';
import { test } from './fixture';

// Chromium compiles with Tint, Firefox with naga.
test('the browser compiles every kernel in every variant', async ({ open }) => {
  const { page } = await open('?n=16&rounds=1', {
    browser: { half: true },
    // The kernel of the last check. All others are checked by what the compiler itself reports.
    allows: (error) => /nowhere|creation failed|creating shader module/.test(error),
  });
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
  // The check is able to fail: an unknown name gives an error.
  expect(await compile(['fn main() { let copy = nowhere; }'])).toEqual([[expect.stringContaining('nowhere')]]);
});
