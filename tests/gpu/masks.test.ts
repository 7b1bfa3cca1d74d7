import { afterAll, describe, expect, test } from 'vitest';
import { defaultTask } from '../../src/algorithm/duplication-task';
import { relativeError, roundsCurve } from '../../src/algorithm/fidelity';
import type { Vectors } from '../../src/algorithm/inputs';
import { lshGradients } from '../../src/algorithm/lsh';
import { Backward } from '../../src/gpu/attention/backward';
import { GpuEngine } from '../../src/gpu/gpu-engine';
import { Context } from '../../src/gpu/runtime/context';
import { type OpenDevice, openDevice } from '../../src/gpu/runtime/device';
import { kernelNames, kernelSource } from '../../src/gpu/runtime/kernels';
import { InputError } from '../../src/shared/errors';
import { random } from '../../src/shared/random';
import '../../src/gpu/runtime/bench-kernels';
import '../../src/gpu/runtime/training-kernels';
import { unpadded } from '../../src/gpu/attention/inputs';
import { LshAttention } from '../../src/gpu/attention/lsh-attention';
import { Trainer } from '../../src/training/trainer';
import { trainOnCpu } from '../support/cpu-training';
import { randomCase } from '../support/random-case';
import { inDouble } from '../support/random-model';
import { cpuWithSameBuckets } from './expect';
import { type Mask, masked, optionalFeatures } from './masks';

const poorest: Mask = { hidden: optionalFeatures, defaultLimits: true };

/** Features of this adapter. Only these can be hidden; the second driver has all of them. */
const adapterFeatures = (await navigator.gpu.requestAdapter())?.features ?? new Set();

const masks: [string, Mask][] = [
  ...optionalFeatures
    .filter((feature) => adapterFeatures.has(feature))
    .map((feature): [string, Mask] => [`with ${feature} hidden`, { hidden: [feature], defaultLimits: false }]),
  ['with default limits', { hidden: [], defaultLimits: true }],
  ['with all optional features hidden and default limits', poorest],
];

const small = randomCase(2, 70, { d: 6, rounds: 2, heads: 1, wrap: false, factors: [8], chunk: 8 });

const devices: GPUDevice[] = [];
afterAll(() => {
  for (const device of devices) device.destroy();
});

async function openMasked(mask: Mask): Promise<OpenDevice & { errors: string[] }> {
  const open = await openDevice(masked(navigator.gpu, mask));
  if (!open) throw new Error('no WebGPU adapter was found, so nothing was tested');
  devices.push(open.device);
  const errors: string[] = [];
  open.device.addEventListener('uncapturederror', (event) =>
    errors.push((event as GPUUncapturedErrorEvent).error.message),
  );
  return { ...open, errors };
}

describe.each(masks)('%s', (_, mask) => {
  test('the device has no hidden feature, and its flags show that', async () => {
    const { device, f16, timestamps } = await openMasked(mask);
    for (const feature of mask.hidden) expect(device.features.has(feature)).toBe(false);
    // The page does not use subgroups.
    expect(device.features.has('subgroups')).toBe(false);
    expect(f16).toBe(device.features.has('shader-f16'));
    expect(timestamps).toBe(device.features.has('timestamp-query'));
    if (mask.defaultLimits) expect(device.limits.maxBufferSize).toBe(2 ** 28);
    // Only the limit of buffer sizes is raised.
    expect(device.limits.maxStorageBufferBindingSize).toBe(2 ** 27);
    expect(device.limits.maxStorageBuffersPerShaderStage).toBeLessThanOrEqual(10);
  });

  test('every kernel compiles with every storage of vectors', async () => {
    const { device, f16, errors } = await openMasked(mask);
    const storages = [false, true].flatMap((halves) =>
      (f16 ? [false, true] : [false]).map((half) => ({ halves, f16: half })),
    );
    const texts = new Set(kernelNames().flatMap((name) => storages.map((storage) => kernelSource(name, {}, storage))));
    expect(texts.size).toBeGreaterThanOrEqual(kernelNames().length);
    for (const code of texts) {
      const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
      expect(messages.filter(({ type }) => type === 'error').map(({ message }) => message)).toEqual([]);
    }
    expect(errors).toEqual([]);
  });

  test('attention equals that of the CPU engine, and 16-bit vectors are rejected without shader-f16', async () => {
    const open = await openMasked(mask);
    const { settings, input } = small;
    const context = new Context(open);
    const lsh = new LshAttention(context, input.shape, settings);
    lsh.upload(input);
    const timings = await lsh.run();
    expect([...timings.keys()]).toEqual(['hash', 'sort', 'attend']);
    const { out } = cpuWithSameBuckets(input, settings, await context.read(lsh.buckets));
    expect(relativeError(unpadded(await context.read(lsh.out), input.shape.d), out)).toBeLessThan(1e-5);
    const asHalves = () => new LshAttention(context, input.shape, settings, { storage: 'f16' });
    if (open.f16) asHalves();
    else expect(asHalves).toThrow(InputError);
    expect(open.errors).toEqual([]);
  });

  test('the curve and the gradients equal those of the CPU engine', async () => {
    const open = await openMasked(mask);
    const { settings, input } = small;
    const engine = new GpuEngine(open);
    await engine.compute({
      vectors: input as unknown as Vectors,
      settings,
      rotations: input.rotations as Float32Array,
    });
    const { points } = (await engine.curve()).curve;
    const cpu = roundsCurve(input, settings);
    for (const [k, { error }] of points.entries()) expect(error).toBeCloseTo(cpu[k].error, 4);

    const draw = random(5);
    const gradOut = Float32Array.from(input.qk, () => draw.normal());
    const backward = new Backward(engine.lsh);
    backward.upload(gradOut);
    await backward.run();
    const { qk, v } = await backward.read();
    const { buckets } = cpuWithSameBuckets(input, settings, await engine.context.read(engine.lsh.buckets));
    const expected = lshGradients({ ...input, buckets }, settings, gradOut);
    expect(relativeError(qk, expected.qk)).toBeLessThan(1e-4);
    expect(relativeError(v, expected.v)).toBeLessThan(1e-4);
    expect(open.errors).toEqual([]);
  });

  test('the first steps of training equal those on the CPU', async () => {
    const open = await openMasked(mask);
    const task = { ...defaultTask, length: 16, symbols: 7, width: 16, heads: 2, layers: 1, batch: 2, rounds: 2 };
    const trainer = new Trainer(new Context(open), task, 'reversible');
    const parameters = inDouble(await trainer.weights.read());
    for (const { loss } of trainOnCpu(task, parameters, 3)) {
      await trainer.train();
      expect((await trainer.history(1))[0].loss).toBeCloseTo(loss, 4);
    }
    expect(open.errors).toEqual([]);
  });
});
