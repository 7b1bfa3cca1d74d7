import fc from 'fast-check';
import { afterAll, expect } from 'vitest';
import { InputError } from '../../src/shared/errors';

/** Cases of all properties together: `npm run fuzz` asks for more than `npm test`. */
const cases = Number(process.env.FUZZ_CASES ?? 2000);
const seed = Number(process.env.FUZZ_SEED ?? 1);

/** Properties in this folder, which share the cases; tests/hostile/count.test.ts counts them. */
export const properties = 22;

/** Longest time that one case may take, in milliseconds of the processor's: what else runs on the machine does not count. */
const longest = 1000;

/** What reading may take of memory, beside the part that grows with the file. */
const smallChange = 24 * 2 ** 20;

let ran = 0;
/** Of all cases of this file, in milliseconds and bytes. */
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
/** What hangs on each: names, and the functions or values behind them. */
const hanging = () =>
  prototypes.flatMap((prototype) =>
    Reflect.ownKeys(prototype).flatMap((name) => {
      const { value, get, set } = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
      return [name, value, get, set];
    }),
  );
const untouched = hanging();

const arrayTypes = [
  'ArrayBuffer',
  ...['Int8', 'Uint8', 'Int16', 'Uint16', 'Int32', 'Uint32', 'Float32', 'Float64'].map((type) => `${type}Array`),
] as const;

/** What `work` returns, and the bytes of all buffers and typed arrays that it makes by a constructor or as copies, garbage included. */
function allocated<T>(work: () => T): { value: T; bytes: number } {
  const home = globalThis as unknown as Record<string, new (...given: never[]) => ArrayBufferLike & ArrayBufferView>;
  const own = new Map(arrayTypes.map((name) => [name, home[name]]));
  let bytes = 0;
  // Copies are made by the constructors that were there.
  const copiers = [ArrayBuffer.prototype, Object.getPrototypeOf(Uint8Array.prototype)] as { slice: unknown }[];
  const slices = copiers.map(({ slice }) => slice as (...given: unknown[]) => { byteLength: number });
  copiers.forEach((copier, k) => {
    copier.slice = function (this: unknown, ...given: unknown[]) {
      const made = slices[k].apply(this, given);
      bytes += made.byteLength;
      return made;
    };
  });
  for (const [name, type] of own) {
    home[name] = new Proxy(type, {
      construct(target, given, newTarget) {
        const made = Reflect.construct(target, given, newTarget);
        // A view of a buffer that was there takes nothing.
        if (!(given[0] instanceof ArrayBuffer)) bytes += made.byteLength;
        return made;
      },
    });
  }
  try {
    const value = work();
    return { value, bytes };
  } finally {
    for (const [name, type] of own) home[name] = type;
    copiers.forEach((copier, k) => {
      copier.slice = slices[k];
    });
  }
}

/**
 * What `read` returns, or undefined where it refused with an InputError of one short sentence. Any other error fails, as do a second of
 * time, a prototype that was touched, and memory beyond `bytes`: all that is allocated in arrays meanwhile, and what is left on the heap.
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
  expect(arrays).toBeLessThan(bytes + smallChange);
  most.time = Math.max(most.time, time);
  most.arrays = Math.max(most.arrays, arrays);
  most.beyond = Math.max(most.beyond, arrays - bytes);
  const after = process.memoryUsage();
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(bytes + smallChange);
  expect(after.heapUsed - before.heapUsed).toBeLessThan(bytes + smallChange);
  const now = hanging();
  expect(now.length === untouched.length && now.every((part, k) => Object.is(part, untouched[k]))).toBe(true);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  return value;
}

/** One sentence for people: a line, not long, that ends. */
export function expectSentence(words: string): void {
  expect(words).toMatch(/^[^\p{Cc}\u2028\u2029]{10,400}\.$/u);
  expect(words).not.toMatch(/\[object|undefined/);
}
