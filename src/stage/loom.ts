import { varyingProperty, vec4 } from 'three/tsl';
import { BufferAttribute, BufferGeometry, Color, DoubleSide, Mesh, MeshBasicNodeMaterial, Vector3 } from 'three/webgpu';
import { chunkCount, windowLength } from '../algorithm/settings';
import type { GpuEngine } from '../gpu/gpu-engine';
import { BucketColours } from './bucket-colours';
import { coverage } from './coverage';
import type { EngineTensors } from './engine-tensors';
import { boxes, indexOf, itemsOfInstance, loomHalfWidth, roundDepth } from './loom-geometry';
import { loomVertex } from './loom-shader';
import { LoomUniforms } from './loom-uniforms';
import type { Pick, Picture } from './picture';
import { progressAt } from './progress';
import type { Box } from './projection';

/** Writes a CSS colour into a uniform. */
const setColour = (into: Vector3, css: string): Vector3 => {
  const { r, g, b } = new Color(css);
  return into.set(r, g, b);
};

/**
 * The loom: tokens in original order above and in bucket order below, rounds behind one another, drawn in one call from the engine's
 * buffers. A stretch too long for single threads is drawn, for the round in front, as flows between bins of both orders: the more
 * tokens a flow has, the denser it is.
 */
export class Loom {
  readonly mesh: Mesh;
  private readonly geometry = new BufferGeometry();
  /** Index buffers by the segments of a thread. */
  private readonly indices = new Map<number, BufferAttribute>();
  private readonly palette = new BucketColours();

  private readonly uniforms = new LoomUniforms();

  constructor(
    private readonly engine: GpuEngine,
    private readonly tensors: EngineTensors,
  ) {
    const material = new MeshBasicNodeMaterial({
      side: DoubleSide,
      transparent: true,
      depthTest: false,
      depthWrite: false,
      // Without this, three.js draws transparent objects with two sides twice.
      forceSinglePass: true,
    });
    const colour = varyingProperty('vec4', 'loomColour');
    const corner = varyingProperty('vec2', 'loomCorner');
    material.vertexNode = loomVertex(this.uniforms, this.tensors.nodes, this.palette, colour, corner);
    material.colorNode = vec4(colour.xyz, colour.w.mul(coverage(corner)));
    this.mesh = new Mesh(this.geometry, material);
    this.mesh.frustumCulled = false;
  }

  /** Draws from the engine's current buffers, without a copy. */
  show(picture: Picture): void {
    const { settings, shape, theme, head, round, readout, stretch } = picture;
    this.uniforms.orderStart.value = this.tensors.adopt();
    const { n } = shape;
    const { rounds } = settings;
    this.uniforms.n.value = n;
    this.uniforms.rounds.value = rounds;
    this.uniforms.head.value = head;
    this.uniforms.front.value = round;
    const { start, first, span } = stretch;
    const isDense = span > this.engine.drawnTokens;
    this.uniforms.start.value = start;
    this.uniforms.first.value = first;
    this.uniforms.span.value = span;
    this.uniforms.bins.value = isDense ? this.engine.flowBins : 0;
    this.uniforms.drawn.value = isDense ? this.engine.flowBins ** 2 : span;
    this.uniforms.drawnFar.value = isDense ? this.engine.flowBins : span;
    this.setSegments(this.engine.threadSegments(isDense ? this.uniforms.drawn.value : span));
    // Twice the tokens of a flow if they were spread evenly.
    this.uniforms.densest.value = (2 * span) / this.engine.flowBins ** 2;
    this.uniforms.window.value = windowLength(settings);
    this.uniforms.chunk.value = settings.chunk;
    this.uniforms.chunks.value = chunkCount(n, settings);
    this.uniforms.lookBack.value = settings.lookBack;
    this.uniforms.lookAhead.value = settings.lookAhead;
    this.uniforms.ownBucketOnly.value = settings.bucketMask ? 1 : 0;
    this.uniforms.causal.value = settings.causal ? 1 : 0;
    this.uniforms.wraps.value = settings.wrap ? 1 : 0;
    this.uniforms.selected.value = readout?.token ?? -1;
    // Dark threads on light paper need a higher opacity to be seen.
    const threads = isDense ? (this.uniforms.drawn.value * 2) / 3 : span;
    this.uniforms.thread.value = Math.min(1, Math.max(0.02, (theme.dark ? 5.5 : 8.5) / Math.sqrt(threads)));
    setColour(this.uniforms.ink.value, theme.ink);
    setColour(this.uniforms.accent.value, theme.accent);
    setColour(this.uniforms.flowColour.value, theme.seen[1]);
    for (const [r, { chunk, bucket }] of (readout?.rounds ?? []).entries()) {
      this.uniforms.ownChunk.array[r] = chunk;
      this.uniforms.ownBucket.array[r] = bucket;
    }
    let before = 0;
    for (let k = 0; k < rounds && readout; k++) {
      const { rank, weight } = readout.rounds[(round + k) % rounds];
      this.uniforms.barPlace.array[k] = Math.min(span - 1, Math.max(0, rank - first));
      this.uniforms.barShare.array[k] = weight;
      this.uniforms.barBefore.array[k] = before;
      before += weight;
    }
    this.uniforms.unhashed.value.lerpVectors(this.uniforms.ink.value, setColour(new Vector3(), theme.paper), 0.62);
    this.palette.paint(theme.dark);
    const walls = Math.min(chunkCount(n, settings), Math.ceil(span / settings.chunk) + 1) + 1;
    const tokens = this.uniforms.drawn.value + (rounds - 1) * this.uniforms.drawnFar.value;
    const items = boxes + tokens + rounds * (this.uniforms.window.value + 1) + (isDense ? 0 : walls);
    this.uniforms.items.value = items;
    // At least two, as three.js compiles another pipeline for a single instance.
    this.mesh.count = Math.max(2, Math.ceil(items / itemsOfInstance));
    this.showPhase(picture);
  }

  /** Shows another phase of the play. Only uniforms change. */
  showPhase({ state, settings: { rounds } }: Picture): void {
    const { tokens, hash, sort, walls, own, around, arrived, join } = progressAt(state.phase, rounds);
    this.uniforms.prepared.value.set(tokens, hash, sort, walls);
    this.uniforms.attended.value.set(own, around, arrived, join);
  }

  private setSegments(segments: number): void {
    const index = this.indices.get(segments) ?? new BufferAttribute(indexOf(segments), 1);
    this.indices.set(segments, index);
    this.uniforms.segments.value = segments;
    this.geometry.setIndex(index);
  }

  /** Threads and walls keep their width in CSS pixels. `size` is a CSS pixel in the world at the loom, `finest` a device pixel. */
  setPixel(size: number, finest: number): void {
    this.uniforms.pixel.value = size;
    this.uniforms.fade.value = finest / 2;
  }

  /** Height of the upper row above the middle, and of the middle above the lower row, in the world. */
  get row(): number {
    return this.uniforms.rowHeight.value;
  }

  set row(height: number) {
    this.uniforms.rowHeight.value = height;
  }

  /** The box around the loom with all its rounds. */
  box(rounds: number): Box {
    return {
      min: [-loomHalfWidth, -this.row - 0.1, -roundDepth * (rounds - 1)],
      max: [loomHalfWidth, this.row + 0.1, 0],
    };
  }

  /** The token or sorted position at a point on the plane of the round in front. */
  find(point: { x: number; y: number } | undefined, { stretch: { start, first, span } }: Picture): Pick | undefined {
    if (!point) return undefined;
    const index = Math.floor(((point.x / loomHalfWidth + 1) / 2) * span);
    if (index < 0 || index >= span || Math.abs(Math.abs(point.y) - this.row) >= 0.12) return undefined;
    return point.y > 0 ? { what: 'token', token: start + index } : { what: 'position', position: first + index };
  }

  dispose(): void {
    this.geometry.dispose();
    (this.mesh.material as MeshBasicNodeMaterial).dispose();
  }
}
