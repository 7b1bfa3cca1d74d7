/** The three-dimensional section of the space of vectors in which the sphere view draws one token's hashing. */

import { dotProducts, type Numbers } from './hash';
import { addRow, dotOfRows, entryOf } from './rows';
import { directionCount, type Settings, type Shape } from './settings';
import { turnVector } from './turned-directions';

/**
 * Three orthonormal axes [3][d] through the origin. A point of the section hashes exactly as it does in d dimensions. A vector outside
 * is shown by its projection, which loses nothing when d ≤ 3.
 */
export type CrossSection = [Float64Array, Float64Array, Float64Array];

export interface CrossSectionOptions {
  qk: Numbers;
  /** [heads, d, rounds, ΣB_f/2], already turned by `degrees`. */
  directions: Numbers;
  shape: Shape;
  settings: Settings;
  head: number;
  round: number;
  token: number;
  degrees: number;
}

/**
 * The section that shows a token's hashing best. For d ≤ 3 it is the coordinate axes. For larger d, the first axis is the token's vector,
 * the second that vector turned by 90° (`turnVector`), and the third the direction that wins the token in this round at 0 degrees. The
 * section does not depend on `degrees`, so a turn moves the directions and leaves the tokens in place.
 */
export function crossSectionOf({
  qk,
  directions,
  shape,
  settings,
  head,
  round,
  token,
  degrees,
}: CrossSectionOptions): CrossSection {
  const { d } = shape;
  if (d <= 3) return [0, 1, 2].map((k) => unit(d, k)) as CrossSection;
  const x = row(qk, shape, head, token);
  // A turn preserves dot products: (turned direction)·(turned x) = direction·x, the product at 0 degrees.
  const products = dotProducts(turnVector(x, degrees), directions, shape, settings, head, round);
  const largest = (best: number, y: number, i: number) => (Math.abs(y) > Math.abs(entryOf(products, best)) ? i : best);
  const winner = products.reduce(largest, 0);
  const sign = entryOf(products, winner) < 0 ? -1 : 1;
  const turned = turnVector(column(directions, shape, settings, head, round, winner), -degrees);
  const direction = turned.map((value) => sign * value);
  const axes: Float64Array[] = [];
  // Coordinate axes fill in when these three are linearly dependent.
  for (const vector of [x, turnVector(x, 90), direction, ...Array.from({ length: d }, (_, k) => unit(d, k))]) {
    if (axes.length === 3) break;
    const rest = orthogonalPart(vector, axes);
    const length = norm(rest);
    if (length > 1e-6 * norm(vector)) axes.push(rest.map((value) => value / length));
  }
  return axes as CrossSection;
}

/** A vector's coordinates in the section. */
export const inSection = (x: Numbers, section: CrossSection): [number, number, number] =>
  section.map((axis) => dot(x, axis)) as [number, number, number];

/** Coordinates of a round's directions in the section, [ΣB_f/2][3]. */
export function directionsInSection(
  { directions, shape, settings, head }: Omit<CrossSectionOptions, 'qk' | 'token' | 'degrees' | 'round'>,
  round: number,
  section: CrossSection,
): [number, number, number][] {
  return Array.from({ length: directionCount(settings) }, (_, i) =>
    inSection(column(directions, shape, settings, head, round, i), section),
  );
}

/** Row `token` of qk [heads, n, d]. */
export function row(qk: Numbers, { n, d }: Shape, head: number, token: number): Float64Array {
  return Float64Array.from({ length: d }, (_, k) => entryOf(qk, (head * n + token) * d + k));
}

function column(
  directions: Numbers,
  { d }: Shape,
  settings: Settings,
  head: number,
  round: number,
  index: number,
): Float64Array {
  const columns = directionCount(settings);
  return Float64Array.from({ length: d }, (_, k) =>
    entryOf(directions, ((head * d + k) * settings.rounds + round) * columns + index),
  );
}

const unit = (d: number, k: number): Float64Array => Float64Array.from({ length: d }, (_, i) => (i === k ? 1 : 0));

const dot = (a: Numbers, b: Numbers): number => dotOfRows(a, 0, b, 0, a.length);

const norm = (a: Numbers): number => Math.sqrt(dot(a, a));

/** The component of a vector that is orthogonal to orthonormal axes. Projects twice, because one pass leaves rounding errors. */
function orthogonalPart(vector: Float64Array, axes: Float64Array[]): Float64Array {
  const rest = Float64Array.from(vector);
  for (const axis of [...axes, ...axes]) {
    addRow(rest, 0, -dot(rest, axis), axis, 0, rest.length);
  }
  return rest;
}
