import { create, globals } from 'webgpu';

// Kernels fill what they read of workgroup memory: here, unlike in a browser, nothing clears it before.
const gpu = create(['enable-dawn-features=disable_workgroup_init']);

// Dawn crashes the process if this object is collected while devices live: a global keeps it.
Object.assign(globalThis, globals, { dawn: gpu });

// Node has a navigator of its own from version 21 on.
if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
