/** Where the numbers of a row-major array lie; `strides` count elements and may leave gaps (padding). */
export interface Layout {
  name: string;
  shape: readonly number[];
  strides: readonly number[];
  /** Elements before the first one, where the array begins inside another. */
  offset?: number;
}

/** A layout without gaps but those given: `lengths[k]` is what axis k takes in memory, at least its size. */
export function layout(name: string, shape: readonly number[], lengths: readonly number[] = shape): Layout {
  const strides = new Array<number>(shape.length).fill(1);
  for (let k = shape.length - 2; k >= 0; k--) strides[k] = strides[k + 1] * lengths[k + 1];
  return { name, shape, strides };
}

/** Element offset of an entry. Kernels' tests, drawing and read-outs all go through here. @throws RangeError outside the shape. */
export function address({ name, shape, strides, offset: begin = 0 }: Layout, ...index: number[]): number {
  let offset = begin;
  for (let k = 0; k < shape.length; k++) {
    if (!(index[k] >= 0 && index[k] < shape[k])) {
      throw new RangeError(`${name}[${index.join(', ')}] lies outside ${shape.join('×')}`);
    }
    offset += index[k] * strides[k];
  }
  return offset;
}
