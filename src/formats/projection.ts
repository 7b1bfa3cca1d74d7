/** Projects vectors to fewer numbers: by random directions, or onto their principal components. */

import { random } from '../shared/random';

/** `random`: random directions, which keep all distances nearly (Johnson, Lindenstrauss 1984). `principal`: those of largest variance. */
export const projections = ['random', 'principal'] as const;
export type Projection = (typeof projections)[number];

/** Directions of a projection, row-major [width, d], and the point that becomes the origin [d]. */
interface Directions {
  width: number;
  rows: Float64Array[];
  origin: Float64Array;
  /** Tokens from which the directions were computed. */
  tokens: number;
}

/**
 * Random directions for vectors of d numbers, from independent normals of variance 1/width, so that a vector's expected squared length stays.
 */
export function randomDirections(d: number, width: number, seed: number): Directions {
  const { normal } = random(seed, d, width);
  const rows = Array.from({ length: width }, () => Float64Array.from({ length: d }, () => normal() / Math.sqrt(width)));
  return { width, rows, origin: new Float64Array(d), tokens: 0 };
}

/** Most numbers from which principal components are computed; of longer sequences, evenly spaced tokens are taken. */
const sampleSize = 2 ** 20;

/** Directions beside the wanted ones, and steps, of the iteration. More of either bring the last components nearer to the exact ones. */
const spareDirections = 8;
const steps = 12;

/**
 * The first principal components of vectors [n, d], at most n − 1, by subspace iteration (Halko, Martinsson, Tropp 2011) on the matrix of
 * covariance, or on that of inner products if it is smaller. The origin is the mean.
 */
export function principalDirections(data: Float32Array, n: number, d: number, most: number): Directions {
  const width = Math.max(2, Math.min(most, n - 1, d));
  const count = Math.min(n, Math.max(2 * most, Math.floor(sampleSize / d)));
  const origin = new Float64Array(d);
  for (const [i, value] of data.subarray(0, n * d).entries()) origin[i % d] = (origin[i % d] as number) + value / n;
  const tokens = Array.from({ length: count }, (_, i) => {
    const start = Math.floor((i * n) / count) * d;
    return Float64Array.from({ length: d }, (_, k) => (data[start + k] as number) - (origin[k] as number));
  });
  const isWide = d > count;
  const vectors = isWide ? tokens : transposed(tokens);
  const size = vectors.length;
  const matrix = vectors.map((a) => Float64Array.from(vectors, (b) => dot(a, b)));
  const { normal } = random(0, n, d);
  const start = Array.from({ length: Math.min(size, width + spareDirections) }, () =>
    Float64Array.from({ length: size }, () => normal()),
  );
  let basis = orthonormal(start);
  const times = (vector: Float64Array) => Float64Array.from(matrix, (row) => dot(row, vector));
  for (let step = 0; step < steps; step++) basis = orthonormal(basis.map(times));
  basis = principalAxes(basis, basis.map(times)).slice(0, width);
  const directions = isWide ? orthonormal(basis.map((vector) => combined(tokens, vector))) : basis;
  const rows = Array.from({ length: width }, (_, i) => directions[i] ?? new Float64Array(d));
  return { width, rows, origin, tokens: count };
}

/** The vectors [n, d] along the directions: float32 [n, width]. */
export function projected(
  data: Float32Array,
  n: number,
  d: number,
  { width, rows, origin }: Omit<Directions, 'tokens'>,
): Float32Array {
  const out = new Float32Array(n * width);
  const vector = new Float64Array(d);
  for (let token = 0; token < n; token++) {
    for (let k = 0; k < d; k++) vector[k] = (data[token * d + k] as number) - (origin[k] as number);
    for (const [i, row] of rows.entries()) out[token * width + i] = dot(row, vector);
  }
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}

/** Adds a multiple of a vector to another one in place. */
function add(to: Float64Array, factor: number, vector: Float64Array): void {
  for (let k = 0; k < to.length; k++) to[k] = (to[k] as number) + factor * (vector[k] as number);
}

const transposed = (rows: Float64Array[]): Float64Array[] =>
  Array.from({ length: rows[0]?.length ?? 0 }, (_, k) => Float64Array.from(rows, (row) => row[k] as number));

/** The sum of the vectors with these weights. */
function combined(vectors: Float64Array[], weights: Float64Array): Float64Array {
  const out = new Float64Array(vectors[0]?.length ?? 0);
  for (const [i, vector] of vectors.entries()) add(out, weights[i] as number, vector);
  return out;
}

/** An orthonormal basis of the same span, by Gram and Schmidt, twice for accuracy. A vector in the span of those before becomes 0. */
function orthonormal(vectors: Float64Array[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const vector of vectors) {
    const rest = vector.slice();
    for (let pass = 0; pass < 2; pass++) for (const other of basis) add(rest, -dot(rest, other), other);
    const length = Math.sqrt(dot(rest, rest));
    const isNew = length > 1e-9 * Math.sqrt(dot(vector, vector));
    basis.push(rest.map((value) => (isNew ? value / length : 0)));
  }
  return basis;
}

/** Turns an orthonormal basis so that its products with the matrix are diagonal, largest first, by Jacobi's method. */
function principalAxes(basis: Float64Array[], products: Float64Array[]): Float64Array[] {
  const small: Float64Array[] = basis.map((a) => Float64Array.from(products, (b) => dot(a, b)));
  const axes = basis.map((vector) => vector.slice());
  const size = basis.length;
  for (let sweep = 0; sweep < steps; sweep++) {
    for (let i = 0; i < size; i++) {
      for (let j = i + 1; j < size; j++) {
        const [a, b] = [small[i], small[j]] as [Float64Array, Float64Array];
        const [aa, ab, bb] = [a[i], a[j], b[j]] as [number, number, number];
        if (Math.abs(ab) <= 1e-12 * Math.sqrt(Math.abs(aa * bb))) continue;
        const angle = Math.atan2(2 * ab, aa - bb) / 2;
        turn(a, b, angle);
        for (const row of small) [row[i], row[j]] = turned(row[i] as number, row[j] as number, angle);
        turn(axes[i] as Float64Array, axes[j] as Float64Array, angle);
      }
    }
  }
  return axes
    .map((axis, i) => ({ axis, variance: small[i]?.[i] ?? 0 }))
    .sort((a, b) => b.variance - a.variance)
    .map(({ axis }) => axis);
}

const turned = (a: number, b: number, angle: number): [number, number] => [
  Math.cos(angle) * a + Math.sin(angle) * b,
  Math.cos(angle) * b - Math.sin(angle) * a,
];

function turn(a: Float64Array, b: Float64Array, angle: number): void {
  for (let k = 0; k < a.length; k++) [a[k], b[k]] = turned(a[k] as number, b[k] as number, angle);
}
