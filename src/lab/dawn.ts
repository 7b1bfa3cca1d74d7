import { create, globals } from 'webgpu';
import { Context } from '../gpu/runtime/context';
import { openDevice } from '../gpu/runtime/device';

/**
 * A context on Dawn, WebGPU for Node, that computes as on a GPU even on a software device: a long run forgives a long compilation.
 * @throws Error in one sentence if there is no adapter.
 */
export async function dawnContext(): Promise<Context> {
  const open = await openDevice(dawn());
  if (!open) throw new Error('No WebGPU adapter was found; install a Vulkan driver, or Chromium, which brings one.');
  if (open.software) pollRarely();
  return new Context({ ...open, software: false });
}

/**
 * Dawn looks for what is finished at every turn of the event loop, which takes a whole processor, and a software device computes on
 * processors: from now on it looks once a millisecond.
 */
export function pollRarely(): void {
  const { setImmediate: soon } = globalThis;
  const later = (look: (...given: unknown[]) => void, ...given: unknown[]) => setTimeout(look, 1, ...given);
  globalThis.setImmediate = Object.assign(later, soon) as unknown as typeof setImmediate;
}

/**
 * Kernels fill what they read of workgroup memory; having it cleared first is most of what they take to compile. The clock of the device
 * is not made coarse, as browsers do against those who spy.
 */
const dawnToggles = ['enable-dawn-features=disable_workgroup_init', 'disable-dawn-features=timestamp_quantization'];

/** Dawn's object must outlive everything made from it: were it collected, the process would crash. */
export function dawn(): GPU {
  const home = globalThis as { dawn?: GPU };
  if (!home.dawn) Object.assign(globalThis, globals, { dawn: create(dawnToggles) });
  return home.dawn as GPU;
}
