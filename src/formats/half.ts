/** IEEE 754 16-bit floats. */

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/**
 * Converts numbers to the bits of 16-bit floats, rounding to nearest, ties to even. Magnitudes of 65,520 or more become infinite. Devices
 * whose WGSL conversion rounds to nearest give the same bits.
 */
export function toHalf(numbers: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  const out = new Uint16Array(numbers.length);
  for (let i = 0; i < out.length; i++) {
    float[0] = numbers[i] as number;
    const word = bits[0] as number;
    const size = word & 0x7fffffff;
    const sign = (word >>> 16) & 0x8000;
    out[i] = sign | sizeToHalf(size);
  }
  return out;
}

function sizeToHalf(size: number): number {
  if (size > 0x7f800000) return 0x7e00;
  if (size >= 0x477ff000) return 0x7c00;
  // Normal halves, from 2^-14 up: the exponent's bias changes from 127 to 15, and 13 bits of the fraction are rounded off.
  if (size >= 0x38800000) return (size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13;
  // Subnormal halves are multiples of 2^-24; adding 2^23 rounds to a whole number of them.
  bits[0] = size;
  return Math.fround((float[0] as number) * 2 ** 24 + 2 ** 23) - 2 ** 23;
}

/** 16-bit floats as float32. A table of all bit patterns makes long arrays fast; short ones get a short table. */
export function fromHalf(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(halves.length);
  const numbers = Float32Array.from({ length: Math.min(2 ** 16, 32 * halves.length) }, (_, word) => halfToNumber(word));
  for (let i = 0; i < out.length; i++) {
    const word = halves[i] as number;
    out[i] = numbers[word] ?? halfToNumber(word);
  }
  return out;
}

function halfToNumber(word: number): number {
  const sign = word & 0x8000 ? -1 : 1;
  const exponent = (word >> 10) & 31;
  const fraction = word & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024);
}
