import { describe, expect, test } from 'vitest';
import { relativeError } from '../../src/algorithm/fidelity';
import { fullGradients } from '../../src/algorithm/full';
import { lshGradients } from '../../src/algorithm/lsh';
import { Backward } from '../../src/gpu/attention/backward';
import { FullAttention } from '../../src/gpu/attention/full-attention';
import { LshAttention } from '../../src/gpu/attention/lsh-attention';
import { random } from '../../src/shared/random';
import { fixtureNames, loadFixture } from '../support/fixtures';
import { randomCase } from '../support/random-case';
import { testContext } from './context';
import { cpuWithSameBuckets } from './expect';

const context = await testContext();

describe.each(fixtureNames.filter((name) => name.startsWith('lsh-')))('%s', (name) => {
  test('gradients equal those of the independent implementation', async () => {
    const { shape, settings, tensor } = await loadFixture(name);
    const lsh = new LshAttention(context, shape, settings);
    lsh.upload({ qk: tensor('qk'), v: tensor('v'), rotations: tensor('rotations') });
    await lsh.run();
    const backward = new Backward(lsh);
    backward.upload(tensor('grad_out'));
    await backward.run();
    const gradients = await backward.read();
    expect(relativeError(gradients.qk, tensor('grad_qk'))).toBeLessThan(1e-4);
    expect(relativeError(gradients.v, tensor('grad_v'))).toBeLessThan(1e-4);
  });
});

// Few cases, because a software adapter takes seconds to compile the kernels for each head size.
const cases = [2, 3, 65, 200].flatMap((n) => [1, 4].map((seed) => randomCase(seed, n)));

/** Checks ‖gpu − cpu‖ relative to ‖cpu‖, or to ‖gradOut‖ if the gradient vanishes (a query with one key). */
function expectClose(gpu: Float32Array, cpu: Float64Array, gradOut: Float32Array): void {
  const norm = (values: ArrayLike<number>) => Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0));
  const distance = norm(Float64Array.from(cpu, (value, i) => gpu[i] - value));
  expect(distance / Math.max(norm(cpu), 1e-3 * norm(gradOut))).toBeLessThan(1e-4);
}

describe.each(cases)('$title', ({ settings, input }) => {
  test('gradients of LSH and of full attention equal those of the CPU engine', async () => {
    const draw = random(settings.rounds, input.shape.n);
    const gradOut = Float32Array.from(input.qk, () => draw.normal());
    const lsh = new LshAttention(context, input.shape, settings);
    lsh.upload(input);
    await lsh.run();
    const backward = new Backward(lsh);
    backward.upload(gradOut);
    await backward.run();
    const { buckets } = cpuWithSameBuckets(input, settings, await context.read(lsh.buckets));
    const cpu = lshGradients({ ...input, buckets }, settings, gradOut);
    const gpu = await backward.read();
    expectClose(gpu.qk, cpu.qk, gradOut);
    expectClose(gpu.v, cpu.v, gradOut);

    const attention = new FullAttention(lsh, 'all');
    await attention.run();
    const full = new Backward(attention);
    full.upload(gradOut);
    await full.run();
    const cpuFull = fullGradients(input, settings, gradOut);
    const gpuFull = await full.read();
    expectClose(gpuFull.qk, cpuFull.qk, gradOut);
    expectClose(gpuFull.v, cpuFull.v, gradOut);
  });
});
