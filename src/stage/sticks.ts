import {
  cameraProjectionMatrix,
  cameraViewMatrix,
  Fn,
  float,
  select,
  storage,
  uint,
  uniform,
  varyingProperty,
  vec2,
  vec4,
  vertexIndex,
} from 'three/tsl';
import {
  BufferGeometry,
  Color,
  DoubleSide,
  Mesh,
  MeshBasicNodeMaterial,
  StorageBufferAttribute,
  Vector2,
} from 'three/webgpu';
import type { Point } from './view';

/** A straight stroke that keeps its width in pixels; it may taper. */
export interface Stick {
  from: Point;
  to: Point;
  /** Pixels at both ends. */
  widths: [number, number];
  colour: string;
  /** Seen through whatever is before it. */
  over?: boolean;
}

/** Strokes of the stage, all in one call. */
export class Sticks {
  readonly mesh: Mesh;
  readonly viewport = uniform(new Vector2(1, 1));
  private readonly geometry = new BufferGeometry();
  /** Of each: from and its width, to and its width, colour and whether it is over. */
  private readonly data: StorageBufferAttribute;

  constructor(private readonly most: number) {
    this.data = new StorageBufferAttribute(new Float32Array(12 * most), 4);
    const material = new MeshBasicNodeMaterial({ side: DoubleSide });
    const colour = varyingProperty('vec4', 'stickColour');
    const data = storage(this.data, 'vec4', 3 * most).toReadOnly();
    material.vertexNode = Fn(() => {
      const first = vertexIndex.div(6).mul(3).toVar();
      const corner = vertexIndex.mod(6).toVar();
      const from = data.element(first).toVar();
      const to = data.element(first.add(1)).toVar();
      const tint = data.element(first.add(2)).toVar();
      const view = cameraProjectionMatrix.mul(cameraViewMatrix).toVar();
      const start = view.mul(vec4(from.xyz, 1)).toVar();
      const end = view.mul(vec4(to.xyz, 1)).toVar();
      const pixels = (place: typeof start) => place.xy.div(place.w).mul(this.viewport);
      const along = pixels(end).sub(pixels(start)).toVar();
      const unit = along.div(along.length().max(1e-4)).toVar();
      const isEnd = corner
        .equal(uint(1))
        .or(corner.equal(uint(2)))
        .or(corner.equal(uint(4)));
      const isLeft = corner
        .equal(uint(2))
        .or(corner.equal(uint(4)))
        .or(corner.equal(uint(5)));
      const here = select(isEnd, end, start).toVar();
      const width = select(isEnd, to.w, from.w).mul(select(isLeft, float(1), float(-1)));
      const aside = vec2(unit.y.negate(), unit.x).mul(width).div(this.viewport).mul(here.w);
      colour.assign(vec4(tint.xyz, 1));
      return vec4(here.xy.add(aside), here.z.mul(select(tint.w.greaterThan(0), float(0.85), float(1))), here.w);
    })();
    material.colorNode = colour;
    this.mesh = new Mesh(this.geometry, material);
    this.mesh.frustumCulled = false;
  }

  show(sticks: readonly Stick[]): void {
    const array = this.data.array as Float32Array;
    const count = Math.min(sticks.length, this.most);
    for (let i = 0; i < count; i++) {
      const { from, to, widths, colour, over } = sticks[i];
      const { r, g, b } = new Color(colour);
      array.set([...from, widths[0], ...to, widths[1], r, g, b, over ? 1 : 0], 12 * i);
    }
    this.data.needsUpdate = true;
    this.geometry.setDrawRange(0, 6 * count);
  }

  dispose(): void {
    this.geometry.dispose();
    (this.mesh.material as MeshBasicNodeMaterial).dispose();
  }
}
