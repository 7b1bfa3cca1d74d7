import { create, globals } from 'webgpu';

const gpu = create([]);

// Dawn crashes the process if this object is collected while devices live: a global keeps it.
Object.assign(globalThis, globals, { dawn: gpu });

// Node has a navigator of its own from version 21 on.
if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
