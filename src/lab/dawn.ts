/** Opens a GPU in Node through Dawn, Chromium's implementation of WebGPU. */

import { create, globals } from 'webgpu';
import { Context } from '../gpu/runtime/context';
import { openDevice } from '../gpu/runtime/device';

/**
 * A context on Dawn. A software device gets the kernels of a GPU too: they compile slowly and run fast, which pays off in a long run.
 * @throws Error in one sentence if there is no adapter.
 */
export async function dawnContext(): Promise<Context> {
  const open = await openDevice(dawn());
  if (!open) throw new Error('No WebGPU adapter was found; install a Vulkan driver, or Chromium, which brings one.');
  if (open.software) pollRarely();
  return new Context({ ...open, software: false });
}

/**
 * Makes Dawn poll for finished work once a millisecond. By default it polls in every turn of the event loop, which occupies a whole CPU
 * core that a software device needs for computing.
 */
export function pollRarely(): void {
  const { setImmediate: soon } = globalThis;
  const later = (poll: (...args: unknown[]) => void, ...args: unknown[]) => setTimeout(poll, 1, ...args);
  globalThis.setImmediate = Object.assign(later, soon) as unknown as typeof setImmediate;
}

/**
 * Workgroup memory is not cleared: kernels write what they read, and clearing takes most of their compile time. Timestamps keep their full
 * resolution, which browsers coarsen against timing attacks.
 */
const dawnToggles = ['enable-dawn-features=disable_workgroup_init', 'disable-dawn-features=timestamp_quantization'];

/** The one Dawn instance of this process. It must outlive everything made from it: if it is garbage collected, the process crashes. */
export function dawn(): GPU {
  const scope = globalThis as { dawn?: GPU };
  if (!scope.dawn) Object.assign(globalThis, globals, { dawn: create(dawnToggles) });
  return scope.dawn as GPU;
}
