import { type Mat4, mat4, type Vec3, vec3 } from 'wgpu-matrix';

/** A box in the world. */
export interface Box {
  min: [number, number, number];
  max: [number, number, number];
}

export type Point = [number, number, number];

/** A camera's axes in the world, each of length 1. */
export interface Axes {
  right: Point;
  up: Point;
  toEye: Point;
}

/** The axes of an upright camera that stands in that direction from the point it looks at. */
export function axesToward(direction: Vec3 | readonly [number, number, number]): Axes {
  const toEye = vec3.normalize(vec3.create(direction[0], direction[1], direction[2]));
  const right = vec3.normalize(vec3.cross([0, 1, 0], toEye));
  const point = ([x, y, z]: Vec3): Point => [x, y, z];
  return { right: point(right), up: point(vec3.cross(toEye, right)), toEye: point(toEye) };
}

export function union(a: Box, b: Box): Box {
  return {
    min: a.min.map((value, k) => Math.min(value, b.min[k])) as Box['min'],
    max: a.max.map((value, k) => Math.max(value, b.max[k])) as Box['max'],
  };
}

/**
 * The eye and target of a camera that looks along −`toward` and sees the whole box.
 * `fov` is the vertical field of view in radians, `margin` the free share of the picture.
 */
export function frame(
  box: Box,
  toward: Vec3,
  fov: number,
  aspect: number,
  margin: number,
): { eye: Vec3; target: Vec3 } {
  const back = vec3.normalize(toward);
  const right = vec3.normalize(vec3.cross([0, 1, 0], back));
  const up = vec3.cross(back, right);
  const target = vec3.scale(vec3.add(box.min, box.max), 0.5);
  const tanY = Math.tan(fov / 2) * (1 - margin);
  const tanX = tanY * aspect;
  // Starts from far away, then moves the middle of the picture and shortens the distance until the box just fits.
  let distance = 0;
  for (let pass = 0; pass < 4; pass++) {
    const corners = cornersOf(box).map((corner) => {
      const away = vec3.subtract(corner, target);
      return [vec3.dot(away, right), vec3.dot(away, up), vec3.dot(away, back)];
    });
    distance = Math.max(...corners.map(([x, y, z]) => z + Math.max(Math.abs(x) / tanX, Math.abs(y) / tanY)));
    const slopes = corners.map(([x, y, z]) => [x / (distance - z), y / (distance - z)]);
    const middle = [0, 1].map((axis) => {
      const values = slopes.map((slope) => slope[axis]);
      return ((Math.min(...values) + Math.max(...values)) / 2) * distance;
    });
    vec3.addScaled(target, right, middle[0], target);
    vec3.addScaled(target, up, middle[1], target);
  }
  return { eye: vec3.addScaled(target, back, distance), target };
}

function cornersOf({ min, max }: Box): Vec3[] {
  return Array.from({ length: 8 }, (_, k) =>
    vec3.create(k & 1 ? max[0] : min[0], k & 2 ? max[1] : min[1], k & 4 ? max[2] : min[2]),
  );
}

/** The pixel of a point of the world; undefined behind the camera. `viewProjection` is column-major. */
export function project(
  point: readonly [number, number, number],
  viewProjection: Mat4,
  width: number,
  height: number,
): { x: number; y: number } | undefined {
  const [x, y, z] = point;
  const m = viewProjection;
  const w = m[3] * x + m[7] * y + m[11] * z + m[15];
  if (w <= 0) return undefined;
  const clip = vec3.transformMat4([x, y, z], m);
  return { x: ((clip[0] + 1) / 2) * width, y: ((1 - clip[1]) / 2) * height };
}

/**
 * Where the ray through a pixel meets the plane that the x and y axes of `placement` span: coordinates on the plane, or undefined if
 * it misses the plane.
 */
export function hit(
  pixel: { x: number; y: number },
  viewProjection: Mat4,
  width: number,
  height: number,
  placement: Mat4,
): { x: number; y: number } | undefined {
  const toPlane = mat4.multiply(mat4.inverse(placement), mat4.inverse(viewProjection));
  const x = (2 * pixel.x) / width - 1;
  const y = 1 - (2 * pixel.y) / height;
  const near = vec3.transformMat4([x, y, 0], toPlane);
  const far = vec3.transformMat4([x, y, 1], toPlane);
  const t = near[2] / (near[2] - far[2]);
  if (!(t >= 0)) return undefined;
  return { x: near[0] + t * (far[0] - near[0]), y: near[1] + t * (far[1] - near[1]) };
}
