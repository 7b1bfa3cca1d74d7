import { afterAll, expect, test } from 'vitest';
import { defaultTask } from '../../src/algorithm/duplication-task';
import { Context } from '../../src/gpu/runtime/context';
import { memoryOf } from '../../src/model/memory';
import { measureDrift } from '../../src/training/reconstruction';
import { Trainer } from '../../src/training/trainer';
import { openTested } from './context';

// The counter wraps WebGPU's own functions, so it knows nothing of the ledger. Other tests shall have them as they were.
const prototypes = Object.getOwnPropertyNames(globalThis)
  .filter((name) => name.startsWith('GPU'))
  .flatMap((name) => Reflect.get(globalThis, name).prototype ?? []);
const originals = prototypes.map((prototype) => Object.getOwnPropertyDescriptors(prototype));
const { getWebGPUMemoryUsage } = await import('webgpu-memory');
const open = await openTested();
const context = new Context(open);
afterAll(() => {
  open.device.destroy();
  for (const [i, prototype] of prototypes.entries()) Object.defineProperties(prototype, originals[i]);
});

const counted = () => {
  const { memory, resources } = getWebGPUMemoryUsage(open.device);
  return { bytes: (memory as { buffer: number }).buffer, buffers: (resources as { buffer: number }).buffer };
};

test.each(['reversible', 'stored'] as const)(
  '%s: the ledger is what an independent counter counts, at every step',
  async (mode) => {
    const task = { ...defaultTask, length: 16, symbols: 7, width: 16, heads: 2, layers: 2, batch: 4, rounds: 2 };
    const own = context.createSibling();
    const before = counted();
    const ledger = () => ({
      bytes: before.bytes + own.ledger.live,
      buffers: before.buffers + own.ledger.list().length,
    });
    const trainer = new Trainer(own, task, mode);
    expect(counted()).toEqual(ledger());
    expect(own.ledger.live).toBeGreaterThan(100_000);
    for (let step = 0; step < 3; step++) {
      await trainer.train();
      expect(counted()).toEqual(ledger());
      await trainer.history(1);
      expect(counted()).toEqual(ledger());
    }
    const parts = memoryOf(own.ledger);
    expect(Object.values(parts).reduce((a, b) => a + b)).toBe(own.ledger.peak);
    if (mode === 'reversible') expect(parts.bucketIdBytes).toBe(2 * 4 * 4 * 2 * 2 * 16);
    // Evaluation and drift take memory of their own, and give it back.
    await measureDrift(trainer);
    expect(counted()).toEqual(ledger());
    await trainer.evaluate(4);
    expect(counted()).toEqual(ledger());
    trainer.free();
    expect(counted()).toEqual(before);
  },
);
