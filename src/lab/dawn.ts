import { create, globals } from 'webgpu';
import { Context } from '../gpu/context';
import { openDevice } from '../gpu/device';

/**
 * A context on Dawn, WebGPU for Node, that computes as on a GPU even on a software device: a long run forgives a long compilation.
 * @throws Error in one sentence if there is no adapter.
 */
export async function dawnContext(): Promise<Context> {
  const open = await openDevice(dawn());
  if (!open) throw new Error('No WebGPU adapter was found; install a Vulkan driver, or Chromium, which brings one.');
  return new Context({ ...open, software: false });
}

/** Kernels fill what they read of workgroup memory; having it cleared first is most of what they take to compile. */
const dawnToggles = ['enable-dawn-features=disable_workgroup_init'];

/** Dawn's object must outlive everything made from it: were it collected, the process would crash. */
function dawn(): GPU {
  const home = globalThis as { dawn?: GPU };
  if (!home.dawn) Object.assign(globalThis, globals, { dawn: create(dawnToggles) });
  return home.dawn as GPU;
}
