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
  type varyingProperty,
  vec2,
  vec3,
  vec4,
  vertexIndex,
  wgslFn,
} from 'three/tsl';
import type { Node } from 'three/webgpu';
import barSource from '../../shaders/draw/loom-bar.wgsl?raw';
import paintSource from '../../shaders/draw/loom-paint.wgsl?raw';
import placeSource from '../../shaders/draw/loom-place.wgsl?raw';
import { limits } from '../algorithm/settings';
import { paletteSize } from '../state/palette';
import type { BucketColours } from './bucket-colours';
import { functionIn } from './coverage';
import type { EngineTensors } from './engine-tensors';
import { boxes, itemsOfInstance, itemVertices, loomHalfWidth } from './loom-geometry';
import type { LoomUniforms } from './loom-uniforms';
import { shares } from './progress';

/** The loom's vertex shader. It also sets each vertex's colour, and its corner for antialiasing. */
export function loomVertex(
  u: LoomUniforms,
  nodes: EngineTensors['nodes'],
  palette: BucketColours,
  colour: ReturnType<typeof varyingProperty<'vec4'>>,
  corner: ReturnType<typeof varyingProperty<'vec2'>>,
) {
  const place = wgslFn(functionIn(placeSource));
  const paint = wgslFn(functionIn(paintSource));
  const bar = wgslFn(functionIn(barSource));
  /** A position far outside the picture, for vertices that are not drawn. */
  const away = float(-1e9);
  return Fn(() => {
    const perItem = uint(itemVertices(0)).add(u.segments.mul(2));
    const item = instanceIndex.mul(itemsOfInstance).add(vertexIndex.div(perItem)).toVar();
    const vertex = vertexIndex.mod(perItem).toVar();
    const farEnd = u.rounds.sub(1).mul(u.drawnFar).add(boxes).toVar();
    const tokenEnd = farEnd.add(u.drawn).toVar();
    const litEnd = tokenEnd.add(u.rounds.mul(u.window)).toVar();
    const kind = uint(1).toVar();
    const upper = float(0).toVar();
    const lower = float(0).toVar();
    const boxEnd = float(0).toVar();
    const depth = float(0).toVar();
    const emphasis = float(0).toVar();
    const bucket = uint(0).toVar();
    const density = float(1).toVar();
    const end = float(u.span).toVar();
    // Of the play: 1 everywhere once all is done.
    const grown = float(1).toVar();
    const along = float(1).toVar();
    const visible = float(1).toVar();
    const hashed = float(1).toVar();
    const barEnd = litEnd.add(u.rounds).toVar();
    const cell = vertex.lessThan(8);

    If(item.lessThan(uint(boxes)), () => {
      // Boxes around the selected token's chunk and the other chunks that it sees, in the round in front.
      kind.assign(0);
      const offset = int(item).sub(limits.lookBack).toVar();
      const seen = u.ownChunk.element(int(u.front)).add(offset).toVar();
      const exists = u.selected
        .greaterThanEqual(0)
        .and(offset.greaterThanEqual(u.lookBack.negate()))
        .and(offset.lessThanEqual(u.lookAhead))
        .and(seen.greaterThanEqual(0))
        .and(seen.lessThan(u.chunks))
        .and(vertex.lessThan(4));
      const left = seen.mul(int(u.chunk)).sub(int(u.first)).toVar();
      const right = left.add(int(u.chunk));
      const last = int(u.n).sub(int(u.first));
      lower.assign(select(exists, float(left).clamp(0, end), 0));
      boxEnd.assign(select(exists, float(select(right.lessThan(last), right, last)).clamp(0, end), 0));
      emphasis.assign(select(offset.equal(0), 0, 1));
      grown.assign(smoothstep(0, 1, select(offset.equal(0), u.attended.x, u.attended.y)));
      visible.assign(grown);
    })
      .ElseIf(item.lessThan(tokenEnd), () => {
        // Far rounds first, the round in front last.
        const k = item.sub(boxes).toVar();
        const isFront = item.greaterThanEqual(farEnd).toVar();
        const back = select(isFront, uint(0), u.rounds.sub(1).sub(k.div(u.drawnFar))).toVar();
        const round = u.front.add(back).mod(u.rounds);
        const index = select(isFront, item.sub(farEnd), k.mod(u.drawnFar)).toVar();
        depth.assign(float(back));
        If(u.bins.equal(uint(0)), () => {
          // The upper cell belongs to the token `index`; the lower cell and the thread to the token sorted to position `index`.
          const base = u.head.mul(u.rounds).add(round).mul(u.n).toVar();
          const sorted = nodes.placement.element(u.orderStart.add(base).add(u.first).add(index)).toVar();
          const token = select(vertex.lessThan(4), u.start.add(index), sorted).toVar();
          bucket.assign(nodes.buckets.element(base.add(token)));
          upper.assign(float(int(token).sub(int(u.start))));
          lower.assign(float(index));
        }).Else(() => {
          // Flows of several rounds would blur into one, so the rounds behind the front have only cells.
          const above = index.mod(u.bins).toVar();
          const below = select(isFront, index.div(u.bins), above).toVar();
          const each = end.div(float(u.bins)).toVar();
          const count = float(nodes.flowCounts.element(round.mul(u.drawn).add(index))).toVar();
          density.assign(select(cell, 1, count.div(u.densest).min(1)));
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
        const seeing = u.front.add(u.rounds.sub(1)).sub(k.div(u.window)).add(u.rounds).mod(u.rounds).toVar();
        const slot = k.mod(u.window).toVar();
        const chunk = u.ownChunk
          .element(int(seeing))
          .add(int(slot.div(u.chunk)))
          .sub(u.lookBack)
          .toVar();
        const ring = u.chunks.mul(int(u.rounds)).toVar();
        const place = int(seeing).mul(u.chunks).add(chunk).add(ring.mul(limits.lookBack)).mod(ring).toVar();
        const round = uint(place.div(u.chunks)).toVar();
        const position = uint(place.mod(u.chunks)).mul(u.chunk).add(slot.mod(u.chunk)).toVar();
        const exists = u.wraps
          .equal(uint(1))
          .or(chunk.greaterThanEqual(0).and(chunk.lessThan(u.chunks)))
          .and(position.lessThan(u.n))
          .and(u.selected.greaterThanEqual(0));
        upper.assign(away);
        lower.assign(away);
        If(exists, () => {
          const base = u.head.mul(u.rounds).add(round).mul(u.n).toVar();
          const token = nodes.placement.element(u.orderStart.add(base).add(position)).toVar();
          bucket.assign(nodes.buckets.element(base.add(token)));
          const ownBucket = round.equal(seeing).and(int(bucket).equal(u.ownBucket.element(int(seeing))));
          const bucketFits = u.ownBucketOnly.equal(uint(0)).or(ownBucket);
          const inTime = u.causal.equal(uint(0)).or(int(token).lessThanEqual(u.selected));
          If(bucketFits.and(inTime), () => {
            upper.assign(float(int(token).sub(int(u.start))));
            lower.assign(float(int(position).sub(int(u.first))));
            depth.assign(float(round.add(u.rounds).sub(u.front).mod(u.rounds)));
            emphasis.assign(select(int(token).equal(u.selected), float(2), float(1)));
            const inOwn = slot.div(u.chunk).equal(uint(u.lookBack));
            const opened = smoothstep(0, 1, select(inOwn, u.attended.x, u.attended.y));
            visible.assign(select(int(token).equal(u.selected), 1, opened));
          });
        });
      })
      .ElseIf(item.lessThan(barEnd), () => {
        kind.assign(3);
      })
      .Else(() => {
        kind.assign(2);
        const apart = float(u.chunk)
          .mul(2 * loomHalfWidth)
          .div(end);
        const edge = u.first.div(u.chunk).add(item.sub(barEnd)).mul(u.chunk).toVar();
        const at = int(select(edge.lessThan(u.n), edge, u.n))
          .sub(int(u.first))
          .toVar();
        const isShown = at.greaterThanEqual(0).and(at.lessThanEqual(int(u.span)));
        const inUse = vertex
          .lessThan(4)
          .and(item.lessThan(u.items))
          .and(apart.greaterThan(u.pixel.mul(3)))
          .and(isShown);
        lower.assign(select(inUse, float(at), away));
        const at01 = lower.div(end).clamp(0, 1);
        grown.assign(smoothstep(0, 1, u.prepared.w.sub(at01.mul(0.6)).div(0.4).mul(1.001).clamp(0, 1)));
        visible.assign(u.prepared.w.sub(at01.mul(0.6)).div(0.1).clamp(0, 1));
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
      const arrived = u.attended.z.sub(depth).add(1).clamp(0, 1).toVar();
      depth.addAssign(smoothstep(0, 1, arrived).oneMinus().mul(2));
      visible.mulAssign(arrived);
      const place01 = upper.div(end).clamp(0, 1).toVar();
      const begun = (step: Node<'float'>, share: number) =>
        step
          .sub(place01.mul(1 - share))
          .div(share)
          .mul(1.001)
          .clamp(0, 1);
      hashed.assign(begun(u.prepared.y, shares.hash));
      const pop = hashed.mul(hashed.oneMinus()).mul(4);
      grown.assign(smoothstep(0, 1, begun(u.prepared.x, shares.tokens)).mul(0.7).add(0.3).add(pop.mul(0.9)));
      const moved = smoothstep(0, 1, begun(u.prepared.z, shares.sort)).toVar();
      // A token from outside the stretch above has no way to come on.
      const hasWay = isAbove.or(u.bins.greaterThan(uint(0)));
      along.assign(select(hasWay, moved, 1));
      visible.mulAssign(select(hasWay, 1, moved));
      If(arrived.lessThanEqual(0).or(vertex.greaterThanEqual(4).and(moved.lessThanEqual(0))), () => {
        upper.assign(away);
        lower.assign(away);
      });
      const isJoined = emphasis.equal(2).and(vertex.lessThan(4));
      const joined = u.attended.w.sub(0.8).div(0.2).clamp(0, 1).toVar();
      grown.addAssign(select(isJoined, joined.mul(joined.oneMinus()).mul(4), 0));
    });
    const quiet = select(u.selected.greaterThanEqual(0), smoothstep(0, 1, u.attended.x), 0);
    const ofBucket = palette.node.element(bucket.mod(uint(paletteSize))).xyz;
    const isFlow = u.bins.greaterThan(uint(0)).and(emphasis.equal(0));
    const tint = select(isFlow, u.flowColour, ofBucket);
    colour.assign(
      paint({
        kind,
        vertex,
        bucket: tint,
        ink: u.ink,
        accent: u.accent,
        depth,
        emphasis,
        quiet: float(quiet),
        thread: u.thread.mul(density),
        unhashed: u.unhashed,
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
      segments: float(u.segments),
      emphasis,
      pixel: u.pixel,
      row: u.rowHeight,
      wide: select(isFlow, end.div(float(u.bins).max(1)), 1),
      fade: u.fade,
      side,
      grown,
      along,
    }) as Node<'vec3'>;
    const point = position.toVar();
    If(kind.equal(uint(3)), () => {
      const k = item.sub(litEnd).toVar();
      const round = u.front.add(k).mod(u.rounds);
      const rounds = float(u.rounds);
      const { w: join } = u.attended;
      const isDrawn = vertex
        .lessThan(4)
        .and(join.greaterThan(0))
        .and(join.lessThan(1))
        .and(u.selected.greaterThanEqual(0));
      const tall = bar({
        upper: float(u.selected.sub(int(u.start))),
        lower: u.barPlace.element(int(k)),
        depth: float(k),
        tokens: end,
        row: u.rowHeight,
        share: u.barShare.element(int(k)),
        before: u.barBefore.element(int(k)),
        turn: float(k).div(rounds),
        join,
        pixel: u.pixel,
        fade: u.fade,
        side,
      }) as Node<'vec3'>;
      point.assign(select(isDrawn, tall, vec3(away)));
      const own = palette.node.element(uint(u.ownBucket.element(int(round))).mod(uint(paletteSize))).xyz;
      colour.assign(vec4(mix(own, u.ink, 0.2), 1));
    });
    // The loom has no transform of its own. Two products with a vector are much cheaper than a product of matrices.
    return cameraProjectionMatrix.mul(cameraViewMatrix.mul(vec4(point, 1)));
  })();
}
