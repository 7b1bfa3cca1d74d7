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
import {
  BufferGeometry,
  Color,
  DoubleSide,
  Mesh,
  MeshBasicNodeMaterial,
  StorageBufferAttribute,
  Vector3,
  type WebGPURenderer,
} from 'three/webgpu';
import paintSource from '../../shaders/draw-loom-paint.wgsl?raw';
import placeSource from '../../shaders/draw-loom-place.wgsl?raw';
import { chunkCount, limits, windowLength } from '../core/settings';
import type { LshAttention } from '../gpu/pipeline';
import { bucketColour, paletteSize } from '../state/palette';
import type { Picture } from './picture';
import { letGo, sharedAttribute } from './shared';
import type { Box } from './view';

/** Boxes that can be drawn around chunks: the own one, two before and one after. */
const boxes = limits.lookBack + 1 + limits.lookAhead;

/** Half the loom's width, and how far its rounds stand behind one another; as in the shader. */
export const loomHalfWidth = 1.6;
const roundDepth = 0.3;

/** The engine's tensors that the loom reads. */
const sources = ['rank', 'buckets', 'order'] as const;
type Source = (typeof sources)[number];

/** Tokens of a round that a processor draws within a frame's time. */
const softwareTokens = 4096;

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
  private readonly attributes: Record<Source, StorageBufferAttribute>;
  private readonly nodes;
  private source: LshAttention | undefined;

  // Uniforms, by the names that the shader's arguments have.
  private readonly n = uniform(2, 'uint');
  private readonly rounds = uniform(1, 'uint');
  private readonly head = uniform(0, 'uint');
  private readonly front = uniform(0, 'uint');
  private readonly segments = uniform(8, 'uint');
  private readonly stride = uniform(1, 'uint');
  private readonly chunk = uniform(4, 'uint');
  private readonly chunks = uniform(1, 'int');
  private readonly lookBack = uniform(1, 'int');
  private readonly lookAhead = uniform(0, 'int');
  private readonly ownBucketOnly = uniform(0, 'uint');
  private readonly causal = uniform(0, 'uint');
  private readonly wraps = uniform(0, 'uint');
  /** Tokens drawn of each round, and slots of a window. */
  private readonly drawn = uniform(2, 'uint');
  private readonly window = uniform(8, 'uint');
  private readonly selected = uniform(-1, 'int');
  private readonly rowHeight = uniform(1, 'float');
  private readonly pixel = uniform(0.002, 'float');
  private readonly thread = uniform(0.4, 'float');
  private readonly ink = uniform(new Vector3());
  private readonly accent = uniform(new Vector3());
  private readonly ownChunk = uniformArray(new Array(limits.rounds).fill(0), 'int');
  private readonly ownBucket = uniformArray(new Array(limits.rounds).fill(0), 'int');

  constructor(
    private readonly renderer: WebGPURenderer,
    private readonly device: GPUDevice,
    private readonly software: boolean,
  ) {
    const stub = () => new StorageBufferAttribute(new Uint32Array(4), 1);
    this.attributes = { rank: stub(), buckets: stub(), order: stub() };
    const node = (name: Source) => storage(this.attributes[name], 'uint', 4).toReadOnly();
    this.nodes = { rank: node('rank'), buckets: node('buckets'), order: node('order') };
    const material = new MeshBasicNodeMaterial({
      side: DoubleSide,
      transparent: true,
      depthTest: false,
      depthWrite: false,
      // three.js would draw what is transparent and seen from both sides twice.
      forceSinglePass: true,
    });
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
    /** A position far outside the picture, for what is not drawn. */
    const away = float(-1e6);
    return Fn(() => {
      const perItem = uint(12).add(this.segments.mul(6));
      const item = vertexIndex.div(perItem).toVar();
      const vertex = vertexIndex.mod(perItem).toVar();
      const tokenEnd = this.rounds.mul(this.drawn).add(boxes).toVar();
      const litEnd = tokenEnd.add(this.rounds.mul(this.window)).toVar();
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
        const offset = int(item).sub(limits.lookBack).toVar();
        const seen = intOf(this.ownChunk, int(this.front)).add(offset).toVar();
        const exists = this.selected
          .greaterThanEqual(0)
          .and(offset.greaterThanEqual(this.lookBack.negate()))
          .and(offset.lessThanEqual(this.lookAhead))
          .and(seen.greaterThanEqual(0))
          .and(seen.lessThan(this.chunks))
          .and(vertex.lessThan(6));
        const start = seen.mul(int(this.chunk)).toVar();
        const fullEnd = start.add(int(this.chunk));
        const end = select(fullEnd.lessThan(int(this.n)), fullEnd, int(this.n));
        lower.assign(select(exists, float(start), 0));
        boxEnd.assign(select(exists, float(end), 0));
        emphasis.assign(select(offset.equal(0), 0, 1));
      })
        .ElseIf(item.lessThan(tokenEnd), () => {
          // Far rounds first, the round in front last.
          const k = item.sub(boxes).toVar();
          const back = this.rounds.sub(1).sub(k.div(this.drawn)).toVar();
          const round = this.front.add(back).mod(this.rounds);
          const token = k.mod(this.drawn).mul(this.stride).toVar();
          const at = this.head.mul(this.rounds).add(round).mul(this.n).add(token).toVar();
          bucket.assign(this.nodes.buckets.element(at));
          upper.assign(float(token));
          lower.assign(float(this.nodes.rank.element(at)));
          depth.assign(float(back));
        })
        .ElseIf(item.lessThan(litEnd), () => {
          // Over them, what the selected token sees: every slot of its window in every round. Through the ring a slot can lie in
          // another round than the one that sees it.
          const k = item.sub(tokenEnd).toVar();
          const seeing = this.front
            .add(this.rounds.sub(1))
            .sub(k.div(this.window))
            .add(this.rounds)
            .mod(this.rounds)
            .toVar();
          const slot = k.mod(this.window).toVar();
          const chunk = intOf(this.ownChunk, int(seeing))
            .add(int(slot.div(this.chunk)))
            .sub(this.lookBack)
            .toVar();
          const ring = this.chunks.mul(int(this.rounds)).toVar();
          const place = int(seeing).mul(this.chunks).add(chunk).add(ring.mul(limits.lookBack)).mod(ring).toVar();
          const round = uint(place.div(this.chunks)).toVar();
          const position = uint(place.mod(this.chunks)).mul(this.chunk).add(slot.mod(this.chunk)).toVar();
          const exists = this.wraps
            .equal(uint(1))
            .or(chunk.greaterThanEqual(0).and(chunk.lessThan(this.chunks)))
            .and(position.lessThan(this.n))
            .and(this.selected.greaterThanEqual(0));
          upper.assign(away);
          lower.assign(away);
          If(exists, () => {
            const base = this.head.mul(this.rounds).add(round).mul(this.n).toVar();
            const token = this.nodes.order.element(base.add(position)).toVar();
            bucket.assign(this.nodes.buckets.element(base.add(token)));
            const ownBucket = round.equal(seeing).and(int(bucket).equal(intOf(this.ownBucket, int(seeing))));
            const bucketFits = this.ownBucketOnly.equal(uint(0)).or(ownBucket);
            const inTime = this.causal.equal(uint(0)).or(int(token).lessThanEqual(this.selected));
            If(bucketFits.and(inTime), () => {
              upper.assign(float(token));
              lower.assign(float(position));
              depth.assign(float(round.add(this.rounds).sub(this.front).mod(this.rounds)));
              emphasis.assign(select(int(token).equal(this.selected), float(2), float(1)));
            });
          });
        })
        .Else(() => {
          kind.assign(2);
          const apart = float(this.chunk)
            .mul(2 * loomHalfWidth)
            .div(float(this.n));
          const inUse = vertex.lessThan(6).and(apart.greaterThan(this.pixel.mul(3)));
          const edge = item.sub(litEnd).mul(this.chunk);
          lower.assign(select(inUse, float(select(edge.lessThan(this.n), edge, this.n)), away));
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
        row: this.rowHeight,
      });
      return cameraProjectionMatrix.mul(modelViewMatrix).mul(vec4(position as never, 1));
    })();
  }

  /** Draws from the engine's tensors from now on; copies nothing. */
  show(lsh: LshAttention, { settings, shape, theme, head, round, readout }: Picture): void {
    if (this.source !== lsh) {
      for (const name of sources) this.takeBuffer(name, lsh[name].buffer);
      this.source = lsh;
    }
    const { n } = shape;
    const { rounds } = settings;
    this.n.value = n;
    this.rounds.value = rounds;
    this.head.value = head;
    this.front.value = round;
    this.segments.value = n <= 1024 ? 24 : n <= 4096 ? 12 : n <= 16384 ? 6 : 3;
    this.stride.value = this.strideOf(n);
    this.drawn.value = Math.ceil(n / this.stride.value);
    this.window.value = windowLength(settings);
    this.chunk.value = settings.chunk;
    this.chunks.value = chunkCount(n, settings);
    this.lookBack.value = settings.lookBack;
    this.lookAhead.value = settings.lookAhead;
    this.ownBucketOnly.value = settings.bucketMask ? 1 : 0;
    this.causal.value = settings.causal ? 1 : 0;
    this.wraps.value = settings.wrap ? 1 : 0;
    this.selected.value = readout?.token ?? -1;
    // Dark threads on light paper need more of themselves to be seen.
    this.thread.value = Math.min(1, Math.max(0.02, (theme.dark ? 5.5 : 8.5) / Math.sqrt(n)));
    setColour(this.ink.value, theme.ink);
    setColour(this.accent.value, theme.accent);
    for (const [r, place] of (readout?.rounds ?? []).entries()) {
      this.ownChunk.array[r] = place.chunk as never;
      this.ownBucket.array[r] = place.bucket as never;
    }
    this.paintPalette(theme.dark);
    const items = boxes + rounds * (this.drawn.value + this.window.value) + chunkCount(n, settings) + 1;
    this.geometry.setDrawRange(0, items * this.itemVertices);
  }

  /** Threads and walls keep their width in pixels. `size` is one pixel in the world, at the loom. */
  setPixel(size: number): void {
    this.pixel.value = size;
  }

  /** One token in this many is drawn, besides the selected one and those it sees. */
  strideOf(n: number): number {
    return this.software ? Math.max(1, Math.floor(n / softwareTokens)) : 1;
  }

  /** Height of the upper row, and depth of the lower one, in the world. */
  get row(): number {
    return this.rowHeight.value;
  }

  set row(height: number) {
    this.rowHeight.value = height;
  }

  /** What the loom takes up with its rounds behind one another. */
  box(rounds: number): Box {
    return {
      min: [-loomHalfWidth, -this.row - 0.1, -roundDepth * (rounds - 1)],
      max: [loomHalfWidth, this.row + 0.1, 0],
    };
  }

  dispose(): void {
    for (const attribute of Object.values(this.attributes)) letGo(this.renderer, this.device, attribute);
    this.geometry.dispose();
    (this.mesh.material as MeshBasicNodeMaterial).dispose();
  }

  private takeBuffer(name: Source, buffer: GPUBuffer): void {
    const before = this.attributes[name];
    const attribute = sharedAttribute(this.renderer, buffer, buffer.size / 4, 1, 'u32');
    this.attributes[name] = attribute;
    this.nodes[name].value = attribute;
    if (this.source) letGo(this.renderer, this.device, before);
  }

  private paintPalette(dark: boolean): void {
    const colour = new Color();
    for (let b = 0; b < paletteSize; b++) {
      colour.set(bucketColour(b, dark)).toArray(this.palette.array, 4 * b);
    }
    this.palette.needsUpdate = true;
  }
}
