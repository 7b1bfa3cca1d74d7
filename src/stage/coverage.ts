import { select, vec2, wgslFn } from 'three/tsl';
import type { Node } from 'three/webgpu';
import source from '../../shaders/draw/coverage.wgsl?raw';

/** A shader's source from its first function on. three.js accepts no comments before it. */
export const functionIn = (source: string): string => source.slice(source.indexOf('\nfn ') + 1);

// The type of a wgslFn does not name its result, which is an f32 here.
const covered = wgslFn(functionIn(source));

/**
 * How much of a pixel a shape covers, from 0 to 1: antialiasing at the price of one sample. `place` goes from -1 to 1 between opposite
 * edges of the drawn quad, which is larger than the shape by half a device pixel on each side.
 */
export const coverage = (place: Node<'vec2'>): Node<'float'> => covered({ place }) as Node<'float'>;

/** The corner of a quad, as -1 or 1 to the right and up, for each of the six vertices of its two triangles. */
export const cornerOf = (vertex: Node<'uint'>): Node<'vec2'> => {
  const [isRight, isUp] = [
    [1, 2, 4],
    [2, 4, 5],
  ].map((vertices) => vertices.map((k) => vertex.equal(k)).reduce((any, one) => any.or(one)));
  return vec2(select(isRight, 1, -1), select(isUp, 1, -1));
};
