/** Checks of properties of readers: they take or reject any input, within limits of time and memory. */

import fc from 'fast-check';
import { afterAll, expect } from 'vitest';
import { InputError } from '../../src/shared/errors';

/** Cases of all properties together. `npm run fuzz` sets more than `npm test`. */
const cases = Number(process.env.FUZZ_CASES ?? 2000);
const seed = Number(process.env.FUZZ_SEED ?? 1);

/** Properties in this folder, which share the cases; tests/hostile/count.test.ts counts them. */
export const properties = 27;

/** Most milliseconds of CPU time for one case. CPU time excludes other processes. */
const longest = 1000;

/** Bytes that reading may take beside the part that grows with the file. */
const fixedBytes = 24 * 2 ** 20;

let ran = 0;
/** Largest measurements of all cases of this test file, in milliseconds and bytes. */
const most = { time: 0, arrays: 0, beyond: 0 };
afterAll(() => {
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  if (ran) console.log(`${ran} hostile cases, seed ${seed}`);
  console.log(
    `the slowest took ${most.time.toFixed(0)} ms; most that was allocated in arrays ${mebibytes(most.arrays)}, beyond its share ${mebibytes(Math.max(0, most.beyond))}`,
  );
});

/** Checks a property for this folder's share of cases. */
export function property<T>(of: fc.Arbitrary<T>, check: (value: T) => void): void {
  const numRuns = Math.ceil(cases / properties);
  fc.assert(
    fc.property(of, (value) => {
      ran++;
      check(value);
    }),
    { numRuns, seed, endOnFailure: numRuns > 1000 },
  );
}

const prototypes = [Object, Array, Map, Set, Function, String, Number, Promise, Uint8Array, Float32Array]
  .flatMap(({ prototype }) => [prototype as object, Object.getPrototypeOf(prototype) as object | null])
  .filter((prototype) => prototype !== null);
/** All properties of the prototypes: names, values, getters and setters. */
const prototypeProperties = () =>
  prototypes.flatMap((prototype) =>
    Reflect.ownKeys(prototype).flatMap((name) => {
      const { value, get, set } = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
      return [name, value, get, set];
    }),
  );
const originalProperties = prototypeProperties();

const arrayTypes = [
  'ArrayBuffer',
  ...['Int8', 'Uint8', 'Int16', 'Uint16', 'Int32', 'Uint32', 'Float32', 'Float64'].map((type) => `${type}Array`),
] as const;

/** Runs `work` and counts the bytes of all buffers and typed arrays that it constructs or copies, garbage included. */
function allocated<T>(work: () => T): { value: T; bytes: number } {
  const scope = globalThis as unknown as Record<string, new (...args: never[]) => ArrayBufferLike & ArrayBufferView>;
  const constructors = new Map(arrayTypes.map((name) => [name, scope[name]]));
  let bytes = 0;
  // Copies by slice() do not call the patched constructors, so slice() is patched too.
  const copiers = [ArrayBuffer.prototype, Object.getPrototypeOf(Uint8Array.prototype)] as { slice: unknown }[];
  const slices = copiers.map(({ slice }) => slice as (...args: unknown[]) => { byteLength: number });
  copiers.forEach((copier, k) => {
    copier.slice = function (this: unknown, ...args: unknown[]) {
      const copy = slices[k].apply(this, args);
      bytes += copy.byteLength;
      return copy;
    };
  });
  for (const [name, type] of constructors) {
    scope[name] = new Proxy(type, {
      construct(target, args, newTarget) {
        const array = Reflect.construct(target, args, newTarget);
        // A view of an existing buffer allocates nothing.
        if (!(args[0] instanceof ArrayBuffer)) bytes += array.byteLength;
        return array;
      },
    });
  }
  try {
    const value = work();
    return { value, bytes };
  } finally {
    for (const [name, type] of constructors) scope[name] = type;
    copiers.forEach((copier, k) => {
      copier.slice = slices[k];
    });
  }
}

/**
 * Returns the result of `read`, or undefined if it rejects with an InputError of one short sentence. Fails for any other error, for a
 * second of CPU time, for a changed prototype, and for more than `bytes` (plus a fixed part) allocated in arrays or left on the heap.
 */
export function accepted<T>(read: () => T, bytes = 0): T | undefined {
  const before = process.memoryUsage();
  const start = process.cpuUsage();
  let value: T | undefined;
  const { bytes: arrays } = allocated(() => {
    try {
      value = read();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      expectSentence(error.message);
    }
  });
  const { user, system } = process.cpuUsage(start);
  const time = (user + system) / 1000;
  expect(time).toBeLessThan(longest);
  expect(arrays).toBeLessThan(bytes + fixedBytes);
  most.time = Math.max(most.time, time);
  most.arrays = Math.max(most.arrays, arrays);
  most.beyond = Math.max(most.beyond, arrays - bytes);
  const after = process.memoryUsage();
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(bytes + fixedBytes);
  expect(after.heapUsed - before.heapUsed).toBeLessThan(bytes + fixedBytes);
  const now = prototypeProperties();
  expect(
    now.length === originalProperties.length && now.every((part, k) => Object.is(part, originalProperties[k])),
    'the prototypes are as before',
  ).toBe(true);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  return value;
}

/** Expects one sentence for people: one line of 10 to 400 characters that ends with a full stop. */
export function expectSentence(words: string): void {
  expect(words).toMatch(/^[^\p{Cc}\u2028\u2029]{10,400}\.$/u);
  expect(words).not.toMatch(/\[object|undefined/);
}
