import { describe, expect, test } from 'vitest';
import { relativeError } from '../../src/algorithm/fidelity';
import { lshAttention, lshGradients } from '../../src/algorithm/lsh';
import { toHalf } from '../../src/formats/half';
import { Backward } from '../../src/gpu/attention/backward';
import { unpadded } from '../../src/gpu/attention/inputs';
import { LshAttention } from '../../src/gpu/attention/lsh-attention';
import { testContext } from '../gpu/context';
import { cpuWithSameBuckets } from '../gpu/expect';
import { fromHalf } from '../support/from-half';
import { randomCase } from '../support/random-case';

const context = await testContext();

const rounded = (numbers: ArrayLike<number>) => Float32Array.from(toHalf(numbers), fromHalf);

const shortCase = randomCase(1, 200, { d: 16, bucketMask: true, wrap: false });

describe.each([
  { ...shortCase, bindingBytes: 2 ** 27, blocks: false },
  { ...shortCase, bindingBytes: 2 ** 27, blocks: true },
  { ...randomCase(3, 200, { d: 6 }), bindingBytes: 1, blocks: true },
])('with 16-bit vectors, bindings of at most $bindingBytes bytes and blocks = $blocks', (one) => {
  const { settings, input, bindingBytes, blocks } = one;
  const roundedInput = { ...input, qk: rounded(input.qk), v: rounded(input.v) };
  const gradOut = rounded(Float32Array.from(input.v, (value, i) => value * Math.sin(i)));

  test('output and gradients equal those of the CPU engine for the rounded vectors', async () => {
    const lsh = new LshAttention(context, input.shape, settings, { storage: 'f16', bindingBytes, blocks });
    lsh.upload(input);
    await lsh.run();
    const cpu = cpuWithSameBuckets(roundedInput, settings, await context.read(lsh.buckets));
    const out = unpadded(await context.read(lsh.out), input.shape.d);
    expect(relativeError(out, cpu.out)).toBeLessThan(1e-5);
    // The only difference from the exact vectors is their rounding to 11 bits.
    const exact = lshAttention({ ...input, buckets: cpu.buckets }, settings).out;
    expect(relativeError(out, exact)).toBeGreaterThan(1e-5);
    expect(relativeError(out, exact)).toBeLessThan(1e-2);

    const backward = new Backward(lsh);
    backward.upload(gradOut);
    await backward.run();
    const gpu = await backward.read();
    const gradients = lshGradients({ ...roundedInput, buckets: cpu.buckets }, settings, gradOut);
    expect(relativeError(gpu.qk, gradients.qk)).toBeLessThan(1e-4);
    expect(relativeError(gpu.v, gradients.v)).toBeLessThan(1e-4);
  });

  test('qk and v take half the memory', () => {
    const [half, whole] = (['f16', 'f32'] as const).map((storage) => {
      const { qk, v } = new LshAttention(context, input.shape, settings, { storage });
      return qk.buffer.size + v.buffer.size;
    });
    expect(half).toBe(whole / 2);
  });
});
