import { limits } from '../algorithm/settings';

/** Boxes around chunks: the selected token's chunk, two before it and one after. */
export const boxes = limits.lookBack + 1 + limits.lookAhead;

/** Half the loom's width, and the distance between its rounds. The shader has the same values. */
export const loomHalfWidth = 1.6;
export const roundDepth = 0.3;

/** Items drawn as one instance: enough to keep instances few, and few enough that 16 bits number their vertices. */
export const itemsOfInstance = 32;

/** Vertices of an item: the corners of two cells, and two wherever a segment of the thread begins or ends. */
export const itemVertices = (segments: number): number => 10 + 2 * segments;

/**
 * The vertices of an instance's triangles, for an even number of segments. The triangles of two neighbouring segments are ordered so
 * that four new vertices come in a row, because software GPUs compute four at a time.
 */
export function indexOf(segments: number): Uint16Array {
  const cells = [0, 4].flatMap((k) => [k, k + 1, k + 3, k, k + 3, k + 2]);
  const thread = Array.from({ length: segments / 2 }, (_, pair) => {
    const [left, right] = [0, 1].map((side) => [0, 1, 2].map((end) => 8 + 4 * pair + 2 * end + side));
    return [
      [left[0], right[0], right[1]],
      [left[1], right[2], left[2]],
      [left[0], right[1], left[1]],
      [left[1], right[1], right[2]],
    ].flat();
  });
  const item = [...cells, ...thread.flat()];
  const items = Array.from({ length: itemsOfInstance }, (_, k) =>
    item.map((vertex) => k * itemVertices(segments) + vertex),
  );
  return Uint16Array.from(items.flat());
}
