/** A function that remembers its last result. */
export interface Memo<A extends unknown[], T> {
  (...args: A): T;
  /** Forgets the last result. */
  forget(): void;
}

/**
 * Remembers the last result of a function by a key of its arguments: the same key in a row returns the same result. A promise that rejects is
 * forgotten, so that the next call computes again.
 */
export function memo<A extends unknown[], T>(keyOf: (...args: A) => unknown, compute: (...args: A) => T): Memo<A, T> {
  let last: { key: unknown; value: T } | undefined;
  const remember = (...args: A): T => {
    const key = keyOf(...args);
    if (last && Object.is(last.key, key)) return last.value;
    const entry = { key, value: compute(...args) };
    last = entry;
    if (entry.value instanceof Promise) {
      entry.value.catch(() => {
        if (last === entry) last = undefined;
      });
    }
    return entry.value;
  };
  return Object.assign(remember, {
    forget: () => {
      last = undefined;
    },
  });
}
