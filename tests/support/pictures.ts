import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

/** Pixels of a picture, four bytes each, row by row. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}

/** A rectangle in pixels. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const readPng = (png: Uint8Array): Pixels => PNG.sync.read(Buffer.from(png));

/** How far a colour may be from another that counts as the same: as two medium greys that differ by 20 and by 40 of 255. */
export const tolerances = { strict: 0.065, compressed: 0.13 };

/**
 * Share of the pixels that differ visibly between two pictures, 1 if their sizes differ. Pixels with a value other than 0 in `ignored` [width
 * × height] do not count.
 */
export function differenceOf(a: Pixels, b: Pixels, threshold = tolerances.strict, ignored?: Uint8Array): number {
  const { width, height } = a;
  if (b.width !== width || b.height !== height) return 1;
  const all = ignored ? ignored.reduce((count, value) => count + Number(value === 0), 0) : width * height;
  // Smoothed edges count as well: most of the stage consists of thin lines.
  const options = { threshold, includeAA: true, ...(ignored && { ignoreMask: ignored }) };
  return pixelmatch(a.data, b.data, null, width, height, options) / all;
}

/** The colours in a part of a picture, as `#rrggbb`, each with its number of pixels. */
export function coloursOf(
  picture: Pixels,
  { x, y, width, height }: Box = { x: 0, y: 0, ...picture },
): Map<string, number> {
  const counts = new Map<number, number>();
  for (let row = y; row < Math.min(y + height, picture.height); row++) {
    for (let column = x; column < Math.min(x + width, picture.width); column++) {
      const at = 4 * (row * picture.width + column);
      const [red, green, blue] = picture.data.subarray(at, at + 3);
      const colour = (red << 16) | (green << 8) | blue;
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
  }
  const name = (colour: number) => `#${colour.toString(16).padStart(6, '0')}`;
  return new Map([...counts].map(([colour, count]) => [name(colour), count]));
}
