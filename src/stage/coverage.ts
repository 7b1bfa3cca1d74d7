import { select, vec2, wgslFn } from 'three/tsl';
import type { Node } from 'three/webgpu';
import source from '../../shaders/draw/coverage.wgsl?raw';

/** A shader's source from its first function on: three.js takes nothing before it. */
export const functionIn = (source: string): string => source.slice(source.indexOf('\nfn ') + 1);

const covered = wgslFn(functionIn(source));

/**
 * How much of a pixel a shape covers, from 0 to 1: what several samples of each pixel would tell, at the price of one. `place` goes from
 * -1 to 1 between opposite edges of what is drawn, half of one of the screen's pixels outside of the shape's own.
 */
export const coverage = (place: Node<'vec2'>): Node<'float'> => covered({ place }) as never;

/** The corner of a quad, as -1 or 1 to the right and up, of one of the six vertices of its two triangles. */
export const cornerOf = (vertex: Node<'uint'>): Node<'vec2'> => {
  const [isRight, isUp] = [
    [1, 2, 4],
    [2, 4, 5],
  ].map((those) => those.map((k) => vertex.equal(k)).reduce((any, one) => any.or(one)));
  return vec2(select(isRight, 1, -1), select(isUp, 1, -1)) as never;
};
