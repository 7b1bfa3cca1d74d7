import { dotProducts, type Numbers } from './hash';
import { directionCount, type Settings, type Shape } from './settings';
import { turnVector } from './turned-directions';

/**
 * Three orthonormal axes [3][d] through the origin of the space of vectors. A point of the section is hashed by all directions, exactly;
 * of a vector outside it, the section shows the part that lies inside. With d ≤ 3 that is all of it.
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
 * The section in which a token's hashing is best seen. In up to three dimensions: the coordinates themselves. In more: first the token's own
 * vector, second where it goes when it is turned as directions are, third the direction that won it in the round while nothing was
 * turned. It does not depend on how far directions are turned, so that a turn moves the directions and not the tokens.
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
  // Turned back, a direction makes the products with x that it makes now with x turned forth.
  const forth = turnVector(x, degrees);
  const products = dotProducts(forth, directions, shape, settings, head, round);
  const winner = products.reduce((best, y, i) => (Math.abs(y) > Math.abs(products[best]) ? i : best), 0);
  const won = turnVector(column(directions, shape, settings, head, round, winner), -degrees);
  if (products[winner] < 0) for (let k = 0; k < d; k++) won[k] = -won[k];
  const axes: Float64Array[] = [];
  // Should these not be independent, coordinates take their place.
  for (const vector of [x, turnVector(x, 90), won, ...Array.from({ length: d }, (_, k) => unit(d, k))]) {
    if (axes.length === 3) break;
    const rest = without(vector, axes);
    const length = norm(rest);
    if (length > 1e-6 * norm(vector)) axes.push(rest.map((value) => value / length));
  }
  return axes as CrossSection;
}

/** A vector's coordinates in the section. */
export const inSection = (x: Numbers, section: CrossSection): [number, number, number] =>
  section.map((axis) => dot(x, axis)) as [number, number, number];

/** Directions of a round as they lie in the section, [ΣB_f/2][3]. */
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
  return Float64Array.from({ length: d }, (_, k) => qk[(head * n + token) * d + k]);
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
  return Float64Array.from(
    { length: d },
    (_, k) => directions[((head * d + k) * settings.rounds + round) * columns + index],
  );
}

const unit = (d: number, k: number): Float64Array => Float64Array.from({ length: d }, (_, i) => (i === k ? 1 : 0));

const dot = (a: Numbers, b: Numbers): number => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
};

const norm = (a: Numbers): number => Math.sqrt(dot(a, a));

/** What of a vector is orthogonal to orthonormal axes. Twice, since once leaves rounding behind. */
function without(vector: Float64Array, axes: Float64Array[]): Float64Array {
  const rest = Float64Array.from(vector);
  for (const axis of [...axes, ...axes]) {
    const share = dot(rest, axis);
    for (let k = 0; k < rest.length; k++) rest[k] -= share * axis[k];
  }
  return rest;
}
