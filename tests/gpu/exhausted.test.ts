import { describe, expect, test } from 'vitest';
import { defaultTask } from '../../src/algorithm/duplication-task';
import { rotations } from '../../src/algorithm/hash';
import { twins } from '../../src/algorithm/inputs';
import { presets, type Settings } from '../../src/algorithm/settings';
import { Backward } from '../../src/gpu/attention/backward';
import { GpuEngine } from '../../src/gpu/gpu-engine';
import { InputError } from '../../src/shared/errors';
import { measureDrift } from '../../src/training/reconstruction';
import { Trainer } from '../../src/training/trainer';
import { outOfMemory } from '../support/out-of-memory';
import { openTested } from './context';

/** Makes buffer number `failAt` of a device run out of memory: the buffer is invalid, and its error scope reports the error. */
function makeExhaustible(device: GPUDevice): { createdCount: number; failAt: number } {
  const state = { createdCount: 0, failAt: 0 };
  const { createBuffer, popErrorScope } = device;
  let isOut = false;
  device.createBuffer = (descriptor) => {
    if (++state.createdCount !== state.failAt) return createBuffer.call(device, descriptor);
    isOut = true;
    device.pushErrorScope('validation');
    // WebGPU allows no buffer that can be both mapped and bound.
    const invalid = createBuffer.call(device, {
      ...descriptor,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE,
    });
    void popErrorScope.call(device);
    return invalid;
  };
  device.popErrorScope = () => {
    const popped = popErrorScope.call(device);
    if (!isOut) return popped;
    isOut = false;
    return popped.then(() => new GPUOutOfMemoryError('injected'));
  };
  return state;
}

async function openExhaustible() {
  const open = await openTested();
  const errors: string[] = [];
  open.device.addEventListener('uncapturederror', (event) =>
    errors.push((event as GPUUncapturedErrorEvent).error.message),
  );
  return { open, errors, memory: makeExhaustible(open.device) };
}

async function expectExhausted(work: () => Promise<unknown>): Promise<void> {
  const error = await work().then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toMatch(outOfMemory);
}

describe('when memory runs out at any one buffer', () => {
  test('attention rejects with one sentence, the job before can be computed again, and no memory is left over', async () => {
    const { open, errors, memory } = await openExhaustible();
    const engine = new GpuEngine(open);
    const makeJob = (n: number, changes: Pick<Settings, 'rounds' | 'factors'>) => {
      const settings: Settings = { ...presets.paper, lookBack: 1, lookAhead: 0, causal: true, chunk: 8, ...changes };
      const vectors = twins({ heads: 1, n, d: 8 }, { seed: 1, noise: 0.3, length: 3 });
      return { vectors, settings, rotations: rotations(vectors.shape, settings, 1) };
    };
    const small = makeJob(48, { rounds: 2, factors: [8] });
    const large = makeJob(80, { rounds: 3, factors: [4, 4] });
    const computeAll = async ({ vectors, settings, rotations }: typeof small) => {
      await engine.compute({ vectors, settings, rotations });
      const count = Math.min(40, vectors.shape.n);
      const sizes = await engine.bucketSizes(0);
      const token = await engine.token(0, 17);
      await engine.placementOf(0, [1, 2]);
      await engine.matrix({ head: 0, start: 0, count, each: 1, sortedBy: undefined, onlyRound: undefined });
      await engine.flows(0, { start: 0, first: 0, span: engine.drawnTokens + 1 });
      const flows = await engine.context.read(engine.flowCounts);
      // Many tokens a cell are drawn as densities.
      await engine.matrix({ head: 0, start: 0, count: 4, each: 12, sortedBy: undefined, onlyRound: undefined });
      const { curve } = await engine.curve();
      const outputs = await engine.outputs();
      const full = await engine.full();
      const backward = new Backward(engine.lsh);
      backward.upload(outputs.out);
      await backward.run();
      const gradients = await backward.read();
      engine.context.releaseRetired();
      return { sizes, token, flows, curve, outputs, full, gradients };
    };
    // The first run compiles kernels and creates staging buffers.
    await computeAll(large);
    const expected = await computeAll(small);
    const { live } = engine.memory();
    const before = memory.createdCount;
    await computeAll(large);
    const count = memory.createdCount - before;
    expect(count).toBeGreaterThan(20);
    for (let k = 1; k <= count; k++) {
      expect(await computeAll(small)).toEqual(expected);
      expect(engine.memory().live, `before buffer ${k}`).toBe(live);
      memory.failAt = memory.createdCount + k;
      await expectExhausted(() => computeAll(large));
      expect(memory.createdCount).toBeGreaterThanOrEqual(memory.failAt);
    }
    expect(await computeAll(small)).toEqual(expected);
    expect(engine.memory().live).toBe(live);
    engine.free();
    expect(engine.memory().live).toBe(0);
    expect(errors).toEqual([]);
    open.device.destroy();
  });

  test('training rejects with one sentence, frees everything, and takes the same steps again from the same start', async () => {
    const { open, errors, memory } = await openExhaustible();
    const engine = new GpuEngine(open);
    const task = { ...defaultTask, length: 16, layers: 1, batch: 2 };
    const train = async () => {
      const context = engine.context.createSibling();
      const trainer = new Trainer(context, task, 'reversible', 1);
      try {
        for (let step = 0; step < 2; step++) await trainer.train();
        await trainer.snapshot();
        const scores = [await trainer.evaluate(0, 4), await trainer.evaluate(2, 4)];
        return { history: await trainer.history(2), drift: await measureDrift(trainer), scores };
      } finally {
        trainer.free();
        expect(context.ledger.live).toBe(0);
      }
    };
    const expected = await train();
    const before = memory.createdCount;
    await train();
    const count = memory.createdCount - before;
    expect(count).toBeGreaterThan(20);
    for (let k = 1; k <= count; k++) {
      memory.failAt = memory.createdCount + k;
      await expectExhausted(train);
    }
    expect(await train()).toEqual(expected);
    expect(errors).toEqual([]);
    open.device.destroy();
  });
});

test('a lost device rejects work, and compiles nothing any more', async () => {
  const { open } = await openExhaustible();
  const { context } = new GpuEngine(open);
  const task = { ...defaultTask, length: 16, layers: 1, batch: 2 };
  const trainer = new Trainer(context.createSibling(), task, 'reversible');
  open.device.destroy();
  await open.lost;
  await expect(trainer.train()).rejects.toThrow('The device is lost.');
  expect(context.kernels.count).toBe(0);
});
