import { afterAll, expect, test } from 'vitest';
import { defaultTask } from '../../src/algorithm/duplication-task';
import { Context } from '../../src/gpu/runtime/context';
import { memoryOf } from '../../src/model/memory';
import { measureDrift } from '../../src/training/reconstruction';
import { Trainer } from '../../src/training/trainer';
import { openTested } from './context';

// The counter wraps the functions of WebGPU, independent of the ledger. They are restored for other tests.
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

const countMemory = () => {
  const { memory, resources } = getWebGPUMemoryUsage(open.device);
  return { bytes: (memory as { buffer: number }).buffer, buffers: (resources as { buffer: number }).buffer };
};

test.each(['reversible', 'stored'] as const)(
  'in mode %s the ledger agrees with an independent counter after every step',
  async (mode) => {
    const task = { ...defaultTask, length: 16, symbols: 7, width: 16, heads: 2, layers: 2, batch: 4, rounds: 2 };
    const sibling = context.createSibling();
    const before = countMemory();
    const ledger = () => ({
      bytes: before.bytes + sibling.ledger.live,
      buffers: before.buffers + sibling.ledger.list().length,
    });
    const trainer = new Trainer(sibling, task, mode);
    expect(countMemory()).toEqual(ledger());
    expect(sibling.ledger.live).toBeGreaterThan(100_000);
    for (let step = 0; step < 3; step++) {
      await trainer.train();
      expect(countMemory()).toEqual(ledger());
      await trainer.history(1);
      expect(countMemory()).toEqual(ledger());
    }
    const parts = memoryOf(sibling.ledger);
    expect(Object.values(parts).reduce((a, b) => a + b)).toBe(sibling.ledger.peak);
    if (mode === 'reversible') expect(parts.bucketIdBytes).toBe(2 * 4 * 4 * 2 * 2 * 16);
    // Evaluation and the reconstruction error take their own memory and free it.
    await measureDrift(trainer);
    expect(countMemory()).toEqual(ledger());
    await trainer.evaluate(4);
    expect(countMemory()).toEqual(ledger());
    trainer.free();
    expect(countMemory()).toEqual(before);
  },
);
