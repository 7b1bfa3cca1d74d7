import { describe, expect, test } from 'vitest';
import { relativeError } from '../../src/algorithm/fidelity';
import { lshAttention, lshGradients } from '../../src/algorithm/lsh';
import { toHalf } from '../../src/formats/half';
import { Backward } from '../../src/gpu/attention/backward';
import { unpadded } from '../../src/gpu/attention/inputs';
import { LshAttention } from '../../src/gpu/attention/lsh-attention';
import { testContext } from '../gpu/context';
import { coreWithSameBuckets } from '../gpu/expect';
import { fromHalf } from '../support/from-half';
import { randomCase } from '../support/random-case';

const context = await testContext();

const rounded = (numbers: ArrayLike<number>) => Float32Array.from(toHalf(numbers), fromHalf);

const few = randomCase(1, 200, { d: 16, bucketMask: true, wrap: false });

describe.each([
  { ...few, bindingBytes: 2 ** 27, blocks: false },
  { ...few, bindingBytes: 2 ** 27, blocks: true },
  { ...randomCase(3, 200, { d: 6 }), bindingBytes: 1, blocks: true },
])('16-bit vectors, bindings of at most $bindingBytes bytes, in blocks: $blocks', (one) => {
  const { settings, input, bindingBytes, blocks } = one;
  const given = { ...input, qk: rounded(input.qk), v: rounded(input.v) };
  const gradOut = rounded(Float32Array.from(input.v, (value, i) => value * Math.sin(i)));

  test('the output and the gradients are the core’s of the rounded vectors', async () => {
    const lsh = new LshAttention(context, input.shape, settings, { storage: 'f16', bindingBytes, blocks });
    lsh.upload(input);
    await lsh.run();
    const core = coreWithSameBuckets(given, settings, await context.read(lsh.buckets));
    const out = unpadded(await context.read(lsh.out), input.shape.d);
    expect(relativeError(out, core.out)).toBeLessThan(1e-5);
    // Rounding is there, and no more than rounding: 11 bits of a number.
    const exact = lshAttention({ ...input, buckets: core.buckets }, settings).out;
    expect(relativeError(out, exact)).toBeGreaterThan(1e-5);
    expect(relativeError(out, exact)).toBeLessThan(1e-2);

    const backward = new Backward(lsh);
    backward.upload(gradOut);
    await backward.run();
    const gpu = await backward.read();
    const gradients = lshGradients({ ...given, buckets: core.buckets }, settings, gradOut);
    expect(relativeError(gpu.qk, gradients.qk)).toBeLessThan(1e-4);
    expect(relativeError(gpu.v, gradients.v)).toBeLessThan(1e-4);
  });

  test('what is given takes half the memory', () => {
    const [half, whole] = (['f16', 'f32'] as const).map((storage) => {
      const { qk, v } = new LshAttention(context, input.shape, settings, { storage });
      return qk.buffer.size + v.buffer.size;
    });
    expect(half).toBe(whole / 2);
  });
});
