/** Reads a person's vectors from .npy, .csv and .safetensors files. */

import { limits } from '../algorithm/settings';
import { formatShape, InputError, quote } from '../shared/errors';
import { copyOf, readSafetensors, type Tensor } from './safetensors';

/** Vectors qk and, if the file has them, v: float32 [heads, n, d]. */
export interface VectorFile {
  heads: number;
  n: number;
  d: number;
  qk: Float32Array;
  v?: Float32Array;
}

/** Largest file in bytes. Larger ones are rejected before they are read. */
export const vectorFileLimit = 64 * 1024 * 1024;

/** Longest header that is read, in bytes; NumPy's own limit for untrusted files is lower. */
const npyHeaderLimit = 64 * 1024;

/**
 * Reads vectors [n, d] or [heads, n, d] from a .npy, .csv or .safetensors file. A safetensors file has tensors qk and perhaps v, or one
 * tensor of any name.
 * @throws InputError in one sentence.
 */
export function readVectorFile(name: string, bytes: Uint8Array): VectorFile {
  if (bytes.length > vectorFileLimit) {
    throw new InputError(
      `The file has ${(bytes.length / 2 ** 20).toFixed(0)} MiB; the limit is ${vectorFileLimit / 2 ** 20} MiB.`,
    );
  }
  const ending = name.toLowerCase().split('.').at(-1);
  if (ending === 'npy') return fromTensors(readNpy(bytes));
  if (ending === 'csv') return fromTensors(readCsv(bytes));
  if (ending === 'safetensors') {
    const { tensors } = readSafetensors(bytes);
    const qk = tensors.get('qk') ?? (tensors.size === 1 ? [...tensors.values()][0] : undefined);
    if (!qk) throw new InputError(`The file has ${tensors.size} tensors and none is named qk; name the vectors qk.`);
    return fromTensors(qk, tensors.get('v'));
  }
  throw new InputError(
    `The file's name ends in ${quote(ending ?? '', 20)}; it must end in .npy, .csv or .safetensors.`,
  );
}

function fromTensors(qk: Tensor, v?: Tensor): VectorFile {
  const { shape } = qk;
  if (shape.length !== 2 && shape.length !== 3) {
    throw new InputError(
      `The vectors have the shape ${shape.length ? formatShape(shape) : 'of a single number'}; it must be [n, d] or [heads, n, d].`,
    );
  }
  const [heads, n, d] = shape.length === 2 ? [1, ...shape] : shape;
  if (heads < 1 || heads > limits.heads)
    throw new InputError(`The file has ${heads} heads; it must have 1 to ${limits.heads}.`);
  if (n < 2) throw new InputError(`The file has ${n} tokens; it must have at least 2.`);
  checkWidth(d);
  if (v && v.shape.join() !== shape.join()) {
    throw new InputError(`qk has the shape ${formatShape(shape)} and v ${formatShape(v.shape)}; they must be equal.`);
  }
  const file: VectorFile = { heads, n, d, qk: finite(qk) };
  if (v) file.v = finite(v);
  return file;
}

function checkWidth(d: number): void {
  if (d < 2 || d > limits.d)
    throw new InputError(`The file's vectors have ${d} numbers each; they must have 2 to ${limits.d}.`);
}

/** A tensor's numbers as float32, checked to be finite. May return the tensor's own array, so the caller must not use it elsewhere. */
function finite({ data }: Tensor): Float32Array {
  if (data instanceof Int32Array) return new Float32Array(data);
  const out = data instanceof Float32Array ? data : new Float32Array(data);
  for (let i = 0; i < out.length; i++) {
    if (!Number.isFinite(out[i]))
      throw new InputError(`Number ${i} of the file is ${data[i]}; all must be finite float32 numbers.`);
  }
  return out;
}

/** Reads NumPy's formats 1.0 to 3.0: little-endian float32 or float64 in C order (numpy.lib.format). */
function readNpy(bytes: Uint8Array): Tensor {
  const magic = '\x93NUMPY';
  if (bytes.length < 12 || [...magic].some((letter, i) => bytes[i] !== letter.charCodeAt(0))) {
    throw new InputError('The file does not begin with the signature of a .npy file.');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = bytes[6] >= 2;
  const headerLength = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (wide ? 12 : 10) + headerLength;
  if (headerLength > npyHeaderLimit) {
    throw new InputError(`The .npy header claims ${headerLength} bytes; the limit is ${npyHeaderLimit}.`);
  }
  if (start > bytes.length) {
    throw new InputError(`The .npy header claims ${headerLength} bytes, but the file has only ${bytes.length}.`);
  }
  const header = new TextDecoder('latin1').decode(bytes.subarray(wide ? 12 : 10, start));
  const dtype = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([\d, ]*)\)/.exec(header)?.[1];
  if (dtype !== '<f4' && dtype !== '<f8') {
    throw new InputError(
      `The .npy file has ${dtype === undefined ? 'no type' : `the type ${quote(dtype)}`}; it must be float32 ('<f4') or float64 ('<f8').`,
    );
  }
  if (/'fortran_order':\s*True/.test(header))
    throw new InputError('The .npy file is in Fortran order; save it with order="C".');
  const shape = shapeText?.split(',').flatMap((part) => (part.trim() ? Number(part) : []));
  if (!shape?.every(Number.isSafeInteger)) throw new InputError('The .npy header has no shape of whole numbers.');
  const count = shape.reduce((a, b) => a * b, 1);
  const size = dtype === '<f4' ? 4 : 8;
  if (bytes.length - start !== count * size) {
    throw new InputError(
      `A .npy array of ${formatShape(shape)} needs ${count * size} bytes of data, but the file has ${bytes.length - start}.`,
    );
  }
  const body = copyOf(bytes, start, bytes.length).buffer;
  return { shape, data: size === 4 ? new Float32Array(body) : new Float64Array(body) };
}

/** Reads one vector from each line, separated by commas, semicolons, tabs or spaces. A first line of words is a heading. */
function readCsv(bytes: Uint8Array): Tensor {
  let data = new Float64Array(1024);
  let count = 0;
  let width = 0;
  let rows = 0;
  const row = new Float64Array(limits.d + 1);
  // Line by line, because splitting the whole file could take many times its memory.
  for (let start = 0, index = 0; start < bytes.length; index++) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline;
    const length = plainNumbers(bytes, start, end, row) ?? anyNumbers(bytes.subarray(start, end), index, row);
    start = end + 1;
    if (length === 0) continue;
    if (length > limits.d) {
      throw new InputError(`Line ${index + 1} has more than ${limits.d} numbers; it must have 2 to ${limits.d}.`);
    }
    if (!width) checkWidth(length);
    width ||= length;
    if (length !== width) {
      throw new InputError(`Line ${index + 1} has ${length} numbers; the lines before it have ${width}.`);
    }
    if (count + width > data.length) {
      const longer = new Float64Array(2 * (count + width));
      longer.set(data);
      data = longer;
    }
    data.set(row.subarray(0, width), count);
    count += width;
    rows++;
  }
  return { shape: [rows, width], data: data.slice(0, count) };
}

const powersOfTen = Array.from({ length: 16 }, (_, k) => 10 ** k);

/**
 * The fast path: parses a line of plain decimals of up to 15 digits into `row`, until it is full. Returns how many numbers it wrote, or
 * undefined if the line has anything else. Whole numbers and powers of ten are exact up to 15 digits, so their quotient is rounded once.
 */
function plainNumbers(bytes: Uint8Array, start: number, end: number, row: Float64Array): number | undefined {
  let count = 0;
  let at = start;
  const skipBlanks = () => {
    const from = at;
    while (at < end && (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 13)) at++;
    return at > from;
  };
  skipBlanks();
  while (at < end && count < row.length) {
    const isNegative = bytes[at] === 45;
    if (isNegative) at++;
    let whole = 0;
    let digits = 0;
    let point = -1;
    for (; at < end; at++) {
      const digit = bytes[at] - 48;
      if (digit >= 0 && digit <= 9) {
        whole = 10 * whole + digit;
        digits++;
      } else if (bytes[at] === 46 && point < 0) point = digits;
      else break;
    }
    if (digits === 0 || digits > 15) return undefined;
    const size = point < 0 ? whole : whole / powersOfTen[digits - point];
    row[count++] = isNegative ? -size : size;
    const isApart = skipBlanks();
    if (at === end) break;
    if (bytes[at] === 44 || bytes[at] === 59) {
      at++;
      skipBlanks();
      // A trailing separator leaves an empty cell.
      if (at === end) return undefined;
    } else if (!isApart) return undefined;
  }
  return count;
}

/** Parses a line in any notation into `row`. Returns how many numbers it wrote: 0 for an empty line, and for a first line of words. */
function anyNumbers(bytes: Uint8Array, index: number, row: Float64Array): number {
  const line = new TextDecoder().decode(bytes).trim();
  if (!line) return 0;
  const cells = line.split(/\s*[,;\t]\s*|\s+/, row.length);
  const numbers = cells.map((cell) => (cell === '' ? Number.NaN : Number(cell)));
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    if (index === 0 && numbers.every(Number.isNaN)) return 0;
    throw new InputError(`Line ${index + 1} has ${quote(cells[bad], 40)} in place of a number.`);
  }
  row.set(numbers);
  return numbers.length;
}
