import { expect, test } from 'vitest';
import { kernelNames } from '../../src/gpu/runtime/kernels';
import { testContext } from '../gpu/context';
import { optionalFeatures } from '../gpu/masks';
import { kernelVariants } from '../support/kernel-variants';

const { device } = await testContext();

test('this driver has every optional feature, so that all of them are hidden somewhere', async () => {
  const adapter = await navigator.gpu.requestAdapter();
  expect(optionalFeatures.filter((feature) => !adapter?.features.has(feature))).toEqual([]);
});

test('every kernel is understood in every variant, those with 16-bit floats among them', async () => {
  const texts = kernelVariants(true).map(({ code }) => code);
  expect(texts.filter((code) => code.includes('enable f16')).length).toBeGreaterThan(2 * kernelNames().length);
  const refused: string[] = [];
  for (const code of texts) {
    const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
    refused.push(...messages.filter(({ type }) => type === 'error').map(({ message }) => message));
  }
  expect(refused).toEqual([]);
});
