import fc from 'fast-check';
import { afterAll, expect } from 'vitest';
import { InputError } from '../../src/core/errors';

/** Cases of all properties together: `npm run fuzz` asks for more than `npm test`. */
const cases = Number(process.env.FUZZ_CASES ?? 2000);
const seed = Number(process.env.FUZZ_SEED ?? 1);

/** Properties in this folder, which share the cases; tests/hostile/count.test.ts counts them. */
export const properties = 21;

/** Longest time that one case may take, in milliseconds of the processor's: what else runs on the machine does not count. */
const longest = 1000;

/** What reading may take of memory, beside the part that grows with the file. */
const smallChange = 24 * 2 ** 20;

let ran = 0;
afterAll(() => {
  if (ran) console.log(`${ran.toLocaleString('en')} hostile cases, seed ${seed}`);
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

/**
 * What `read` returns, or undefined where it refused with an InputError of one short sentence. Any other error fails, as do a second of
 * time, a prototype that was touched, and memory beyond `bytes`.
 */
export function accepted<T>(read: () => T, bytes = 0): T | undefined {
  const before = process.memoryUsage();
  const start = process.cpuUsage();
  let value: T | undefined;
  try {
    value = read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expectSentence(error.message);
  }
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1000).toBeLessThan(longest);
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
