import {
  cameraProjectionMatrix,
  cameraViewMatrix,
  Fn,
  float,
  mix,
  select,
  storage,
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
import { cornerOf, coverage } from './coverage';
import type { Point } from './projection';

/** A straight line that keeps its width in pixels; it may taper. */
export interface Line {
  from: Point;
  to: Point;
  /** Pixels at both ends. */
  widths: [number, number];
  colour: string;
  /** Visible through whatever is in front of it. */
  isOnTop?: boolean;
}

/** Lines of the stage, drawn in one call. */
export class LineBatch {
  readonly mesh: Mesh;
  readonly viewport = uniform(new Vector2(1, 1));
  /** A device pixel in CSS pixels. */
  readonly finest = uniform(1, 'float');
  /** How far lines have grown from their start, 0 to 1: those on top, and the others. */
  readonly grownOnTop = uniform(1, 'float');
  readonly grown = uniform(1, 'float');
  private readonly geometry = new BufferGeometry();
  /** For each line: `from` and its width, `to` and its width, colour and `isOnTop`. */
  private readonly data: StorageBufferAttribute;

  constructor(private readonly most: number) {
    this.data = new StorageBufferAttribute(new Float32Array(12 * most), 4);
    const material = new MeshBasicNodeMaterial({ side: DoubleSide, transparent: true, forceSinglePass: true });
    const colour = varyingProperty('vec3', 'lineColour');
    const place = varyingProperty('vec2', 'linePlace');
    const data = storage(this.data, 'vec4', 3 * most).toReadOnly();
    material.vertexNode = Fn(() => {
      const first = vertexIndex.div(6).mul(3).toVar();
      const corner = vertexIndex.mod(6).toVar();
      const from = data.element(first).toVar();
      const whole = data.element(first.add(1)).toVar();
      const tint = data.element(first.add(2)).toVar();
      const grown = select(tint.w.greaterThan(0), this.grownOnTop, this.grown).toVar();
      const to = vec4(mix(from.xyz, whole.xyz, grown), whole.w).toVar();
      const view = cameraProjectionMatrix.mul(cameraViewMatrix).toVar();
      const start = view.mul(vec4(from.xyz, 1)).toVar();
      const end = view.mul(vec4(to.xyz, 1)).toVar();
      const pixels = (place: typeof start) => place.xy.div(place.w).mul(this.viewport);
      const along = pixels(end).sub(pixels(start)).toVar();
      const unit = along.div(along.length().max(1e-4)).toVar();
      const side = cornerOf(corner).toVar();
      const isEnd = side.x.greaterThan(0).toVar();
      const here = select(isEnd, end, start).toVar();
      // Half a width, times the 2 units that clip space has across the viewport.
      const across = vec2(unit.y.negate(), unit.x)
        .mul(side.y)
        .mul(select(isEnd, to.w, from.w).add(this.finest));
      const beyond = across.add(unit.mul(side.x).mul(this.finest)).div(this.viewport).mul(here.w);
      colour.assign(tint.xyz);
      place.assign(side);
      const nearer = here.z.mul(select(tint.w.greaterThan(0), float(0.85), float(1)));
      return select(grown.greaterThan(0), vec4(here.xy.add(beyond), nearer, here.w), vec4(2, 2, 2, 1));
    })();
    material.colorNode = vec4(colour, coverage(place));
    material.alphaTest = 0.04;
    this.mesh = new Mesh(this.geometry, material);
    this.mesh.frustumCulled = false;
    this.mesh.renderOrder = 1;
  }

  show(lines: readonly Line[]): void {
    const array = this.data.array as Float32Array;
    const count = Math.min(lines.length, this.most);
    for (let i = 0; i < count; i++) {
      const { from, to, widths, colour, isOnTop } = lines[i];
      const { r, g, b } = new Color(colour);
      array.set([...from, widths[0], ...to, widths[1], r, g, b, isOnTop ? 1 : 0], 12 * i);
    }
    this.data.needsUpdate = true;
    this.geometry.setDrawRange(0, 6 * count);
  }

  dispose(): void {
    this.geometry.dispose();
    (this.mesh.material as MeshBasicNodeMaterial).dispose();
  }
}
