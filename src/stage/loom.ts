import {
  BufferGeometry,
  Color,
  DoubleSide,
  Mesh,
  MeshBasicNodeMaterial,
  type Node,
  StorageBufferAttribute,
  Vector3,
  type WebGPURenderer,
} from 'three/webgpu';
import {
  cameraProjectionMatrix,
  Fn,
  float,
  If,
  int,
  modelViewMatrix,
  select,
  storage,
  uint,
  uniform,
  uniformArray,
  varyingProperty,
  vec4,
  vertexIndex,
  wgslFn,
} from 'three/tsl';
import paintSource from '../../shaders/draw-loom-paint.wgsl?raw';
import placeSource from '../../shaders/draw-loom-place.wgsl?raw';
import { chunkCount, limits } from '../core/settings';
import type { LshAttention } from '../gpu/pipeline';
import { bucketColour, paletteSize } from '../state/palette';
import type { Picture } from './picture';
import { letGo, sharedAttribute } from './shared';
import type { Box } from './view';

/** Boxes that can be drawn around chunks: the own one, two before and one after. */
const boxes = limits.lookBack + 1 + limits.lookAhead;

/** Half the loom's width, and its two rows' height; as in the shader. */
export const loomHalfWidth = 1.6;
export const loomRow = 1;
const roundDepth = 0.3;

/** An entry of a uniform array of whole numbers; three.js leaves its type open. */
const intOf = (array: ReturnType<typeof uniformArray>, index: Parameters<typeof array.element>[0]) =>
  int(array.element(index) as never);

/** A CSS colour as the linear numbers that shading is done with. */
const setColour = (into: Vector3, css: string): Vector3 => {
  const { r, g, b } = new Color(css);
  return into.set(r, g, b);
};

const code = (source: string): string => source.slice(source.indexOf('\nfn ') + 1);

/**
 * The loom: tokens in original order above and in bucket order below, one for each round behind the other, drawn in one call from the
 * engine's rank and bucket tensors.
 */
export class Loom {
  readonly mesh: Mesh;
  private readonly geometry = new BufferGeometry();
  private readonly palette = new StorageBufferAttribute(new Float32Array(4 * paletteSize), 4);
  private readonly places: { rank: StorageBufferAttribute; buckets: StorageBufferAttribute };
  private readonly rankNode;
  private readonly bucketNode;
  private drawn: LshAttention | undefined;

  // Uniforms, by the names that the shader's arguments have.
  private readonly n = uniform(2, 'uint');
  private readonly rounds = uniform(1, 'uint');
  private readonly head = uniform(0, 'uint');
  private readonly front = uniform(0, 'uint');
  private readonly segments = uniform(8, 'uint');
  private readonly chunk = uniform(4, 'uint');
  private readonly chunks = uniform(1, 'int');
  private readonly lookBack = uniform(1, 'int');
  private readonly lookAhead = uniform(0, 'int');
  private readonly ownBucketOnly = uniform(0, 'uint');
  private readonly causal = uniform(0, 'uint');
  private readonly ring = uniform(0, 'uint');
  private readonly selected = uniform(-1, 'int');
  private readonly pixel = uniform(0.002, 'float');
  private readonly thread = uniform(0.4, 'float');
  private readonly ink = uniform(new Vector3());
  private readonly accent = uniform(new Vector3());
  private readonly ownChunk = uniformArray(new Array(limits.rounds).fill(0), 'int');
  private readonly ownBucket = uniformArray(new Array(limits.rounds).fill(0), 'int');

  constructor(
    private readonly renderer: WebGPURenderer,
    private readonly device: GPUDevice,
  ) {
    const stub = () => new StorageBufferAttribute(new Uint32Array(4), 1);
    this.places = { rank: stub(), buckets: stub() };
    this.rankNode = storage(this.places.rank, 'uint', 4).toReadOnly();
    this.bucketNode = storage(this.places.buckets, 'uint', 4).toReadOnly();
    const material = new MeshBasicNodeMaterial({ side: DoubleSide, transparent: true, depthTest: false, depthWrite: false });
    const colour = varyingProperty('vec4', 'loomColour');
    material.vertexNode = this.vertex(colour);
    material.colorNode = colour;
    this.mesh = new Mesh(this.geometry, material);
    this.mesh.frustumCulled = false;
  }

  /** Vertices of an item: two cells and the thread. */
  private get itemVertices(): number {
    return 12 + 6 * this.segments.value;
  }

  private vertex(colour: ReturnType<typeof varyingProperty<'vec4'>>) {
    const place = wgslFn(code(placeSource));
    const paint = wgslFn(code(paintSource));
    const paletteNode = storage(this.palette, 'vec4', paletteSize).toReadOnly();
    return Fn(() => {
      const perItem = uint(12).add(this.segments.mul(6));
      const item = vertexIndex.div(perItem).toVar();
      const vertex = vertexIndex.mod(perItem).toVar();
      const tokenItems = this.rounds.mul(this.n);
      const kind = uint(1).toVar();
      const upper = float(0).toVar();
      const lower = float(0).toVar();
      const boxEnd = float(0).toVar();
      const depth = float(0).toVar();
      const emphasis = float(0).toVar();
      const bucket = uint(0).toVar();

      If(item.lessThan(uint(boxes)), () => {
        // Boxes around the selected token's chunk and those it also sees, in the round in front.
        kind.assign(0);
        const away = int(item).sub(limits.lookBack).toVar();
        const seen = intOf(this.ownChunk, int(this.front)).add(away).toVar();
        const exists = this.selected
          .greaterThanEqual(0)
          .and(away.greaterThanEqual(this.lookBack.negate()))
          .and(away.lessThanEqual(this.lookAhead))
          .and(seen.greaterThanEqual(0))
          .and(seen.lessThan(this.chunks))
          .and(vertex.lessThan(6));
        const start = seen.mul(int(this.chunk)).toVar();
        const fullEnd = start.add(int(this.chunk));
        const end = select(fullEnd.lessThan(int(this.n)), fullEnd, int(this.n));
        lower.assign(select(exists, float(start), 0));
        boxEnd.assign(select(exists, float(end), 0));
        emphasis.assign(select(away.equal(0), 0, 1));
      })
        .ElseIf(item.lessThan(tokenItems.add(boxes)), () => {
          // Far rounds first, the round in front last.
          const k = item.sub(boxes).toVar();
          const back = this.rounds.sub(1).sub(k.div(this.n)).toVar();
          const round = this.front.add(back).mod(this.rounds).toVar();
          const token = k.mod(this.n).toVar();
          const at = this.head.mul(this.rounds).add(round).mul(this.n).add(token).toVar();
          const rank = this.rankNode.element(at).toVar();
          bucket.assign(this.bucketNode.element(at));
          upper.assign(float(token));
          lower.assign(float(rank));
          depth.assign(float(back));
          If(this.selected.greaterThanEqual(0), () => {
            emphasis.assign(this.seenBySelected(round, token, rank, bucket));
          });
        })
        .Else(() => {
          kind.assign(2);
          const wall = item.sub(tokenItems).sub(boxes);
          const inUse = vertex.lessThan(6).and(this.thread.greaterThan(0));
          const edge = wall.mul(this.chunk);
          lower.assign(select(inUse, float(select(edge.lessThan(this.n), edge, this.n)), -1e6));
        });

      const quiet = select(this.selected.greaterThanEqual(0), 1, 0);
      const tint = paletteNode.element(bucket.mod(uint(paletteSize)));
      colour.assign(
        paint({
          kind,
          vertex,
          bucket: tint.xyz,
          ink: this.ink,
          accent: this.accent,
          depth,
          emphasis,
          quiet: float(quiet),
          thread: this.thread,
        }),
      );
      const position = place({
        kind,
        vertex,
        upper,
        lower,
        boxEnd,
        depth,
        tokens: float(this.n),
        segments: float(this.segments),
        emphasis,
        pixel: this.pixel,
      });
      return cameraProjectionMatrix.mul(modelViewMatrix).mul(vec4(position as never, 1));
    })();
  }

  /** 2 for the selected token, 1 for a token whose key lies in its window, here or through the ring, else 0. */
  // biome-ignore lint/suspicious/noExplicitAny: nodes of the shading language, whose types three.js does not spell out
  private seenBySelected(round: any, token: any, rank: any, bucket: any) {
    const here = int(rank.div(this.chunk)).toVar();
    const near = (away: Node<'int'>) => away.greaterThanEqual(this.lookBack.negate()).and(away.lessThanEqual(this.lookAhead));
    const r = int(round).toVar();
    const last = int(this.rounds).sub(1);
    // A ring joins the end of one round to the start of the next: the same chunk counted from the neighbouring rounds.
    const next = select(r.equal(last), int(0), r.add(1));
    const before = select(r.equal(0), last, r.sub(1));
    const inRound = near(here.sub(intOf(this.ownChunk, r)));
    const fromNext = near(here.sub(this.chunks).sub(intOf(this.ownChunk, next)));
    const fromBefore = near(here.add(this.chunks).sub(intOf(this.ownChunk, before)));
    const ringed = this.ring.equal(uint(1)).and(this.ownBucketOnly.equal(uint(0)));
    const inWindow = inRound.or(ringed.and(fromNext.or(fromBefore)));
    const bucketFits = this.ownBucketOnly.equal(uint(0)).or(int(bucket).equal(intOf(this.ownBucket, r)));
    const inTime = this.causal.equal(uint(0)).or(int(token).lessThanEqual(this.selected));
    const seen = inWindow.and(bucketFits).and(inTime);
    return select(int(token).equal(this.selected), float(2), select(seen, float(1), float(0)));
  }

  /** Draws from the engine's tensors from now on; copies nothing. */
  show(lsh: LshAttention, { settings, shape, theme, head, round, readout }: Picture): void {
    if (this.drawn !== lsh) {
      this.takeBuffer(this.rankNode, 'rank', lsh.rank.buffer);
      this.takeBuffer(this.bucketNode, 'buckets', lsh.buckets.buffer);
      this.drawn = lsh;
    }
    const { n } = shape;
    const { rounds } = settings;
    this.n.value = n;
    this.rounds.value = rounds;
    this.head.value = head;
    this.front.value = round;
    this.segments.value = n <= 256 ? 24 : n <= 4096 ? 12 : n <= 16384 ? 6 : 3;
    this.chunk.value = settings.chunk;
    this.chunks.value = chunkCount(n, settings);
    this.lookBack.value = settings.lookBack;
    this.lookAhead.value = settings.lookAhead;
    this.ownBucketOnly.value = settings.bucketMask ? 1 : 0;
    this.causal.value = settings.causal ? 1 : 0;
    this.ring.value = settings.wrap ? 1 : 0;
    this.selected.value = readout?.token ?? -1;
    this.thread.value = Math.min(0.75, Math.max(0.02, 36 / Math.sqrt(n) / 8));
    setColour(this.ink.value, theme.ink);
    setColour(this.accent.value, theme.accent);
    for (const [r, place] of (readout?.rounds ?? []).entries()) {
      this.ownChunk.array[r] = place.chunk as never;
      this.ownBucket.array[r] = place.bucket as never;
    }
    this.paintPalette(theme.dark);
    const items = boxes + rounds * n + chunkCount(n, settings) + 1;
    this.geometry.setDrawRange(0, items * this.itemVertices);
  }

  /** Threads and walls keep their width in pixels. `size` is one pixel in the world, at the loom. */
  setPixel(size: number): void {
    this.pixel.value = size;
  }

  /** What the loom takes up with its rounds behind one another. */
  box(rounds: number): Box {
    return { min: [-loomHalfWidth, -loomRow - 0.1, -roundDepth * (rounds - 1)], max: [loomHalfWidth, loomRow + 0.1, 0] };
  }

  dispose(): void {
    for (const attribute of Object.values(this.places)) letGo(this.renderer, this.device, attribute);
    this.geometry.dispose();
    (this.mesh.material as MeshBasicNodeMaterial).dispose();
  }

  private takeBuffer(node: { value: unknown }, name: 'rank' | 'buckets', buffer: GPUBuffer): void {
    const before = this.places[name];
    const attribute = sharedAttribute(this.renderer, buffer, buffer.size / 4, 1, 'u32');
    this.places[name] = attribute;
    node.value = attribute;
    if (this.drawn) letGo(this.renderer, this.device, before);
  }

  private paintPalette(dark: boolean): void {
    const colour = new Color();
    for (let b = 0; b < paletteSize; b++) {
      colour.set(bucketColour(b, dark)).toArray(this.palette.array, 4 * b);
    }
    this.palette.needsUpdate = true;
  }
}
