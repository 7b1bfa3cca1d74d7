/** Reads .npy files of NumPy, formats 1.0, 2.0 and 3.0 (numpy.lib.format). */

import { formatShape, InputError, quote } from '../shared/errors';
import { fromHalf } from './half';
import { type PythonLiteral, parsePythonLiteral } from './python-literal';

/** Numbers of an array in row-major order, with its shape. */
export interface NumberArray {
  shape: number[];
  data: Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;
}

export const npySignature = [0x93, ...[...'NUMPY'].map((letter) => letter.charCodeAt(0))];

/** Longest header that is read, in bytes; NumPy's own limit for untrusted files is lower. */
const headerLimit = 64 * 1024;

interface Header {
  kind: keyof typeof readers;
  /** Bytes of a number. */
  size: number;
  isBigEndian: boolean;
  isFortran: boolean;
  shape: number[];
}

/** Reads an array of any shape. @throws InputError in one sentence that names the part of the file that is wrong. */
export function readNpy(bytes: Uint8Array): NumberArray {
  if (bytes.length < 12 || npySignature.some((byte, i) => bytes[i] !== byte)) {
    throw new InputError('The file does not begin with the signature of a .npy file.');
  }
  const [major, minor] = bytes.subarray(6, 8) as unknown as [number, number];
  if (major < 1 || major > 3 || minor !== 0) {
    throw new InputError(`The .npy file has the format ${major}.${minor}; it must be 1.0, 2.0 or 3.0.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerStart = major >= 2 ? 12 : 10;
  const headerLength = major >= 2 ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = headerStart + headerLength;
  if (headerLength > headerLimit) {
    throw new InputError(`The .npy header claims ${headerLength} bytes; the limit is ${headerLimit}.`);
  }
  if (start > bytes.length) {
    throw new InputError(`The .npy header claims ${headerLength} bytes, but the file has only ${bytes.length}.`);
  }
  const header = parseHeader(
    new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(headerStart, start)),
  );
  const { kind, size, shape } = header;
  const needed = size * (shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, 1));
  const found = bytes.length - start;
  if (found !== needed) {
    const isSecond = found > needed && npySignature.every((byte, i) => bytes[start + needed + i] === byte);
    if (isSecond) throw new InputError('The .npy file has more than one array; save one array a file.');
    throw new InputError(
      `A .npy array of ${formatShape(shape)} needs ${needed} bytes of data, but the file has ${found}.`,
    );
  }
  // An aligned copy, in the byte order of typed arrays.
  const body = Uint8Array.prototype.slice.call(bytes, start) as Uint8Array<ArrayBuffer>;
  if (header.isBigEndian) reverseEach(body, size);
  const data = readers[kind](body.buffer);
  return { shape, data: header.isFortran ? rowMajor(data, shape) : data };
}

function parseHeader(text: string): Header {
  const literal = parsePythonLiteral(text);
  if (literal === undefined || !isObject(literal) || !('dict' in literal)) {
    throw new InputError('The .npy header is not a Python dict of strings, numbers and tuples.');
  }
  const known = ['descr', 'fortran_order', 'shape'];
  const entries = new Map<string, PythonLiteral>();
  for (const [key, value] of literal.dict) {
    if (typeof key !== 'string' || !known.includes(key)) {
      throw new InputError(
        `The .npy header has the key ${quote(String(key), 30)}; it must have descr, fortran_order and shape.`,
      );
    }
    if (entries.has(key)) throw new InputError(`The .npy header has the key ${quote(key)} twice.`);
    entries.set(key, value);
  }
  const missing = known.find((key) => !entries.has(key));
  if (missing) throw new InputError(`The .npy header has no key ${quote(missing)}.`);
  const isFortran = entries.get('fortran_order');
  if (typeof isFortran !== 'boolean') {
    throw new InputError("The .npy header's fortran_order must be True or False.");
  }
  const shape = entries.get('shape');
  const sizes = isObject(shape) && 'tuple' in shape ? shape.tuple : undefined;
  if (!sizes?.every((size): size is number => typeof size === 'number' && Number.isSafeInteger(size) && size >= 0)) {
    throw new InputError('The .npy header has no shape of whole numbers.');
  }
  return { ...parseType(entries.get('descr') as PythonLiteral), isFortran, shape: sizes };
}

/** NumPy's names and letters of the types below, beside codes such as f4. */
const otherNames: Record<string, string> = {
  ...{ float16: 'f2', float32: 'f4', float64: 'f8', e: 'f2', f: 'f4', d: 'f8', bool: 'b1', '?': 'b1' },
  ...{ int8: 'i1', int16: 'i2', int32: 'i4', int64: 'i8', b: 'i1', h: 'i2', i: 'i4', q: 'i8' },
  ...{ uint8: 'u1', uint16: 'u2', uint32: 'u4', uint64: 'u8', B: 'u1', H: 'u2', I: 'u4', Q: 'u8' },
};

/** What a type is that has no numbers to read, by the first letter of its code. */
const refusedKinds: Record<string, string> = {
  c: 'complex numbers',
  O: 'Python objects',
  S: 'text',
  a: 'text',
  U: 'text',
  V: 'raw bytes',
  M: 'dates',
  m: 'spans of time',
};

function parseType(descr: PythonLiteral): Pick<Header, 'kind' | 'size' | 'isBigEndian'> {
  if (typeof descr !== 'string') {
    const isRecords = isObject(descr) && 'list' in descr;
    throw new InputError(
      `The .npy file has ${isRecords ? 'records of named fields' : 'no type'}; save one array of plain numbers.`,
    );
  }
  const [, order, code] = /^([<>|=]?)(.*)$/s.exec(descr) as unknown as [string, string, string];
  const kind = Object.hasOwn(otherNames, code) ? (otherNames[code] as string) : code;
  if (!Object.hasOwn(readers, kind)) {
    const what = /^[a-zA-Z]\d*(\[\w*\])?$/.test(code) ? refusedKinds[code.charAt(0)] : undefined;
    throw new InputError(
      `The .npy file has the type ${quote(descr, 20)}${what ? `, ${what}` : ''}; it must be bool, an integer, or a float of 16, 32 or 64 bits.`,
    );
  }
  return { kind: kind as Header['kind'], size: Number(kind[1]), isBigEndian: order === '>' };
}

const readers = {
  b1: (buffer: ArrayBuffer) => new Uint8Array(buffer).map((byte) => (byte ? 1 : 0)),
  i1: (buffer: ArrayBuffer) => new Int8Array(buffer),
  u1: (buffer: ArrayBuffer) => new Uint8Array(buffer),
  i2: (buffer: ArrayBuffer) => new Int16Array(buffer),
  u2: (buffer: ArrayBuffer) => new Uint16Array(buffer),
  i4: (buffer: ArrayBuffer) => new Int32Array(buffer),
  u4: (buffer: ArrayBuffer) => new Uint32Array(buffer),
  i8: (buffer: ArrayBuffer) => fromPairs(new Uint32Array(buffer), new Int32Array(buffer)),
  u8: (buffer: ArrayBuffer) => fromPairs(new Uint32Array(buffer), new Uint32Array(buffer)),
  f2: (buffer: ArrayBuffer) => fromHalf(new Uint16Array(buffer)),
  f4: (buffer: ArrayBuffer) => new Float32Array(buffer),
  f8: (buffer: ArrayBuffer) => new Float64Array(buffer),
};

/** 64-bit integers as float64, from pairs of 32 bits: the low half without a sign, then the high half. */
function fromPairs(low: Uint32Array, high: Int32Array | Uint32Array): Float64Array {
  const out = new Float64Array(low.length / 2);
  for (let i = 0; i < out.length; i++) {
    out[i] = (high[2 * i + 1] as number) * 2 ** 32 + (low[2 * i] as number);
  }
  return out;
}

/** Reverses the bytes of each number in place. */
function reverseEach(bytes: Uint8Array, size: number): void {
  for (let start = 0; start < bytes.length; start += size) {
    for (let i = start, j = start + size - 1; i < j; i++, j--) {
      const byte = bytes[i] as number;
      bytes[i] = bytes[j] as number;
      bytes[j] = byte;
    }
  }
}

/** Numbers in Fortran order, the first axis fastest, in row-major order. Shapes of other than 2 or 3 axes are left as they are. */
function rowMajor<T extends NumberArray['data']>(data: T, shape: number[]): T {
  if (shape.length !== 2 && shape.length !== 3) return data;
  const [heads, n, d] = (shape.length === 2 ? [1, ...shape] : shape) as [number, number, number];
  const out = data.slice() as T;
  let at = 0;
  for (let head = 0; head < heads; head++) {
    for (let token = 0; token < n; token++) {
      for (let k = 0; k < d; k++) out[at++] = data[head + heads * (token + n * k)] as number;
    }
  }
  return out;
}

const isObject = <T>(value: T): value is Extract<T, object> => typeof value === 'object' && value !== null;
