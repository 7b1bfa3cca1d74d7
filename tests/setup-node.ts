import { dawn, lookRarely } from '../src/lab/dawn';

lookRarely();

// Node has a navigator of its own from version 21 on.
if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
Object.defineProperty(globalThis.navigator, 'gpu', { value: dawn(), configurable: true });
