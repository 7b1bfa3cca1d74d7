import {
  cameraPosition,
  cameraProjectionMatrix,
  cameraViewMatrix,
  Fn,
  float,
  int,
  mix,
  select,
  smoothstep,
  storage,
  uint,
  uniform,
  uniformArray,
  varyingProperty,
  vec3,
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
  Vector3,
  Vector4,
  type WebGPURenderer,
} from 'three/webgpu';
import { limits } from '../algorithm/settings';
import type { LshAttention } from '../gpu/attention/lsh-attention';
import type { GpuEngine } from '../gpu/gpu-engine';
import type { BucketColours } from './bucket-colours';
import { cornerOf } from './coverage';
import type { Picture } from './picture';
import { shares } from './progress';
import { release, share, sharedAttribute } from './shared';
import { mostPoints, type SphereModel, type SpherePosition } from './sphere-model';

/** Most tokens on the small spheres. For longer sequences these show only the selected token. */
const mostInSmall = 512;

/** Tokens on and in the spheres as small balls. Their buckets are read from the engine's buffer without a copy. */
export class Points {
  readonly mesh: Mesh;
  readonly viewport = uniform(new Vector2(1, 1));
  private readonly geometry = new BufferGeometry();
  /** The point and the number of each token drawn. */
  private readonly tokenPoints = new StorageBufferAttribute(new Float32Array(4 * mostPoints + 8), 4);
  private readonly buckets = sharedAttribute();
  private source: LshAttention | undefined;
  private readonly n = uniform(1, 'uint');
  private readonly rounds = uniform(1, 'uint');
  private readonly head = uniform(0, 'uint');
  /** Tokens drawn on the large sphere, and on each small one the last of them. */
  private readonly drawn = uniform(1, 'uint');
  private readonly small = uniform(1, 'uint');
  private readonly selected = uniform(-1, 'int');
  private readonly twin = uniform(-1, 'int');
  private readonly size = uniform(6, 'float');
  private readonly positions = uniformArray<'vec4'>(
    Array.from({ length: limits.rounds }, () => new Vector4()),
    'vec4',
  );
  private readonly roundOf = uniformArray<'uint'>(new Array(limits.rounds).fill(0), 'uint');
  private readonly ownBuckets = uniformArray<'int'>(new Array(limits.rounds).fill(-1), 'int');
  /** How far tokens have taken the colours of their buckets, and the colour before. */
  readonly hash = uniform(1, 'float');
  private readonly unhashed = uniform(new Vector3());
  private readonly paper = uniform(new Vector3());
  private readonly ink = uniform(new Vector3());
  private readonly accent = uniform(new Vector3());

  constructor(
    private readonly renderer: WebGPURenderer,
    private readonly engine: GpuEngine,
    palette: BucketColours,
  ) {
    const buckets = storage(this.buckets, 'uint', 4).toReadOnly();
    const colour = varyingProperty('vec3', 'pointColour');
    const ring = varyingProperty('vec3', 'pointRing');
    /** The position in the disc, and the share of its radius where the ring begins. */
    const disc = varyingProperty('vec3', 'pointDisc');
    /** A pixel as a share of the radius. */
    const blurred = varyingProperty('float', 'pointBlur');
    const material = new MeshBasicNodeMaterial({ side: DoubleSide, transparent: true, forceSinglePass: true });
    const points = storage(this.tokenPoints, 'vec4', mostPoints + 2).toReadOnly();
    material.vertexNode = Fn(() => {
      const item = vertexIndex.div(6).toVar();
      const corner = vertexIndex.mod(6).toVar();
      const isFront = item.lessThan(this.drawn).toVar();
      const beyond = item.sub(this.drawn).toVar();
      const position = select(isFront, uint(0), beyond.div(this.small).add(1)).toVar();
      const which = select(isFront, item, this.drawn.sub(this.small).add(beyond.mod(this.small))).toVar();
      const place = points.element(which).toVar();
      const token = uint(place.w.add(0.5)).toVar();
      const round = this.roundOf.element(position).toVar();
      const bucket = buckets.element(this.head.mul(this.rounds).add(round).mul(this.n).add(token)).toVar();
      const ball = this.positions.element(position).toVar();
      const centre = ball.xyz;
      const view = cameraProjectionMatrix.mul(cameraViewMatrix);
      const clip = view.mul(vec4(centre.add(place.xyz.mul(ball.w)), 1)).toVar();
      // The length of sphere in front of it.
      const toEye = cameraPosition.sub(centre).normalize().toVar();
      const along = place.xyz.dot(toEye).toVar();
      const aside = place.xyz.dot(place.xyz).sub(along.mul(along)).clamp(0, 1);
      const glass = aside.oneMinus().sqrt().sub(along).max(0).toVar();
      const isSelected = int(token).equal(this.selected).toVar();
      const isTwin = int(token).equal(this.twin).toVar();
      const isOwn = int(bucket).equal(this.ownBuckets.element(position)).toVar();
      const isSpecial = isSelected.or(isTwin).toVar();
      const growth = select(
        isSelected,
        float(1.7),
        select(isTwin, float(1.45), select(isOwn, float(1.2), float(0.85))),
      );
      const near = glass.mul(-0.13).add(1);
      const least = select(isSpecial.and(isFront), float(6.5), float(0));
      const size = this.size
        .mul(growth)
        .mul(near)
        .mul(select(isFront, float(1), float(0.42)))
        .max(least)
        .toVar();
      const inDisc = cornerOf(corner).toVar();
      const step = inDisc.mul(size).mul(2).div(this.viewport).mul(clip.w);
      const fade = select(
        isSelected,
        float(0),
        glass
          .mul(select(isOwn.or(isTwin), float(0.3), float(0.44)))
          .add(select(isOwn.or(isTwin), float(0), float(0.12))),
      ).min(0.86);
      const turn = float(token)
        .div(float(this.n))
        .mul(1 - shares.hash);
      const hashed = this.hash.sub(turn).div(shares.hash).mul(1.001).clamp(0, 1);
      const own = mix(this.unhashed, palette.node.element(bucket.mod(256)).xyz, hashed);
      colour.assign(mix(own, this.paper, fade));
      ring.assign(
        mix(
          select(isSelected, this.ink, select(isTwin, this.accent, this.paper)),
          this.paper,
          select(isSpecial, float(0), glass.mul(0.4)),
        ),
      );
      disc.assign(vec3(inDisc, select(isSpecial, float(0.62), float(0.78))));
      blurred.assign(float(0.9).div(size).clamp(0.05, 0.5));
      const depth = select(isSelected, float(0.8), float(0.9));
      return vec4(clip.xy.add(step), clip.z.mul(depth), clip.w);
    })();
    const shade = Fn(() => {
      const radius = disc.xy.length().toVar();
      const blur = blurred;
      const isRing = smoothstep(disc.z.sub(blur.mul(0.5)), disc.z.add(blur.mul(0.5)), radius);
      // A little light from above makes a ball of the disc.
      const light = disc.y.mul(0.5).sub(disc.x.mul(0.3)).mul(0.22).add(1);
      const alpha = float(1).sub(smoothstep(float(1).sub(blur), float(1), radius));
      return vec4(mix(colour.mul(light), ring, isRing), alpha);
    })();
    material.colorNode = shade;
    material.alphaTest = 0.04;
    this.mesh = new Mesh(this.geometry, material);
    this.mesh.frustumCulled = false;
    this.mesh.renderOrder = 2;
  }

  show(picture: Picture, model: SphereModel, count: number): void {
    const { lsh } = this.engine;
    if (this.source !== lsh) {
      share(this.renderer, this.buckets, lsh.buckets.buffer);
      this.source = lsh;
    }
    const { shape, settings, head, theme, readout } = picture;
    this.n.value = shape.n;
    this.rounds.value = settings.rounds;
    this.head.value = head;
    const { tokens, points, twin } = model;
    const array = this.tokenPoints.array as Float32Array;
    for (const [i, token] of tokens.entries()) array.set([...points[i], token], 4 * i);
    this.tokenPoints.needsUpdate = true;
    this.drawn.value = tokens.length;
    this.small.value = tokens.length <= mostInSmall ? tokens.length : 1;
    this.selected.value = readout?.token ?? -1;
    this.twin.value = twin ?? -1;
    this.size.value = Math.max(1.6, Math.min(7.5, 6.2 * (64 / tokens.length) ** 0.32));
    for (let k = 0; k < count; k++) {
      const { round } = model.balls[k];
      this.roundOf.array[k] = round;
      this.ownBuckets.array[k] = readout?.rounds[round].bucket ?? -1;
    }
    const set = (into: Vector3, css: string) => {
      const { r, g, b } = new Color(css);
      into.set(r, g, b);
    };
    set(this.paper.value, theme.paper);
    set(this.ink.value, theme.ink);
    set(this.accent.value, theme.accent);
    this.unhashed.value.lerpVectors(this.ink.value, this.paper.value, 0.62);
    this.geometry.setDrawRange(0, 6 * (tokens.length + (count - 1) * this.small.value));
  }

  /** Moves the spheres. */
  put(positions: readonly SpherePosition[]): void {
    for (const [k, { centre, radius }] of positions.entries())
      (this.positions.array[k] as Vector4).set(...centre, radius);
  }

  dispose(): void {
    release(this.renderer, this.engine.context.device, this.buckets);
    this.geometry.dispose();
    (this.mesh.material as MeshBasicNodeMaterial).dispose();
  }
}
