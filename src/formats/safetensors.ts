/** Reads and writes safetensors files (huggingface.co/docs/safetensors). */

import { formatShape, InputError, quote } from '../shared/errors';
import { fromHalf } from './half';

/** A named array: row-major data with its shape. */
export interface Tensor {
  shape: number[];
  readonly data: Float32Array | Float64Array | Int32Array;
}

/** A tensor to write. 8-bit numbers are read back as 32-bit ones. */
export interface WrittenTensor {
  shape: number[];
  data: Tensor['data'] | Int8Array;
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
 * Reads a file, whole or not at all, as the reference reader does: each byte of data belongs to one tensor, and no name stands twice.
 * F16 and BF16 become float32; whole numbers and booleans become int32.
 * A tensor's numbers are converted when `data` is first read, so a tensor that is not used may have any type of the format.
 * Reading `data` throws an InputError for a type that is not supported, and for a whole number that does not fit in 32 bits.
 * @throws InputError naming the header or the tensor that is wrong.
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
  const places: Place[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      readMetadata(entry, file.metadata);
      continue;
    }
    const place = placeOf(name, entry, body.length);
    places.push(place);
    file.tensors.set(name, lazyTensor(place, body));
  }
  checkCoverage(places, body.length);
  return file;
}

/** A tensor that converts its numbers once, when they are first read. */
function lazyTensor(place: Place, body: Uint8Array): Tensor {
  let data: Tensor['data'] | undefined;
  return {
    shape: place.shape,
    get data() {
      data ??= convert(place, body);
      return data;
    },
  };
}

/** Checks that the tensors lie one behind another and fill the data. @throws InputError naming the first tensor that does not. */
function checkCoverage(places: Place[], length: number): void {
  let end = 0;
  for (const place of places.sort((a, b) => a.start - b.start || a.end - b.end)) {
    const name = quote(place.name);
    if (place.start < end)
      throw new InputError(`Tensor ${name} overlaps another tensor; each must have its own bytes.`);
    if (place.start > end)
      throw new InputError(`The ${place.start - end} bytes before tensor ${name} belong to no tensor.`);
    end = place.end;
  }
  if (end < length) throw new InputError(`The last ${length - end} bytes of the file belong to no tensor.`);
}

/** Writes a file: metadata first in the header, then the tensors in the map's order. */
export function writeSafetensors(
  tensors: Map<string, WrittenTensor>,
  metadata: Map<string, string> = new Map(),
): Uint8Array {
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
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    throw new InputError('The safetensors header is not JSON.');
  }
  if (!isRecord(header)) throw new InputError('The safetensors header is not a JSON object.');
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw new InputError(`The safetensors header has the name ${quote(repeated)} twice.`);
  return header;
}

/** A key that an object has twice, in the outer object of a JSON text or in the objects one level below. JSON.parse keeps only the last. */
function repeatedKey(json: string): string | undefined {
  const token = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[[\]{}]/g;
  const keys: Set<string>[] = [];
  let depth = 0;
  for (let match = token.exec(json); match; match = token.exec(json)) {
    const [piece, isKey] = match;
    if (piece === '{' || piece === '[') {
      depth++;
      if (depth <= 2) keys[depth] = new Set();
    } else if (piece === '}' || piece === ']') depth--;
    else if (isKey && depth <= 2) {
      const key = JSON.parse(piece.slice(0, piece.lastIndexOf('"') + 1)) as string;
      if (keys[depth]?.has(key)) return key;
      keys[depth]?.add(key);
    }
  }
  return undefined;
}

/** Bits of an element, for each type of the format. */
const elementBits: Record<string, number> = {
  ...{ F64: 64, I64: 64, U64: 64, C64: 64, F32: 32, I32: 32, U32: 32, F16: 16, BF16: 16, I16: 16, U16: 16 },
  ...{ I8: 8, U8: 8, BOOL: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8 },
  ...{ F6_E2M3: 6, F6_E3M2: 6, F4: 4 },
};

function readMetadata(entry: unknown, metadata: Map<string, string>): void {
  const entries = isRecord(entry) ? Object.entries(entry) : [['', undefined] as const];
  for (const [key, value] of entries) {
    if (typeof value !== 'string') throw new InputError('The safetensors __metadata__ is not an object of strings.');
    metadata.set(key, value);
  }
}

/** A tensor's name, type and shape, and its first byte and end in the file's data. */
interface Place {
  name: string;
  dtype: string;
  shape: number[];
  start: number;
  end: number;
}

const entryKeys = ['dtype', 'shape', 'data_offsets'];

function placeOf(name: string, entry: unknown, bodyLength: number): Place {
  const fields = (isRecord(entry) ? entry : {}) as Record<string, unknown>;
  const { dtype, shape, data_offsets: offsets } = fields;
  if (typeof dtype !== 'string') throw new InputError(`Tensor ${quote(name)} has no type.`);
  if (!Object.hasOwn(elementBits, dtype))
    throw new InputError(`Tensor ${quote(name)} has the type ${quote(dtype)}, which is not supported.`);
  if (!isWholeList(shape)) throw new InputError(`Tensor ${quote(name)} has no shape of whole numbers.`);
  if (!isWholeList(offsets) || offsets.length !== 2) throw new InputError(`Tensor ${quote(name)} has no data_offsets.`);
  const unknown = Object.keys(fields).find((key) => !entryKeys.includes(key));
  if (unknown !== undefined)
    throw new InputError(
      `Tensor ${quote(name)} has the field ${quote(unknown)}; it must have dtype, shape and data_offsets only.`,
    );
  const [start, end] = offsets as [number, number];
  if (end > bodyLength || start > end) {
    throw new InputError(
      `Tensor ${quote(name)} lies at bytes ${start} to ${end}, but the file holds ${bodyLength} bytes of data.`,
    );
  }
  const bytes = ((elementBits[dtype] as number) * sizeOf(shape)) / 8;
  if (end - start !== bytes) {
    throw new InputError(
      `Tensor ${quote(name)} of shape ${formatShape(shape)} needs ${bytes} bytes, but has ${end - start}.`,
    );
  }
  return { name, dtype, shape, start, end };
}

/** Numbers in an array of this shape. A shape with a 0 has none, even when its other sizes would overflow. */
const sizeOf = (shape: number[]): number => (shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, 1));

function convert({ name, dtype, start, end }: Place, body: Uint8Array): Tensor['data'] {
  const bytes = copyOf(body, start, end);
  const buffer = bytes.buffer;
  switch (dtype) {
    case 'F64':
      return new Float64Array(buffer);
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return fromHalf(new Uint16Array(buffer));
    case 'BF16': {
      const words = new Uint32Array(new Uint16Array(buffer));
      return new Float32Array(words.map((word) => word << 16).buffer);
    }
    case 'I64':
      return narrowed(name, new Int32Array(buffer), true);
    case 'U64':
      return narrowed(name, new Int32Array(buffer), false);
    case 'I32':
      return new Int32Array(buffer);
    case 'U32': {
      const numbers = new Int32Array(buffer);
      const bad = numbers.findIndex((number) => number < 0);
      if (bad >= 0) throw tooLong(name, bad);
      return numbers;
    }
    case 'I16':
      return new Int32Array(new Int16Array(buffer));
    case 'U16':
      return new Int32Array(new Uint16Array(buffer));
    case 'I8':
      return new Int32Array(new Int8Array(buffer));
    case 'U8':
    case 'BOOL':
      return new Int32Array(bytes);
    default:
      throw new InputError(`Tensor ${quote(name)} has the type ${dtype}, which cannot be used here.`);
  }
}

/** 64-bit integers as int32, from pairs of 32 bits, the low half first. @throws InputError for one that does not fit. */
function narrowed(name: string, halves: Int32Array, isSigned: boolean): Int32Array {
  const out = new Int32Array(halves.length / 2);
  for (let i = 0; i < out.length; i++) {
    const low = halves[2 * i] as number;
    out[i] = low;
    if (halves[2 * i + 1] !== (isSigned ? low >> 31 : 0) || (!isSigned && low < 0)) throw tooLong(name, i);
  }
  return out;
}

const tooLong = (name: string, i: number): InputError =>
  new InputError(`Number ${i} of tensor ${quote(name)} does not fit in 32 bits.`);

/** An aligned copy of some bytes. Node's Buffer overrides slice() to return a view, so Uint8Array's own slice() is called. */
export const copyOf = (bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.prototype.slice.call(bytes, start, end);

function dtypeOf(data: WrittenTensor['data']): string {
  if (data instanceof Int8Array) return 'I8';
  if (data instanceof Int32Array) return 'I32';
  return data instanceof Float32Array ? 'F32' : 'F64';
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isWholeList = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
