import { InputError } from './errors';

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

/** Headers of real files stay far below this; a larger claim is a broken or hostile file. */
const headerLimit = 16 * 1024 * 1024;

/** @throws InputError naming what is wrong. Format: huggingface.co/docs/safetensors. F16 and BF16 come back as float32, I64 as int32. */
export function readSafetensors(bytes: Uint8Array): TensorFile {
  if (bytes.length < 8)
    throw new InputError(`The file has ${bytes.length} bytes; a safetensors file starts with an 8-byte header length.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > Math.min(headerLimit, bytes.length - 8)) {
    throw new InputError(
      `The safetensors header claims ${headerLength} bytes, but the file has ${bytes.length - 8} after its first 8.`,
    );
  }
  const header = parseHeader(bytes.subarray(8, 8 + headerLength));
  const body = bytes.subarray(8 + headerLength);
  const file: TensorFile = { tensors: new Map(), metadata: new Map() };
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      if (!isRecord(entry)) throw new InputError('The safetensors __metadata__ is not an object of strings.');
      for (const [key, value] of Object.entries(entry)) file.metadata.set(key, String(value));
    } else {
      file.tensors.set(name, readTensor(name, entry, body));
    }
  }
  return file;
}

/** Metadata comes first in the header; data follows in the order given. */
export function writeSafetensors(tensors: Map<string, Tensor>, metadata: Map<string, string> = new Map()): Uint8Array {
  const header: Record<string, unknown> = {};
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

function readTensor(name: string, entry: unknown, body: Uint8Array): Tensor {
  const { dtype, shape, data_offsets: offsets } = (isRecord(entry) ? entry : {}) as Record<string, unknown>;
  const size = typeof dtype === 'string' && Object.hasOwn(elementBytes, dtype) ? elementBytes[dtype] : 0;
  if (!size)
    throw new InputError(`Tensor ${quote(name)} has the type ${quote(String(dtype))}, which is not read here.`);
  if (!isWholeList(shape)) throw new InputError(`Tensor ${quote(name)} has no shape of whole numbers.`);
  if (!isWholeList(offsets) || offsets.length !== 2) throw new InputError(`Tensor ${quote(name)} has no data_offsets.`);
  const [start, end] = offsets;
  const count = shape.reduce((a, b) => a * b, 1);
  if (end > body.length || start > end) {
    throw new InputError(
      `Tensor ${quote(name)} lies at bytes ${start} to ${end}, but the file holds ${body.length} bytes of data.`,
    );
  }
  if (end - start !== count * size) {
    throw new InputError(
      `Tensor ${quote(name)} of shape ${shape.join('×')} needs ${count * size} bytes, but has ${end - start}.`,
    );
  }
  return { shape, data: convert(dtype as string, copyOf(body, start, end)) };
}

function convert(dtype: string, bytes: Uint8Array<ArrayBuffer>): Tensor['data'] {
  const buffer = bytes.buffer;
  switch (dtype) {
    case 'F64':
      return new Float64Array(buffer);
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case 'BF16': {
      const words = Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16);
      return new Float32Array(words.buffer);
    }
    case 'I64':
      return Int32Array.from(new BigInt64Array(buffer), Number);
    case 'I32':
      return new Int32Array(buffer);
    case 'I8':
      return Int32Array.from(new Int8Array(buffer));
    default:
      return Int32Array.from(bytes);
  }
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024);
}

/** An aligned copy of its own; Node's Buffer overrides slice() with a view. */
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

/** A name from a file, short enough for a sentence. */
const quote = (name: string): string => JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}...` : name);
