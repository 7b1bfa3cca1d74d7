import type { Traffic } from '../src/gpu/bench';

/** Patches WebGPU's interfaces (`globals` of the package webgpu). The result runs `work` and counts its dispatches and bound bytes. */
export function watchTraffic(classes: object): (work: () => Promise<unknown>) => Promise<Traffic>;
