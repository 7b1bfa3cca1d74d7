/** Reads and writes safetensors files (huggingface.co/docs/safetensors). */

import { formatShape, InputError, quote } from '../shared/errors';

/** A named array: row-major data with its shape. */
export interface Tensor {
  shape: number[];
  data: Float32Array | Float64Array | Int32Array;
}

export interface TensorFile {
  tensors: Map<string, Tensor>;
  /** Strings under `__metadata__`. */
  metadata: Map<string, string>;
}

/** Longest header that is read, in bytes. Real files stay far below it; a longer one is broken or hostile. */
const headerLimit = 2 * 1024 * 1024;

/** Most bytes of memory that reading a file of vectors or weights takes, for each byte of the file. Sizes are checked before allocation. */
export const memoryPerByte = 32;

/**
 * Reads a file. F16 and BF16 become float32; whole numbers and booleans become int32.
 * @throws InputError naming the header, the tensor or the number that is wrong.
 */
export function readSafetensors(bytes: Uint8Array): TensorFile {
  if (bytes.length < 8)
    throw new InputError(`The file has ${bytes.length} bytes; a safetensors file starts with an 8-byte header length.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > bytes.length - 8) {
    throw new InputError(
      `The safetensors header claims ${headerLength} bytes, but the file has ${bytes.length - 8} after its first 8.`,
    );
  }
  if (headerLength > headerLimit) {
    throw new InputError(`The safetensors header claims ${headerLength} bytes; the limit is ${headerLimit}.`);
  }
  const header = parseHeader(bytes.subarray(8, 8 + headerLength));
  const body = bytes.subarray(8 + headerLength);
  const file: TensorFile = { tensors: new Map(), metadata: new Map() };
  // Overlapping tensors could take far more memory than the file has bytes.
  let left = body.length;
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      readMetadata(entry, file.metadata);
      continue;
    }
    const place = placeOf(name, entry, body.length);
    left -= place.end - place.start;
    if (left < 0) throw new InputError(`Tensor ${quote(name)} overlaps another tensor; each must have its own bytes.`);
    file.tensors.set(name, { shape: place.shape, data: convert(name, place, body) });
  }
  return file;
}

/** Writes a file: metadata first in the header, then the tensors in the map's order. */
export function writeSafetensors(tensors: Map<string, Tensor>, metadata: Map<string, string> = new Map()): Uint8Array {
  // An object without a prototype, so that a tensor can have any name, __proto__ included.
  const header: Record<string, unknown> = Object.create(null);
  if (metadata.size) header.__metadata__ = Object.fromEntries(metadata);
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: dtypeOf(data), shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = 8 * Math.ceil(text.length / 8);
  const out = new Uint8Array(8 + headerLength + offset);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerLength), true);
  out.fill(0x20, 8, 8 + headerLength);
  out.set(text, 8);
  let at = 8 + headerLength;
  for (const { data } of tensors.values()) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return out;
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new InputError('The safetensors header is not JSON.');
  }
  if (!isRecord(header)) throw new InputError('The safetensors header is not a JSON object.');
  return header;
}

const elementBytes: Record<string, number> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, I8: 1, BOOL: 1 };

function readMetadata(entry: unknown, metadata: Map<string, string>): void {
  const entries = isRecord(entry) ? Object.entries(entry) : [['', undefined] as const];
  for (const [key, value] of entries) {
    if (typeof value !== 'string') throw new InputError('The safetensors __metadata__ is not an object of strings.');
    metadata.set(key, value);
  }
}

/** A tensor's type and shape, and its first byte and end in the file's data. */
interface Place {
  dtype: string;
  shape: number[];
  start: number;
  end: number;
}

function placeOf(name: string, entry: unknown, bodyLength: number): Place {
  const { dtype, shape, data_offsets: offsets } = (isRecord(entry) ? entry : {}) as Record<string, unknown>;
  if (typeof dtype !== 'string') throw new InputError(`Tensor ${quote(name)} has no type.`);
  if (!Object.hasOwn(elementBytes, dtype))
    throw new InputError(`Tensor ${quote(name)} has the type ${quote(dtype)}, which is not supported.`);
  if (!isWholeList(shape)) throw new InputError(`Tensor ${quote(name)} has no shape of whole numbers.`);
  if (!isWholeList(offsets) || offsets.length !== 2) throw new InputError(`Tensor ${quote(name)} has no data_offsets.`);
  const [start, end] = offsets;
  if (end > bodyLength || start > end) {
    throw new InputError(
      `Tensor ${quote(name)} lies at bytes ${start} to ${end}, but the file holds ${bodyLength} bytes of data.`,
    );
  }
  const bytes = elementBytes[dtype] * sizeOf(shape);
  if (end - start !== bytes) {
    throw new InputError(
      `Tensor ${quote(name)} of shape ${formatShape(shape)} needs ${bytes} bytes, but has ${end - start}.`,
    );
  }
  return { dtype, shape, start, end };
}

/** Numbers in an array of this shape. A shape with a 0 has none, even when its other sizes would overflow. */
const sizeOf = (shape: number[]): number => (shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, 1));

function convert(name: string, { dtype, start, end }: Place, body: Uint8Array): Tensor['data'] {
  const bytes = copyOf(body, start, end);
  const buffer = bytes.buffer;
  switch (dtype) {
    case 'F64':
      return new Float64Array(buffer);
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return fromHalves(new Uint16Array(buffer));
    case 'BF16': {
      const words = new Uint32Array(new Uint16Array(buffer));
      for (let i = 0; i < words.length; i++) words[i] <<= 16;
      return new Float32Array(words.buffer);
    }
    case 'I64':
      return narrowed(name, new Int32Array(buffer));
    case 'I32':
      return new Int32Array(buffer);
    case 'I8':
      return new Int32Array(new Int8Array(buffer));
    default:
      return new Int32Array(bytes);
  }
}

/** 64-bit integers as int32, from pairs of 32 bits, the low half first. @throws InputError for one that does not fit. */
function narrowed(name: string, halves: Int32Array): Int32Array {
  const out = new Int32Array(halves.length / 2);
  for (let i = 0; i < out.length; i++) {
    out[i] = halves[2 * i];
    if (halves[2 * i + 1] !== out[i] >> 31)
      throw new InputError(`Number ${i} of tensor ${quote(name)} does not fit in 32 bits.`);
  }
  return out;
}

/** 16-bit floats as float32. A table of all bit patterns makes long tensors fast; short ones get a short table. */
function fromHalves(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length);
  const numbers = Float32Array.from({ length: Math.min(2 ** 16, 32 * halves.length) }, (_, bits) => halfToNumber(bits));
  for (let i = 0; i < out.length; i++) out[i] = numbers[halves[i]] ?? halfToNumber(halves[i]);
  return out;
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024);
}

/** An aligned copy of some bytes. Node's Buffer overrides slice() to return a view, so Uint8Array's own slice() is called. */
export const copyOf = (bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.prototype.slice.call(bytes, start, end);

function dtypeOf(data: Tensor['data']): string {
  if (data instanceof Int32Array) return 'I32';
  return data instanceof Float32Array ? 'F32' : 'F64';
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isWholeList = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
