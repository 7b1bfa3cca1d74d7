import { rotations } from '../../src/algorithm/hash';
import type { AttentionInput } from '../../src/algorithm/lsh';
import { type Preset, presets, type Settings, type Shape } from '../../src/algorithm/settings';
import { type Random, random } from '../../src/shared/random';

/**
 * Random settings and vectors from (seed, n), over all switches and sizes within the limits; `fixed` overrides them. `title` names the
 * case.
 */
export function randomCase(
  seed: number,
  n: number,
  fixed: Partial<Settings & Shape> = {},
): { title: string; settings: Settings; input: AttentionInput } {
  const draw = random(seed, n);
  const pick = <T>(values: readonly T[]): T => values[draw.integer(values.length)];
  const between = (low: number, high: number) => low + draw.integer(high - low + 1);
  const even = (high: number) => 2 * between(1, high / 2);
  // The CPU computes every case, so long ones get few rounds, small chunks, one head and narrow vectors.
  const long = n > 2000;
  const settings: Settings = {
    ...presets[pick<Preset>(['paper', 'trax', 'lucidrains'])],
    rounds: between(1, long ? 3 : 16),
    factors: pick([[even(32)], [even(12), even(12)], [4, 2, even(6)]]),
    chunk: between(4, long ? 64 : 128),
    lookBack: between(0, 2),
    lookAhead: between(0, 1),
    causal: pick([true, false]),
    scale: pick(['one', 'sqrt']),
    keyNorm: pick(['unit', 'smooth']),
    bucketMask: pick([true, false]),
    duplicates: pick(['divided', 'counted']),
    wrap: pick([true, false]),
  };
  for (const key of Object.keys(settings) as (keyof Settings)[]) {
    if (key in fixed) Object.assign(settings, { [key]: fixed[key] });
  }
  const shape = {
    heads: fixed.heads ?? (long ? 1 : between(1, 3)),
    n,
    d: fixed.d ?? Math.min(between(2, long ? 24 : 128), largestHead),
  };
  const size = shape.heads * n * shape.d;
  const input = {
    shape,
    qk: normals(draw, size, 3 / Math.sqrt(shape.d)),
    v: normals(draw, size, 1),
    rotations: rotations(shape, settings, seed),
  };
  const { rounds, factors, chunk, lookBack, lookAhead, ...rest } = settings;
  const on = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  const title = `seed ${seed}: h ${shape.heads} n ${n} d ${shape.d} R ${rounds} B ${factors.join('·')} m ${chunk} −${lookBack}+${lookAhead} ${on.join(', ')}`;
  return { title, settings, input };
}

/** Widest head, from the environment: compilers of software devices take minutes for kernels of wide heads. */
const largestHead = Number(import.meta.env.LARGEST_HEAD ?? 128);

const normals = (draw: Random, count: number, scale: number): Float32Array =>
  Float32Array.from({ length: count }, () => scale * draw.normal());
