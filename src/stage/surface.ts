import {
  cameraPosition,
  dFdx,
  dFdy,
  Fn,
  float,
  If,
  instanceIndex,
  int,
  Loop,
  mix,
  positionGeometry,
  positionWorld,
  select,
  smoothstep,
  storage,
  uint,
  uniform,
  uniformArray,
  varying,
  vec3,
  vec4,
} from 'three/tsl';
import {
  Color,
  InstancedMesh,
  Matrix4,
  MeshBasicNodeMaterial,
  SphereGeometry,
  StorageBufferAttribute,
  Vector3,
} from 'three/webgpu';
import { limits, type Settings } from '../algorithm/settings';
import type { Theme } from '../state/palette';
import type { BucketColours } from './bucket-colours';
import { mostDirections, type SphereModel, type SpherePosition } from './sphere-model';

/** The spheres' surfaces: each point has the colour of its bucket by the round's directions. */
export class Surface {
  readonly mesh: InstancedMesh;
  private readonly data = new StorageBufferAttribute(new Float32Array(4 * limits.rounds * mostDirections), 4);
  private readonly columns = uniform(1, 'uint');
  /** Directions of each factor; 0 beyond the last. */
  private readonly halves = uniformArray<'uint'>(new Array(limits.factors).fill(0), 'uint');
  private readonly ownBuckets = uniformArray<'int'>(new Array(limits.rounds).fill(-1), 'int');
  private readonly paper = uniform(new Vector3());
  private readonly ink = uniform(new Vector3());
  /** Strength of the tint for the selected token's bucket and for other buckets. */
  private readonly strengths = uniform(new Vector3(0.8, 0.36, 0));

  /** How far the regions of buckets are shown, 0 to 1. */
  readonly hash = uniform(1, 'float');
  /** A device pixel in the world. */
  readonly pixel = uniform(0.002, 'float');
  private readonly radii = uniformArray<'float'>(new Array(limits.rounds).fill(1), 'float');

  constructor(palette: BucketColours) {
    const material = new MeshBasicNodeMaterial({ transparent: true });
    const place = varying(positionGeometry, 'spherePlace');
    const position = varying(float(instanceIndex), 'sphereSlot');
    const data = storage(this.data, 'vec4', limits.rounds * mostDirections).toReadOnly();
    material.colorNode = Fn(() => {
      const p = place.normalize().toVar();
      const k = uint(position.add(0.5)).toVar();
      const bucket = uint(0).toVar();
      const unit = uint(1).toVar();
      const first = k.mul(this.columns).toVar();
      // Pixels to the nearest border, and the movement on the surface from a pixel to the next.
      const nearest = float(1e9).toVar();
      const [overX, overY] = [dFdx(p).toVar(), dFdy(p).toVar()];
      Loop({ start: uint(0), end: uint(limits.factors), type: 'uint', condition: '<' }, ({ i: factor }) => {
        const half = this.halves.element(factor).toVar();
        const best = float(-1).toVar();
        const second = float(-1).toVar();
        const answer = uint(0).toVar();
        const winner = vec3(0).toVar();
        const runnerUp = vec3(0).toVar();
        Loop({ start: uint(0), end: half, type: 'uint', condition: '<' }, ({ i }) => {
          const direction = data.element(first.add(i)).xyz.toVar();
          const y = p.dot(direction).toVar();
          const size = y.abs().toVar();
          const end = direction.mul(y.sign()).toVar();
          If(size.greaterThan(best), () => {
            second.assign(best);
            runnerUp.assign(winner);
            best.assign(size);
            winner.assign(end);
            answer.assign(select(y.lessThan(0), i.add(half), i));
          }).ElseIf(size.greaterThan(second), () => {
            second.assign(size);
            runnerUp.assign(end);
          });
        });
        If(half.greaterThan(uint(0)), () => {
          // With a single direction, the runner-up is its other end.
          const lead = best.sub(select(second.lessThan(0), best.negate(), second));
          const steepest = winner.sub(select(second.lessThan(0), winner.negate(), runnerUp)).toVar();
          const slope = steepest.dot(overX).abs().add(steepest.dot(overY).abs());
          nearest.assign(nearest.min(lead.div(slope.max(1e-9))));
        });
        bucket.addAssign(answer.mul(unit));
        unit.mulAssign(select(half.greaterThan(uint(0)), half.mul(2), uint(1)));
        first.addAssign(half);
      });
      const border = smoothstep(0.4, 1.5, nearest);
      const isOwn = this.ownBuckets.element(k).equal(int(bucket));
      const tint = palette.node.element(bucket.mod(256)).xyz;
      const strength = select(
        this.columns.equal(uint(0)),
        float(0),
        select(isOwn, this.strengths.x, this.strengths.y),
      ).mul(this.hash);
      const flat = mix(this.paper, tint, strength).toVar();
      const toEye = cameraPosition.sub(positionWorld).normalize();
      const facing = p.dot(toEye).clamp(0, 1).toVar();
      // Soft light from above. A darker rim makes the ball look round on any paper.
      const light = p
        .dot(vec3(-0.42, 0.74, 0.52))
        .mul(0.5)
        .add(0.5);
      const lit = flat.mul(light.mul(0.26).add(0.82));
      const rim = float(1).sub(facing).pow(3).mul(0.22);
      const lines = mix(this.paper, flat, 0.25);
      const withoutBorders = select(this.columns.equal(uint(0)), float(1), this.hash.oneMinus());
      const colour = mix(lines, lit, border.max(withoutBorders));
      // Its edge fades within a pixel.
      const aside = facing.mul(facing).oneMinus().sqrt();
      const radius = this.radii.element(k);
      return vec4(mix(colour, this.ink, rim), aside.oneMinus().mul(radius).div(this.pixel).min(1));
    })();
    this.mesh = new InstancedMesh(new SphereGeometry(1, 96, 64), material, limits.rounds);
    this.mesh.frustumCulled = false;
  }

  show(
    { balls, isCrowded }: SphereModel,
    count: number,
    settings: Settings,
    ownBuckets: readonly (number | undefined)[],
    theme: Theme,
  ): void {
    const columns = isCrowded ? 0 : balls[0].directions.length;
    this.columns.value = columns;
    for (let f = 0; f < limits.factors; f++) {
      this.halves.array[f] = isCrowded ? 0 : (settings.factors[f] ?? 0) / 2;
    }
    const array = this.data.array as Float32Array;
    for (let k = 0; k < count; k++) {
      for (const [i, direction] of balls[k].directions.entries()) array.set(direction, 4 * (k * columns + i));
      this.ownBuckets.array[k] = ownBuckets[balls[k].round] ?? -1;
    }
    this.data.needsUpdate = true;
    this.mesh.count = count;
    const set = (into: Vector3, css: string) => {
      const { r, g, b } = new Color(css);
      into.set(r, g, b);
    };
    set(this.paper.value, theme.paper);
    set(this.ink.value, theme.ink);
    this.strengths.value.set(theme.dark ? 0.55 : 0.64, theme.dark ? 0.24 : 0.32, 0);
  }

  /** Moves the spheres. */
  put(positions: readonly SpherePosition[]): void {
    const matrix = new Matrix4();
    for (const [k, { centre, radius }] of positions.entries()) {
      this.radii.array[k] = radius;
      this.mesh.setMatrixAt(k, matrix.makeScale(radius, radius, radius).setPosition(...centre));
    }
    this.mesh.instanceMatrix.needsUpdate = true;
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    (this.mesh.material as MeshBasicNodeMaterial).dispose();
    this.mesh.dispose();
  }
}
