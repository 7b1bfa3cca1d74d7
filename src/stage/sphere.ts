import { interpolateRgb } from 'd3';
import { Group, type WebGPURenderer } from 'three/webgpu';
import { type Mat4, vec3 } from 'wgpu-matrix';
import type { GpuEngine } from '../gpu/gpu-engine';
import { bucketColour } from '../state/palette';
import { BucketColours } from './bucket-colours';
import type { Label } from './labels';
import { type Line, LineBatch } from './line-batch';
import type { Pick, Picture } from './picture';
import { Points } from './points';
import { ease, progressAt, progressOf, shares } from './progress';
import { type Axes, axesToward, type Box, type Point, project } from './projection';
import { sphereLabels } from './sphere-labels';
import {
  type Ball,
  type DirectionLine,
  glassBefore,
  homeDirection,
  mostDirections,
  positionsBox,
  positionsToward,
  type SphereModel,
  type SpherePosition,
  sphereModel,
  spherePositions,
} from './sphere-model';
import { Surface } from './surface';

/** The sphere of directions: the round in front as a large sphere, the other rounds as small ones beside it. */
export class Sphere {
  readonly group = new Group();
  model: SphereModel | undefined;
  private readonly palette = new BucketColours();
  private readonly surface = new Surface(this.palette);
  private readonly points: Points;
  // Two ends of each direction in every round, and arrows.
  private readonly lines = new LineBatch(16 * 2 * mostDirections + 64);
  private layout: SpherePosition[] = spherePositions(1, true, false);
  private at: Point = [0, 0, 0];
  private axes: Axes = axesToward([0, 0, 1]);
  private positions: SpherePosition[] = this.layout;
  private picture: Picture | undefined;

  constructor(renderer: WebGPURenderer, engine: GpuEngine) {
    this.points = new Points(renderer, engine, this.palette);
    this.group.add(this.surface.mesh, this.lines.mesh, this.points.mesh);
  }

  /** Sets its centre in the world, and whether the other rounds are shown. */
  arrange(rounds: number, isWide: boolean, others: boolean, at: Point): void {
    this.layout = spherePositions(rounds, isWide, others);
    this.at = at;
    this.positions = positionsToward(this.layout, at, this.axes);
  }

  /** Its box, seen from the front. */
  box(): Box {
    return positionsBox(positionsToward(this.layout, this.at, axesToward([0, 0, 1])));
  }

  /** The direction from which the selected token is seen best. */
  get home(): Point {
    return homeDirection(this.model?.selected ?? [0, 0, 1]);
  }

  /** The selected token's place in the world; undefined before the first picture. */
  get selected(): Point | undefined {
    const [{ centre, radius }] = this.positions;
    return this.model && onBall(this.model.selected, centre, radius);
  }

  /** Must follow `arrange`, whenever the number of rounds has changed. */
  show(picture: Picture): void {
    const { theme, readout, settings } = picture;
    const model = sphereModel(picture);
    this.model = model;
    this.picture = picture;
    this.palette.paint(theme.dark);
    const ownBuckets = readout?.rounds.map(({ bucket }) => bucket) ?? [];
    this.surface.show(model, this.positions.length, settings, ownBuckets, theme);
    this.points.show(picture, model, this.positions.length);
    this.put();
    this.showPhase(picture);
  }

  /** Shows another phase of the play: directions fan out, then one token after another takes its colour. */
  showPhase(picture: Picture): void {
    this.picture = picture;
    const { state, settings, readout, shape } = picture;
    const { hash } = progressAt(state.phase, settings.rounds);
    this.surface.hash.value = hash;
    this.points.hash.value = hash;
    this.lines.grown.value = ease(Math.min(1, 4 * hash));
    this.lines.grownOnTop.value = progressOf(hash, (readout?.token ?? 0) / shape.n, shares.hash);
  }

  /** Arranges the spheres side by side as seen by a camera with these axes. Returns true if that moved them. */
  turnTo(axes: Axes): boolean {
    const isSame = this.axes.toEye.every((value, k) => Math.abs(value - axes.toEye[k]) < 1e-6);
    if (isSame) return false;
    this.axes = axes;
    this.positions = positionsToward(this.layout, this.at, axes);
    this.put();
    return true;
  }

  private put(): void {
    const { model, picture, positions } = this;
    if (!model || !picture) return;
    this.surface.put(positions);
    this.points.put(positions);
    this.lines.show(positions.flatMap((position, k) => linesOf(model, model.balls[k], position, k === 0, picture)));
  }

  /** For lines and points of constant size: the stage in CSS pixels, a CSS pixel in the world, and device pixels per CSS pixel. */
  setViewport(width: number, height: number, pixel: number, ratio: number): void {
    this.surface.pixel.value = pixel / ratio;
    this.lines.finest.value = 1 / ratio;
    this.points.viewport.value.set(width, height);
    this.lines.viewport.value.set(width, height);
  }

  labels(picture: Picture): Label[] {
    return this.model ? sphereLabels(picture, this.model, this.positions, this.axes) : [];
  }

  find(
    at: { x: number; y: number },
    viewProjection: Mat4,
    eye: Point,
    width: number,
    height: number,
  ): Pick | undefined {
    const { model } = this;
    if (!model) return undefined;
    const [{ centre, radius }] = this.positions;
    const toEye = [...vec3.normalize(vec3.subtract(eye, centre))] as Point;
    let best = 11;
    let nearest: Pick | undefined;
    for (const [i, point] of model.points.entries()) {
      const pixel = project(onBall(point, centre, radius), viewProjection, width, height);
      if (!pixel) continue;
      // Of several tokens under the pointer, the nearest to the eye wins.
      const away = Math.hypot(pixel.x - at.x, pixel.y - at.y);
      const cost = away + 3 * glassBefore(point, toEye);
      if (away < 9 && cost < best) {
        best = cost;
        nearest = { what: 'token', token: model.tokens[i] };
      }
    }
    if (nearest) return nearest;
    for (const [k, position] of this.positions.entries()) {
      const middle = project(position.centre, viewProjection, width, height);
      const reach = pixelsOf(position, viewProjection, width, height);
      if (k > 0 && middle && Math.hypot(middle.x - at.x, middle.y - at.y) < 1.3 * reach) {
        return { what: 'round', round: model.balls[k].round };
      }
    }
    return undefined;
  }

  /** Degrees by which a drag of one pixel to the right turns the direction whose tip is at `at`; undefined if there is no tip. */
  grip(
    at: { x: number; y: number },
    viewProjection: Mat4,
    eye: Point,
    width: number,
    height: number,
  ): number | undefined {
    const { model } = this;
    const [position] = this.positions;
    if (!model) return undefined;
    const toEye = [...vec3.normalize(vec3.subtract(eye, position.centre))] as Point;
    for (const { toward, end } of model.balls[0].directionLines) {
      const facing = toward[0] * toEye[0] + toward[1] * toEye[1] + toward[2] * toEye[2];
      const pixel = project(onBall(toward, position.centre, position.radius * end), viewProjection, width, height);
      if (!pixel || facing < -0.3 || Math.hypot(pixel.x - at.x, pixel.y - at.y) > 13) continue;
      const around = Math.max(0.35, Math.hypot(toward[0], toward[2])) * end;
      const side = facing < 0 ? -1 : 1;
      return (side * 180) / Math.PI / (around * pixelsOf(position, viewProjection, width, height));
    }
    return undefined;
  }

  dispose(): void {
    this.surface.dispose();
    this.points.dispose();
    this.lines.dispose();
  }
}

const onBall = (point: Point, centre: Point, radius: number): Point =>
  point.map((value, k) => centre[k] + radius * value) as Point;

/** A sphere's radius on the screen in CSS pixels. */
function pixelsOf({ centre, radius }: SpherePosition, viewProjection: Mat4, width: number, height: number): number {
  const middle = project(centre, viewProjection, width, height);
  const top = project([centre[0], centre[1] + radius, centre[2]], viewProjection, width, height);
  return middle && top ? Math.hypot(middle.x - top.x, middle.y - top.y) : 0;
}

function linesOf(
  model: SphereModel,
  ball: Ball,
  { centre, radius }: SpherePosition,
  isFront: boolean,
  picture: Picture,
): Line[] {
  const { theme, settings, readout } = picture;
  const isFlat = settings.factors.length === 1;
  const thin = isFront ? 1 : 0.45;
  const at = (point: Point, times: number) => onBall(point, centre, radius * times);
  const quiet = interpolateRgb(theme.paper, theme.ink)(0.5);
  const colourOf = (direction: DirectionLine) =>
    isFlat ? bucketColour(direction.candidate, theme.dark) : direction.isWinner ? theme.ink : quiet;
  const lines = ball.directionLines.map(
    (direction): Line => ({
      from: at(direction.toward, 0.98),
      to: at(direction.toward, direction.end),
      widths: direction.isWinner ? [9 * thin, 1.6 * thin] : [5.5 * thin, 0.8 * thin],
      colour: colourOf(direction),
    }),
  );
  if (!readout) return lines;
  const arrow: Line[] = ball.directionLines
    .filter(({ isWinner }) => isWinner)
    .map((direction) => ({
      from: at(direction.toward, 0),
      to: at(direction.toward, 1),
      widths: [1.6 * thin, 1.6 * thin],
      colour: colourOf(direction),
      isOnTop: true,
    }));
  const { selected } = model;
  const length = Math.hypot(...selected);
  if (isFront && length > 0.15) {
    const headAt = 1 - 0.13 / length;
    arrow.push({
      from: at(selected, 0),
      to: at(selected, headAt),
      widths: [2.4, 2.4],
      colour: theme.ink,
      isOnTop: true,
    });
    arrow.push({ from: at(selected, headAt), to: at(selected, 1), widths: [12, 0], colour: theme.ink, isOnTop: true });
  } else if (!isFront) {
    arrow.push({ from: at(selected, 0), to: at(selected, 1), widths: [1.4, 1.4], colour: theme.ink, isOnTop: true });
  }
  return [...lines, ...arrow];
}
