import { dawn, pollRarely } from '../../src/lab/dawn';
import { masked } from '../gpu/masks';

pollRarely();

// Node has a navigator from version 21 on; older versions get one.
if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
// `HIDDEN=subgroups,limits npm test -- gpu-node` runs all tests on a device without these features and limits.
const hidden = process.env.HIDDEN?.split(',') ?? [];
const value = hidden.length ? masked(dawn(), { hidden, defaultLimits: hidden.includes('limits') }) : dawn();
Object.defineProperty(globalThis.navigator, 'gpu', { value, configurable: true });

// Each GPU project must run on its own driver.
const expected = process.env.DRIVER;
if (expected) {
  const adapter = await navigator.gpu.requestAdapter();
  const name = `${adapter?.info.vendor} ${adapter?.info.description}`;
  if (!new RegExp(expected).test(name)) throw new Error(`The driver must match ${expected}, but is ${name}.`);
}
