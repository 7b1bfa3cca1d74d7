import { dawn, pollRarely } from '../../src/lab/dawn';
import { masked } from '../gpu/masks';

pollRarely();

// Node has a navigator of its own from version 21 on.
if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
// HIDDEN=subgroups,limits npm test -- gpu-node: all tests on a device without these.
const hidden = process.env.HIDDEN?.split(',') ?? [];
const value = hidden.length ? masked(dawn(), { hidden, defaultLimits: hidden.includes('limits') }) : dawn();
Object.defineProperty(globalThis.navigator, 'gpu', { value, configurable: true });

// Two projects are two drivers only where each got its own.
const expected = process.env.DRIVER;
if (expected) {
  const adapter = await navigator.gpu.requestAdapter();
  const name = `${adapter?.info.vendor} ${adapter?.info.description}`;
  if (!new RegExp(expected).test(name)) throw new Error(`the driver is to be ${expected}, and is ${name}`);
}
