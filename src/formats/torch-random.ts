/**
 * Normal numbers as torch.randn gives them in float32 on a CPU after torch.manual_seed. Hugging Face's Reformer draws its directions so when
 * its config has a `hash_seed`.
 */

/** Mersenne Twister of 32 bits, MT19937 (Matsumoto, Nishimura 1998). Returns the function that draws the next 32 bits. */
function mersenneTwister(seed: number): () => number {
  const size = 624;
  const state = new Uint32Array(size);
  const word = (i: number): number => state[i % size] as number;
  state[0] = seed;
  for (let i = 1; i < size; i++) {
    const last = word(i - 1);
    state[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
  }
  let next = size;
  return () => {
    if (next === size) {
      for (let i = 0; i < size; i++) {
        const bits = (word(i) & 0x80000000) | (word(i + 1) & 0x7fffffff);
        state[i] = word(i + 397) ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
      }
      next = 0;
    }
    let x = word(next++);
    x ^= x >>> 11;
    x ^= (x << 7) & 0x9d2c5680;
    x ^= (x << 15) & 0xefc60000;
    return (x ^ (x >>> 18)) >>> 0;
  };
}

/**
 * `count` normal numbers, to about 1e-6. From 16 numbers on, blocks of 16 uniform numbers of 24 bits become normal by Box and Muller's
 * method, and an incomplete last block is drawn anew as the last 16. Fewer numbers come in pairs from uniform numbers of 53 bits.
 */
export function torchNormals(seed: number, count: number): Float32Array {
  // The generator takes the lowest 32 bits of the seed.
  const draw = mersenneTwister(Number(BigInt.asUintN(32, BigInt(seed))));
  const out = new Float32Array(count);
  if (count < 16) {
    const uniform = () => ((draw() & 0x1fffff) * 2 ** 32 + draw()) * 2 ** -53;
    for (let i = 0; i < count; i += 2) {
      const angle = 2 * Math.PI * uniform();
      const radius = Math.sqrt(-2 * Math.log1p(-uniform()));
      out.set([radius * Math.cos(angle), radius * Math.sin(angle)].slice(0, count - i), i);
    }
    return out;
  }
  const fill = (first: number, values: Float32Array) => {
    for (let k = 0; k < 8; k++) {
      const radius = Math.sqrt(-2 * Math.log(1 - (values[first + k] as number)));
      const angle = 2 * Math.PI * (values[first + 8 + k] as number);
      values[first + k] = radius * Math.cos(angle);
      values[first + 8 + k] = radius * Math.sin(angle);
    }
  };
  const uniform = () => (draw() & 0xffffff) * 2 ** -24;
  for (let i = 0; i < count; i++) out[i] = uniform();
  for (let first = 0; first + 16 <= count; first += 16) fill(first, out);
  if (count % 16 > 0) {
    for (let i = count - 16; i < count; i++) out[i] = uniform();
    fill(count - 16, out);
  }
  return out;
}
