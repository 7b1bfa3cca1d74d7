import { afterAll } from 'vitest';
import { Context } from '../../src/gpu/context';
import { openDevice } from '../../src/gpu/device';

/**
 * A context of its own for a test file, which fails if the device reports an error nobody caught. In Node
 * attention is cut into the blocks that a GPU gets, whatever the adapter; in a browser into those of the adapter.
 * @throws without an adapter.
 */
export async function testContext(): Promise<Context> {
  const open = await openDevice(navigator.gpu);
  if (!open) throw new Error('no WebGPU adapter: nothing was tested');
  const errors: string[] = [];
  open.device.addEventListener('uncapturederror', (event) =>
    errors.push((event as GPUUncapturedErrorEvent).error.message),
  );
  afterAll(async () => {
    await open.device.queue.onSubmittedWorkDone();
    open.device.destroy();
    if (errors.length) throw new Error(`the device reported: ${errors.join('\n')}`);
  });
  return new Context({ ...open, software: open.software && typeof window !== 'undefined' });
}
