const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/**
 * Numbers as IEEE 754 16-bit floats, by their bits; rounded to nearest, ties to even, as by WGSL's own conversion where that is exact
 * about it. What is 65,520 or more in size becomes infinite.
 */
export function toHalf(numbers: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  const out = new Uint16Array(numbers.length);
  for (let i = 0; i < out.length; i++) {
    float[0] = numbers[i];
    const size = bits[0] & 0x7fffffff;
    const sign = (bits[0] >>> 16) & 0x8000;
    out[i] = sign | sizeToHalf(size);
  }
  return out;
}

function sizeToHalf(size: number): number {
  if (size > 0x7f800000) return 0x7e00;
  if (size >= 0x477ff000) return 0x7c00;
  // From 2^-14 on: the exponent moves from a bias of 127 to one of 15, and 13 bits of the fraction are rounded away.
  if (size >= 0x38800000) return (size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13;
  // Below, halves are multiples of 2^-24; adding 2^23 rounds to a whole number of them.
  bits[0] = size;
  return Math.fround(float[0] * 2 ** 24 + 2 ** 23) - 2 ** 23;
}
