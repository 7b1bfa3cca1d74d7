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
import '../../src/gpu/runtime/training-kernels';
import { unpadded } from '../../src/gpu/attention/inputs';
import { LshAttention } from '../../src/gpu/attention/lsh-attention';
import { Trainer } from '../../src/training/trainer';
import { trainOnCpu } from '../support/cpu-training';
import { randomCase } from '../support/random-case';
import { inDouble } from '../support/random-model';
import { coreWithSameBuckets } from './expect';
import { type Mask, masked, optionalFeatures } from './masks';

const poorest: Mask = { hidden: optionalFeatures, defaultLimits: true };

/** What is not there need not be hidden; the second driver has all of it. */
const there = (await navigator.gpu.requestAdapter())?.features ?? new Set();

const masks: [string, Mask][] = [
  ...optionalFeatures
    .filter((feature) => there.has(feature))
    .map((feature): [string, Mask] => [`no ${feature}`, { hidden: [feature], defaultLimits: false }]),
  ['default limits', { hidden: [], defaultLimits: true }],
  ['no optional feature and default limits', poorest],
];

const small = randomCase(2, 70, { d: 6, rounds: 2, heads: 1, wrap: false, factors: [8], chunk: 8 });

const devices: GPUDevice[] = [];
afterAll(() => {
  for (const device of devices) device.destroy();
});

async function openMasked(mask: Mask): Promise<OpenDevice & { errors: string[] }> {
  const open = await openDevice(masked(navigator.gpu, mask));
  if (!open) throw new Error('no WebGPU adapter: nothing was tested');
  devices.push(open.device);
  const errors: string[] = [];
  open.device.addEventListener('uncapturederror', (event) =>
    errors.push((event as GPUUncapturedErrorEvent).error.message),
  );
  return { ...open, errors };
}

describe.each(masks)('%s', (_, mask) => {
  test('the device has nothing of what is hidden, and says so', async () => {
    const { device, f16, timestamps } = await openMasked(mask);
    for (const feature of mask.hidden) expect(device.features.has(feature)).toBe(false);
    // Nobody asks for them yet.
    expect(device.features.has('subgroups')).toBe(false);
    expect(f16).toBe(device.features.has('shader-f16'));
    expect(timestamps).toBe(device.features.has('timestamp-query'));
    if (mask.defaultLimits) expect(device.limits.maxBufferSize).toBe(2 ** 28);
    // More is never asked for, but for buffers to read back through.
    expect(device.limits.maxStorageBufferBindingSize).toBe(2 ** 27);
    expect(device.limits.maxStorageBuffersPerShaderStage).toBeLessThanOrEqual(10);
  });

  test('every kernel is understood, however its vectors are stored', async () => {
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

  test('attention is the core’s; 16-bit vectors are refused where they cannot be', async () => {
    const open = await openMasked(mask);
    const { settings, input } = small;
    const context = new Context(open);
    const lsh = new LshAttention(context, input.shape, settings);
    lsh.upload(input);
    const timings = await lsh.run();
    expect([...timings.keys()]).toEqual(['hash', 'sort', 'attend']);
    const { out } = coreWithSameBuckets(input, settings, await context.read(lsh.buckets));
    expect(relativeError(unpadded(await context.read(lsh.out), input.shape.d), out)).toBeLessThan(1e-5);
    const asHalves = () => new LshAttention(context, input.shape, settings, { storage: 'f16' });
    if (open.f16) asHalves();
    else expect(asHalves).toThrow(InputError);
    expect(open.errors).toEqual([]);
  });

  test('the curve and the gradients are the core’s', async () => {
    const open = await openMasked(mask);
    const { settings, input } = small;
    const engine = new GpuEngine(open);
    await engine.compute({
      vectors: input as unknown as Vectors,
      settings,
      rotations: input.rotations as Float32Array,
    });
    const { points } = (await engine.curve()).curve;
    const core = roundsCurve(input, settings);
    for (const [k, { error }] of points.entries()) expect(error).toBeCloseTo(core[k].error, 4);

    const draw = random(5);
    const gradOut = Float32Array.from(input.qk, () => draw.normal());
    const backward = new Backward(engine.lsh);
    backward.upload(gradOut);
    await backward.run();
    const { qk, v } = await backward.read();
    const { buckets } = coreWithSameBuckets(input, settings, await engine.context.read(engine.lsh.buckets));
    const wanted = lshGradients({ ...input, buckets }, settings, gradOut);
    expect(relativeError(qk, wanted.qk)).toBeLessThan(1e-4);
    expect(relativeError(v, wanted.v)).toBeLessThan(1e-4);
    expect(open.errors).toEqual([]);
  });

  test('the first steps of training are the core’s', async () => {
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
