/** Addresses of row-major arrays with padding, as they lie in GPU buffers. */

import { entryOf } from './rows';

/** `strides` count elements and may leave gaps (padding). */
export interface Layout {
  name: string;
  shape: readonly number[];
  strides: readonly number[];
  /** Elements before the first entry, for an array that begins inside another; 0 by default. */
  offset?: number;
}

/** A row-major layout in which axis k takes `lengths[k]` entries in memory, at least `shape[k]`. */
export function layout(name: string, shape: readonly number[], lengths: readonly number[] = shape): Layout {
  const strides = new Array<number>(shape.length).fill(1);
  for (let k = shape.length - 2; k >= 0; k--) strides[k] = entryOf(strides, k + 1) * entryOf(lengths, k + 1);
  return { name, shape, strides };
}

/**
 * Element offset of an entry. Drawing, read-outs and the tests of kernels share this function.
 * @throws RangeError for an index outside the shape.
 */
export function address({ name, shape, strides, offset: begin = 0 }: Layout, ...index: number[]): number {
  let offset = begin;
  for (const [k, length] of shape.entries()) {
    const i = index[k] ?? Number.NaN;
    if (!(i >= 0 && i < length)) {
      throw new RangeError(`${name}[${index.join(', ')}] lies outside ${shape.join('×')}.`);
    }
    offset += i * entryOf(strides, k);
  }
  return offset;
}
