/** Turns the random directions by an angle, so that a person can see tokens change buckets. */

import type { Numbers } from './hash';
import { entryOf } from './rows';
import type { Shape } from './settings';

/**
 * Turns directions [heads, d, rounds, ΣB_f/2] by one angle in the coordinate planes (0, 1), (2, 3), …. For odd d the last coordinate
 * stays, so three-dimensional directions turn about the third axis. Lengths and angles are preserved. A whole turn returns `directions`
 * itself.
 */
export function turnDirections(
  directions: Float32Array,
  { heads, d }: Pick<Shape, 'heads' | 'd'>,
  degrees: number,
): Float32Array {
  if (degrees % 360 === 0) return directions;
  return Float32Array.from(turnRows(directions, heads, d, degrees));
}

/** Turns one vector [d] in the same way. */
export const turnVector = (x: Numbers, degrees: number): Float64Array => turnRows(x, 1, x.length, degrees);

/** values [heads, d, any] */
function turnRows(values: Numbers, heads: number, d: number, degrees: number): Float64Array {
  const out = Float64Array.from(values);
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  const width = values.length / (heads * d);
  for (let head = 0; head < heads; head++) {
    for (let k = 0; k + 1 < d; k += 2) {
      const first = (head * d + k) * width;
      for (let column = first; column < first + width; column++) {
        const [a, b] = [entryOf(values, column), entryOf(values, column + width)];
        out[column] = cos * a - sin * b;
        out[column + width] = sin * a + cos * b;
      }
    }
  }
  return out;
}
