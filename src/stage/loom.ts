import {
  cameraProjectionMatrix,
  cameraViewMatrix,
  Fn,
  float,
  If,
  instanceIndex,
  int,
  mix,
  select,
  smoothstep,
  uint,
  uniform,
  uniformArray,
  varyingProperty,
  vec2,
  vec3,
  vec4,
  vertexIndex,
  wgslFn,
} from 'three/tsl';
import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DoubleSide,
  Mesh,
  MeshBasicNodeMaterial,
  type Node,
  Vector3,
  Vector4,
} from 'three/webgpu';
import barSource from '../../shaders/draw/loom-bar.wgsl?raw';
import paintSource from '../../shaders/draw/loom-paint.wgsl?raw';
import placeSource from '../../shaders/draw/loom-place.wgsl?raw';
import { chunkCount, limits, windowLength } from '../algorithm/settings';
import type { GpuEngine } from '../gpu/gpu-engine';
import { paletteSize } from '../state/palette';
import { BucketColours } from './bucket-colours';
import { coverage, functionIn } from './coverage';
import type { EngineTensors } from './engine-tensors';
import { boxes, indexOf, itemsOfInstance, itemVertices } from './loom-geometry';
import type { Pick, Picture } from './picture';
import { progressAt, shares } from './progress';
import type { Box } from './projection';

/** Half the loom's width, and the distance between its rounds. The shader has the same values. */
export const loomHalfWidth = 1.6;
const roundDepth = 0.3;

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

  // Uniforms, named as the shader's arguments.
  private readonly n = uniform(2, 'uint');
  private readonly rounds = uniform(1, 'uint');
  private readonly head = uniform(0, 'uint');
  private readonly front = uniform(0, 'uint');
  /** Where the order begins in the placement. */
  private readonly orderStart = uniform(0, 'uint');
  private readonly segments = uniform(8, 'uint');
  /** The shown stretch: `span` tokens from `start` on above, `span` sorted positions from `first` on below. */
  private readonly start = uniform(0, 'uint');
  private readonly first = uniform(0, 'uint');
  private readonly span = uniform(2, 'uint');
  /** Bins of each order if flows are drawn, else 0. */
  private readonly bins = uniform(0, 'uint');
  /** Tokens in a flow from which on its thread has full density. */
  private readonly densest = uniform(1, 'float');
  private readonly chunk = uniform(4, 'uint');
  private readonly chunks = uniform(1, 'int');
  private readonly lookBack = uniform(1, 'int');
  private readonly lookAhead = uniform(0, 'int');
  private readonly ownBucketOnly = uniform(0, 'uint');
  private readonly causal = uniform(0, 'uint');
  private readonly wraps = uniform(0, 'uint');
  /** Items drawn: tokens or flows of the round in front, tokens or cells of each other round, and slots of a window. */
  private readonly drawn = uniform(2, 'uint');
  private readonly drawnFar = uniform(2, 'uint');
  private readonly window = uniform(8, 'uint');
  private readonly items = uniform(0, 'uint');
  private readonly selected = uniform(-1, 'int');
  private readonly rowHeight = uniform(1, 'float');
  private readonly pixel = uniform(0.002, 'float');
  private readonly fade = uniform(0.001, 'float');
  private readonly thread = uniform(0.4, 'float');
  private readonly ink = uniform(new Vector3());
  private readonly accent = uniform(new Vector3());
  private readonly flowColour = uniform(new Vector3());
  private readonly ownChunk = uniformArray<'int'>(new Array(limits.rounds).fill(0), 'int');
  private readonly ownBucket = uniformArray<'int'>(new Array(limits.rounds).fill(0), 'int');

  // The play. Where bars are, by rounds from the one in front on: the selected token's sorted position, its round's share, and the sum before.
  private readonly barPlace = uniformArray<'float'>(new Array(limits.rounds).fill(0), 'float');
  private readonly barShare = uniformArray<'float'>(new Array(limits.rounds).fill(0), 'float');
  private readonly barBefore = uniformArray<'float'>(new Array(limits.rounds).fill(0), 'float');
  private readonly unhashed = uniform(new Vector3());
  /** How far tokens, hash, sort and walls are; then the own chunk, chunks around it, arrived rounds and the join of rounds. */
  private readonly prepared = uniform(new Vector4(1, 1, 1, 1));
  private readonly attended = uniform(new Vector4(1, 1, limits.rounds, 1));

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
    material.vertexNode = this.vertex(colour, corner);
    material.colorNode = vec4(colour.xyz, colour.w.mul(coverage(corner)));
    this.mesh = new Mesh(this.geometry, material);
    this.mesh.frustumCulled = false;
  }

  private vertex(
    colour: ReturnType<typeof varyingProperty<'vec4'>>,
    corner: ReturnType<typeof varyingProperty<'vec2'>>,
  ) {
    const place = wgslFn(functionIn(placeSource));
    const paint = wgslFn(functionIn(paintSource));
    const bar = wgslFn(functionIn(barSource));
    const { nodes } = this.tensors;
    /** A position far outside the picture, for vertices that are not drawn. */
    const away = float(-1e9);
    return Fn(() => {
      const perItem = uint(itemVertices(0)).add(this.segments.mul(2));
      const item = instanceIndex.mul(itemsOfInstance).add(vertexIndex.div(perItem)).toVar();
      const vertex = vertexIndex.mod(perItem).toVar();
      const farEnd = this.rounds.sub(1).mul(this.drawnFar).add(boxes).toVar();
      const tokenEnd = farEnd.add(this.drawn).toVar();
      const litEnd = tokenEnd.add(this.rounds.mul(this.window)).toVar();
      const kind = uint(1).toVar();
      const upper = float(0).toVar();
      const lower = float(0).toVar();
      const boxEnd = float(0).toVar();
      const depth = float(0).toVar();
      const emphasis = float(0).toVar();
      const bucket = uint(0).toVar();
      const density = float(1).toVar();
      const end = float(this.span).toVar();
      // Of the play: 1 everywhere once all is done.
      const grown = float(1).toVar();
      const along = float(1).toVar();
      const visible = float(1).toVar();
      const hashed = float(1).toVar();
      const barEnd = litEnd.add(this.rounds).toVar();
      const cell = vertex.lessThan(8);

      If(item.lessThan(uint(boxes)), () => {
        // Boxes around the selected token's chunk and the other chunks that it sees, in the round in front.
        kind.assign(0);
        const offset = int(item).sub(limits.lookBack).toVar();
        const seen = this.ownChunk.element(int(this.front)).add(offset).toVar();
        const exists = this.selected
          .greaterThanEqual(0)
          .and(offset.greaterThanEqual(this.lookBack.negate()))
          .and(offset.lessThanEqual(this.lookAhead))
          .and(seen.greaterThanEqual(0))
          .and(seen.lessThan(this.chunks))
          .and(vertex.lessThan(4));
        const left = seen.mul(int(this.chunk)).sub(int(this.first)).toVar();
        const right = left.add(int(this.chunk));
        const last = int(this.n).sub(int(this.first));
        lower.assign(select(exists, float(left).clamp(0, end), 0));
        boxEnd.assign(select(exists, float(select(right.lessThan(last), right, last)).clamp(0, end), 0));
        emphasis.assign(select(offset.equal(0), 0, 1));
        grown.assign(smoothstep(0, 1, select(offset.equal(0), this.attended.x, this.attended.y)));
        visible.assign(grown);
      })
        .ElseIf(item.lessThan(tokenEnd), () => {
          // Far rounds first, the round in front last.
          const k = item.sub(boxes).toVar();
          const isFront = item.greaterThanEqual(farEnd).toVar();
          const back = select(isFront, uint(0), this.rounds.sub(1).sub(k.div(this.drawnFar))).toVar();
          const round = this.front.add(back).mod(this.rounds);
          const index = select(isFront, item.sub(farEnd), k.mod(this.drawnFar)).toVar();
          depth.assign(float(back));
          If(this.bins.equal(uint(0)), () => {
            // The upper cell belongs to the token `index`; the lower cell and the thread to the token sorted to position `index`.
            const base = this.head.mul(this.rounds).add(round).mul(this.n).toVar();
            const sorted = nodes.placement.element(this.orderStart.add(base).add(this.first).add(index)).toVar();
            const token = select(vertex.lessThan(4), this.start.add(index), sorted).toVar();
            bucket.assign(nodes.buckets.element(base.add(token)));
            upper.assign(float(int(token).sub(int(this.start))));
            lower.assign(float(index));
          }).Else(() => {
            // Flows of several rounds would blur into one, so the rounds behind the front have only cells.
            const above = index.mod(this.bins).toVar();
            const below = select(isFront, index.div(this.bins), above).toVar();
            const each = end.div(float(this.bins)).toVar();
            const count = float(nodes.flowCounts.element(round.mul(this.drawn).add(index))).toVar();
            density.assign(select(cell, 1, count.div(this.densest).min(1)));
            // Each bin's cell is drawn once.
            const isFirst = select(vertex.lessThan(4), below, above).equal(uint(0)).or(isFront.not());
            const isDrawn = select(cell, isFirst, isFront.and(count.greaterThan(0)));
            upper.assign(select(isDrawn, float(above).add(0.5).mul(each).sub(0.5), away));
            lower.assign(float(below).add(0.5).mul(each).sub(0.5));
          });
        })
        .ElseIf(item.lessThan(litEnd), () => {
          // On top, every slot of the selected token's window in every round. When chunks wrap, a slot can lie in another round than
          // its window.
          const k = item.sub(tokenEnd).toVar();
          const seeing = this.front
            .add(this.rounds.sub(1))
            .sub(k.div(this.window))
            .add(this.rounds)
            .mod(this.rounds)
            .toVar();
          const slot = k.mod(this.window).toVar();
          const chunk = this.ownChunk
            .element(int(seeing))
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
            const token = nodes.placement.element(this.orderStart.add(base).add(position)).toVar();
            bucket.assign(nodes.buckets.element(base.add(token)));
            const ownBucket = round.equal(seeing).and(int(bucket).equal(this.ownBucket.element(int(seeing))));
            const bucketFits = this.ownBucketOnly.equal(uint(0)).or(ownBucket);
            const inTime = this.causal.equal(uint(0)).or(int(token).lessThanEqual(this.selected));
            If(bucketFits.and(inTime), () => {
              upper.assign(float(int(token).sub(int(this.start))));
              lower.assign(float(int(position).sub(int(this.first))));
              depth.assign(float(round.add(this.rounds).sub(this.front).mod(this.rounds)));
              emphasis.assign(select(int(token).equal(this.selected), float(2), float(1)));
              const inOwn = slot.div(this.chunk).equal(uint(this.lookBack));
              const opened = smoothstep(0, 1, select(inOwn, this.attended.x, this.attended.y));
              visible.assign(select(int(token).equal(this.selected), 1, opened));
            });
          });
        })
        .ElseIf(item.lessThan(barEnd), () => {
          kind.assign(3);
        })
        .Else(() => {
          kind.assign(2);
          const apart = float(this.chunk)
            .mul(2 * loomHalfWidth)
            .div(end);
          const edge = this.first.div(this.chunk).add(item.sub(barEnd)).mul(this.chunk).toVar();
          const at = int(select(edge.lessThan(this.n), edge, this.n))
            .sub(int(this.first))
            .toVar();
          const isShown = at.greaterThanEqual(0).and(at.lessThanEqual(int(this.span)));
          const inUse = vertex
            .lessThan(4)
            .and(item.lessThan(this.items))
            .and(apart.greaterThan(this.pixel.mul(3)))
            .and(isShown);
          lower.assign(select(inUse, float(at), away));
          const at01 = lower.div(end).clamp(0, 1);
          grown.assign(smoothstep(0, 1, this.prepared.w.sub(at01.mul(0.6)).div(0.4).mul(1.001).clamp(0, 1)));
          visible.assign(this.prepared.w.sub(at01.mul(0.6)).div(0.1).clamp(0, 1));
        });

      // A token inside only one of the two stretches has only its cell there; a token in neither is not drawn.
      const within = (place: typeof upper) => place.greaterThan(-0.6).and(place.lessThan(end));
      const isAbove = within(upper).toVar();
      const isBelow = within(lower).toVar();
      const shown = select(
        vertex.lessThan(4),
        isAbove,
        select(cell, isBelow.and(upper.greaterThan(-1e8)), isAbove.and(isBelow)),
      );
      If(kind.equal(uint(1)).and(shown.not()), () => {
        upper.assign(away);
        lower.assign(away);
      });

      If(kind.equal(uint(1)), () => {
        // Rounds behind the front come forward from farther back. In the front, one token begins after another.
        const arrived = this.attended.z.sub(depth).add(1).clamp(0, 1).toVar();
        depth.addAssign(smoothstep(0, 1, arrived).oneMinus().mul(2));
        visible.mulAssign(arrived);
        const place01 = upper.div(end).clamp(0, 1).toVar();
        const begun = (step: Node<'float'>, share: number) =>
          step
            .sub(place01.mul(1 - share))
            .div(share)
            .mul(1.001)
            .clamp(0, 1);
        hashed.assign(begun(this.prepared.y, shares.hash));
        const pop = hashed.mul(hashed.oneMinus()).mul(4);
        grown.assign(smoothstep(0, 1, begun(this.prepared.x, shares.tokens)).mul(0.7).add(0.3).add(pop.mul(0.9)));
        const moved = smoothstep(0, 1, begun(this.prepared.z, shares.sort)).toVar();
        // A token from outside the stretch above has no way to come on.
        const hasWay = isAbove.or(this.bins.greaterThan(uint(0)));
        along.assign(select(hasWay, moved, 1));
        visible.mulAssign(select(hasWay, 1, moved));
        If(arrived.lessThanEqual(0).or(vertex.greaterThanEqual(4).and(moved.lessThanEqual(0))), () => {
          upper.assign(away);
          lower.assign(away);
        });
        const isJoined = emphasis.equal(2).and(vertex.lessThan(4));
        const joined = this.attended.w.sub(0.8).div(0.2).clamp(0, 1).toVar();
        grown.addAssign(select(isJoined, joined.mul(joined.oneMinus()).mul(4), 0));
      });
      const quiet = select(this.selected.greaterThanEqual(0), smoothstep(0, 1, this.attended.x), 0);
      const palette = this.palette.node.element(bucket.mod(uint(paletteSize))).xyz;
      const isFlow = this.bins.greaterThan(uint(0)).and(emphasis.equal(0));
      const tint = select(isFlow, this.flowColour, palette);
      colour.assign(
        paint({
          kind,
          vertex,
          bucket: tint,
          ink: this.ink,
          accent: this.accent,
          depth,
          emphasis,
          quiet: float(quiet),
          thread: this.thread.mul(density),
          unhashed: this.unhashed,
          hashed,
          shown: visible,
        }),
      );
      const sideOf = (bit: number) =>
        float(vertex.shiftRight(uint(bit)).bitAnd(uint(1)))
          .mul(2)
          .sub(1);
      const side = vec2(sideOf(0), sideOf(1)).toVar();
      // A thread's edges fade at its sides only, as its segments join at their ends.
      corner.assign(side.mul(vec2(1, select(cell, 1, 0))));
      // The type of a wgslFn does not name its result, which is a vec3<f32> here.
      const position = place({
        kind,
        vertex,
        upper,
        lower,
        boxEnd,
        depth,
        tokens: end,
        segments: float(this.segments),
        emphasis,
        pixel: this.pixel,
        row: this.rowHeight,
        wide: select(isFlow, end.div(float(this.bins).max(1)), 1),
        fade: this.fade,
        side,
        grown,
        along,
      }) as Node<'vec3'>;
      const point = position.toVar();
      If(kind.equal(uint(3)), () => {
        const k = item.sub(litEnd).toVar();
        const round = this.front.add(k).mod(this.rounds);
        const rounds = float(this.rounds);
        const { w: join } = this.attended;
        const isDrawn = vertex
          .lessThan(4)
          .and(join.greaterThan(0))
          .and(join.lessThan(1))
          .and(this.selected.greaterThanEqual(0));
        const tall = bar({
          upper: float(this.selected.sub(int(this.start))),
          lower: this.barPlace.element(int(k)),
          depth: float(k),
          tokens: end,
          row: this.rowHeight,
          share: this.barShare.element(int(k)),
          before: this.barBefore.element(int(k)),
          turn: float(k).div(rounds),
          join,
          pixel: this.pixel,
          fade: this.fade,
          side,
        }) as Node<'vec3'>;
        point.assign(select(isDrawn, tall, vec3(away)));
        const own = this.palette.node.element(uint(this.ownBucket.element(int(round))).mod(uint(paletteSize))).xyz;
        colour.assign(vec4(mix(own, this.ink, 0.2), 1));
      });
      // The loom has no transform of its own. Two products with a vector are much cheaper than a product of matrices.
      return cameraProjectionMatrix.mul(cameraViewMatrix.mul(vec4(point, 1)));
    })();
  }

  /** Draws from the engine's current buffers, without a copy. */
  show(picture: Picture): void {
    const { settings, shape, theme, head, round, readout, stretch } = picture;
    this.orderStart.value = this.tensors.adopt();
    const { n } = shape;
    const { rounds } = settings;
    this.n.value = n;
    this.rounds.value = rounds;
    this.head.value = head;
    this.front.value = round;
    const { start, first, span } = stretch;
    const isDense = span > this.engine.drawnTokens;
    this.start.value = start;
    this.first.value = first;
    this.span.value = span;
    this.bins.value = isDense ? this.engine.flowBins : 0;
    this.drawn.value = isDense ? this.engine.flowBins ** 2 : span;
    this.drawnFar.value = isDense ? this.engine.flowBins : span;
    this.setSegments(this.engine.threadSegments(isDense ? this.drawn.value : span));
    // Twice the tokens of a flow if they were spread evenly.
    this.densest.value = (2 * span) / this.engine.flowBins ** 2;
    this.window.value = windowLength(settings);
    this.chunk.value = settings.chunk;
    this.chunks.value = chunkCount(n, settings);
    this.lookBack.value = settings.lookBack;
    this.lookAhead.value = settings.lookAhead;
    this.ownBucketOnly.value = settings.bucketMask ? 1 : 0;
    this.causal.value = settings.causal ? 1 : 0;
    this.wraps.value = settings.wrap ? 1 : 0;
    this.selected.value = readout?.token ?? -1;
    // Dark threads on light paper need a higher opacity to be seen.
    const threads = isDense ? (this.drawn.value * 2) / 3 : span;
    this.thread.value = Math.min(1, Math.max(0.02, (theme.dark ? 5.5 : 8.5) / Math.sqrt(threads)));
    setColour(this.ink.value, theme.ink);
    setColour(this.accent.value, theme.accent);
    setColour(this.flowColour.value, theme.seen[1]);
    for (const [r, { chunk, bucket }] of (readout?.rounds ?? []).entries()) {
      this.ownChunk.array[r] = chunk;
      this.ownBucket.array[r] = bucket;
    }
    let before = 0;
    for (let k = 0; k < rounds && readout; k++) {
      const { rank, weight } = readout.rounds[(round + k) % rounds];
      this.barPlace.array[k] = Math.min(span - 1, Math.max(0, rank - first));
      this.barShare.array[k] = weight;
      this.barBefore.array[k] = before;
      before += weight;
    }
    this.unhashed.value.lerpVectors(this.ink.value, setColour(new Vector3(), theme.paper), 0.62);
    this.palette.paint(theme.dark);
    const walls = Math.min(chunkCount(n, settings), Math.ceil(span / settings.chunk) + 1) + 1;
    const tokens = this.drawn.value + (rounds - 1) * this.drawnFar.value;
    const items = boxes + tokens + rounds * (this.window.value + 1) + (isDense ? 0 : walls);
    this.items.value = items;
    // At least two, as three.js compiles another pipeline for a single instance.
    this.mesh.count = Math.max(2, Math.ceil(items / itemsOfInstance));
    this.showPhase(picture);
  }

  /** Shows another phase of the play. Only uniforms change. */
  showPhase({ state, settings: { rounds } }: Picture): void {
    const { tokens, hash, sort, walls, own, around, arrived, join } = progressAt(state.phase, rounds);
    this.prepared.value.set(tokens, hash, sort, walls);
    this.attended.value.set(own, around, arrived, join);
  }

  private setSegments(segments: number): void {
    const index = this.indices.get(segments) ?? new BufferAttribute(indexOf(segments), 1);
    this.indices.set(segments, index);
    this.segments.value = segments;
    this.geometry.setIndex(index);
  }

  /** Threads and walls keep their width in CSS pixels. `size` is a CSS pixel in the world at the loom, `finest` a device pixel. */
  setPixel(size: number, finest: number): void {
    this.pixel.value = size;
    this.fade.value = finest / 2;
  }

  /** Height of the upper row above the middle, and of the middle above the lower row, in the world. */
  get row(): number {
    return this.rowHeight.value;
  }

  set row(height: number) {
    this.rowHeight.value = height;
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
