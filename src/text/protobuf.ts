/** Reads messages of Protocol Buffers (protobuf.dev/programming-guides/encoding), without a schema. */

import { InputError } from '../shared/errors';

/** A field: its number, and a varint's low 32 bits, signed, or the bytes of any other value. */
export type Field = [number: number, value: number | Uint8Array];

/** The fields of a message in their order. @throws InputError at the first byte that does not fit. */
export function* fieldsOf(bytes: Uint8Array, name: string): Generator<Field> {
  let at = 0;
  const broken = (): InputError => new InputError(`${name} is broken at byte ${at} of a message.`);
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= bytes.length || shift > 63) throw broken();
      const byte = bytes[at++];
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint() >>> 0;
    const number = tag >>> 3;
    const wire = tag & 7;
    if (number === 0) throw broken();
    if (wire === 0) {
      yield [number, varint()];
      continue;
    }
    const length = wire === 1 ? 8 : wire === 2 ? varint() : wire === 5 ? 4 : -1;
    if (length < 0 || length > bytes.length - at) throw broken();
    yield [number, bytes.subarray(at, at + length)];
    at += length;
  }
}
