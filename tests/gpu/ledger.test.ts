import { expect, test } from 'vitest';
import { Ledger } from '../../src/gpu/runtime/ledger';
import { InputError } from '../../src/shared/errors';
import { openTested, testContext } from './context';

const { device } = await testContext();

test('counts live and largest bytes and all resources, as buffers and textures come and go', async () => {
  const ledger = new Ledger(device);
  expect([ledger.live, ledger.peak, ledger.created, ledger.list()]).toEqual([0, 0, 0, []]);
  const qk = ledger.buffer('qk', 4000, GPUBufferUsage.STORAGE);
  const odd = ledger.buffer('odd', 21, GPUBufferUsage.STORAGE);
  const tiny = ledger.buffer('tiny', 1, GPUBufferUsage.UNIFORM);
  const cells = ledger.texture('cells', 32, GPUTextureUsage.COPY_DST);
  // A multiple of 4 bytes and at least 16; a texel has 4.
  expect([qk.size, odd.size, tiny.size, cells.width, cells.height]).toEqual([4000, 24, 16, 32, 32]);
  const sum = 4000 + 24 + 16 + 32 * 32 * 4;
  expect([ledger.live, ledger.peak, ledger.created]).toEqual([sum, sum, 4]);
  expect(ledger.list()).toEqual([
    { label: 'cells', bytes: 4096 },
    { label: 'qk', bytes: 4000 },
    { label: 'odd', bytes: 24 },
    { label: 'tiny', bytes: 16 },
  ]);
  ledger.destroy(qk);
  ledger.destroy(cells);
  expect([ledger.live, ledger.peak, ledger.created]).toEqual([40, sum, 4]);
  expect(ledger.list().map(({ label }) => label)).toEqual(['odd', 'tiny']);
  expect([qk, odd, cells].map((resource) => ledger.has(resource))).toEqual([false, true, false]);
  const next = ledger.buffer('next', 100, GPUBufferUsage.STORAGE);
  expect([ledger.live, ledger.peak, ledger.created]).toEqual([140, sum, 5]);
  for (const buffer of [odd, tiny, next]) ledger.destroy(buffer);
  expect([ledger.live, ledger.list()]).toEqual([0, []]);
  await ledger.check();
});

test('destroy throws for a buffer that was destroyed before or created elsewhere, and changes no count', () => {
  const [ledger, other] = [new Ledger(device), new Ledger(device)];
  const buffer = ledger.buffer('qk', 64, GPUBufferUsage.STORAGE);
  const sentence = 'qk is not in the ledger: it was destroyed before, or created elsewhere.';
  expect(() => other.destroy(buffer)).toThrow(sentence);
  ledger.destroy(buffer);
  expect(() => ledger.destroy(buffer)).toThrow(sentence);
  expect([ledger.live, other.live]).toEqual([0, 0]);
});

test('check throws the first error of watched work once', async () => {
  const ledger = new Ledger(device);
  const buffer = ledger.buffer('qk', 64, GPUBufferUsage.COPY_DST);
  const write = (bytes: number) => device.queue.writeBuffer(buffer, 0, new Uint8Array(bytes));
  ledger.watched(() => write(64));
  await ledger.check();
  ledger.watched(() => write(68));
  ledger.watched(() => device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE }));
  await expect(ledger.check()).rejects.toThrow(/68/);
  await ledger.check();
  ledger.destroy(buffer);
});

test('check names the buffer for which the device has no memory, and the ledger forgets it', async () => {
  const open = await openTested();
  const ledger = new Ledger(open.device);
  const kept = ledger.buffer('kept', 64, GPUBufferUsage.STORAGE);
  const { popErrorScope } = open.device;
  open.device.popErrorScope = () => popErrorScope.call(open.device).then(() => new GPUOutOfMemoryError('injected'));
  const lost = ledger.buffer('qk', 2 ** 20 + 4, GPUBufferUsage.STORAGE);
  open.device.popErrorScope = popErrorScope;
  const error = await ledger.check().catch((reason: unknown) => reason);
  expect(error).toEqual(new InputError('The device has no memory for qk, 2 MiB.'));
  expect(error).toBeInstanceOf(InputError);
  expect([ledger.has(lost), ledger.has(kept), ledger.live, ledger.created]).toEqual([false, true, 64, 2]);
  await ledger.check();
  open.device.destroy();
});

test('check throws once the device is lost', async () => {
  const open = await openTested();
  const ledger = new Ledger(open.device);
  await ledger.check();
  open.device.destroy();
  await open.lost;
  await expect(ledger.check()).rejects.toThrow('The device is lost.');
  expect(() => ledger.checkDevice()).toThrow('The device is lost.');
});
