import { expect, test } from 'vitest';
import { kernelNames } from '../../src/gpu/runtime/kernels';
import { testContext } from '../gpu/context';
import { optionalFeatures } from '../gpu/masks';
import { kernelVariants } from '../support/kernel-variants';

const { device } = await testContext();

test('this adapter has every optional feature, so that hiding each of them is tested', async () => {
  const adapter = await navigator.gpu.requestAdapter();
  expect(optionalFeatures.filter((feature) => !adapter?.features.has(feature))).toEqual([]);
});

test('every kernel compiles in every variant, with 16-bit floats too', async () => {
  const texts = kernelVariants(true).map(({ code }) => code);
  expect(texts.filter((code) => code.includes('enable f16')).length).toBeGreaterThan(2 * kernelNames().length);
  const errors: string[] = [];
  for (const code of texts) {
    const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
    errors.push(...messages.filter(({ type }) => type === 'error').map(({ message }) => message));
  }
  expect(errors).toEqual([]);
});
