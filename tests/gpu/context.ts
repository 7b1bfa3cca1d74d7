import { afterAll } from 'vitest';
import { GpuEngine } from '../../src/gpu/gpu-engine';
import { Context } from '../../src/gpu/runtime/context';
import { type OpenDevice, openDevice } from '../../src/gpu/runtime/device';
import { Kernels } from '../../src/gpu/runtime/kernels';

/**
 * One device for all test files of a project, so that each kernel is compiled once. On a software adapter compiling takes most of the
 * time.
 */
let shared: Promise<{ open: OpenDevice; kernels: Kernels }> | undefined;

async function openKernels() {
  const open = await openTested();
  return { open, kernels: new Kernels(open.device) };
}

/** Opens a new device. @throws Error without an adapter */
export async function openTested(): Promise<OpenDevice> {
  const open = await openDevice(navigator.gpu);
  if (!open) throw new Error('no WebGPU adapter was found, so nothing was tested');
  return open;
}

/** The shared device for a test file. The file fails if the device reports an uncaptured error. */
async function testDevice() {
  shared ??= openKernels();
  const { open, kernels } = await shared;
  const errors: string[] = [];
  const note = (event: Event) => errors.push((event as GPUUncapturedErrorEvent).error.message);
  open.device.addEventListener('uncapturederror', note);
  afterAll(async () => {
    await open.device.queue.onSubmittedWorkDone();
    open.device.removeEventListener('uncapturederror', note);
    if (errors.length) throw new Error(`the device reported: ${errors.join('\n')}`);
  });
  return { open, kernels };
}

/**
 * A context for a test file, freed at its end. In Node attention has the block sizes of a GPU on every adapter, in a browser those of the
 * adapter. With `ownKernels` it shares no compiled kernels, for tests that count them. @throws Error without an adapter
 */
export async function testContext({ ownKernels = false } = {}): Promise<Context> {
  const { open, kernels } = await testDevice();
  const software = open.software && typeof window !== 'undefined';
  const context = new Context({ ...open, software }, ownKernels ? new Kernels(open.device) : kernels);
  afterAll(() => context.free());
  return context;
}

/** The page's engine for a test file, on the shared device. @throws Error without an adapter */
export async function testEngine(): Promise<GpuEngine> {
  const { open, kernels } = await testDevice();
  const engine = new GpuEngine(open, new Context(open, kernels));
  afterAll(() => engine.free());
  return engine;
}
