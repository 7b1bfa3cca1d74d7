import type { Traffic } from '../src/gpu/bench';

/** Counts what `work` asks of the devices whose interfaces `classes` are, WebGPU's as the package webgpu has them in `globals`. */
export function watchTraffic(classes: object): (work: () => Promise<unknown>) => Promise<Traffic>;
