import type { CpuEngine } from '../engine/cpu-engine';
import { bucketColour, type Theme } from '../state/palette';
import { mixed, rgb, unhashedColour } from './flat-parts';
import type { Area, Pick, Picture } from './picture';
import { ease, progressAt, progressOf, shares } from './progress';
import { type Axes, axesToward, type Point } from './projection';
import { bucketLabel, captions, endName } from './sphere-labels';
import { bucketAt, glassBefore, homeDirection, type SphereModel, sphereModel } from './sphere-model';

/** The sphere of the round in front on a 2D canvas, seen from far away. */
export class FlatSphere {
  area: Area = { x: 0, y: 0, width: 0, height: 0 };
  private tokens: { x: number; y: number; token: number; glass: number }[] = [];

  constructor(private readonly engine: CpuEngine) {}

  draw(context: CanvasRenderingContext2D, picture: Picture): void {
    const { theme, settings, head, shape, round, readout, state } = picture;
    const model = sphereModel(picture);
    const view = axesToward(homeDirection(model.selected));
    const { x, y, width, height } = this.area;
    const [middleX, middleY] = [x + width / 2, y + height / 2 + 6];
    const radius = Math.min(width, height - 84) / 3.1;
    const at = (point: Point, times = 1) => ({
      x: middleX + radius * times * dot(point, view.right),
      y: middleY - radius * times * dot(point, view.up),
    });
    this.paintSurface(context, model, picture, { x: middleX, y: middleY, radius }, view);
    const isFlat = settings.factors.length === 1;
    const line = (from: Point, a: number, b: number, width: number, colour: string) => {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(at(from, a).x, at(from, a).y);
      context.lineTo(at(from, b).x, at(from, b).y);
      context.stroke();
    };
    context.textAlign = 'center';
    const progress = progressAt(state.phase, settings.rounds);
    const own = progressOf(progress.hash, (readout?.token ?? 0) / shape.n, shares.hash);
    const unhashed = unhashedColour(picture);
    for (const direction of model.balls[0].directionLines) {
      if (progress.hash === 0) break;
      const isFar = dot(direction.toward, view.toEye) < 0;
      const colour = isFlat ? bucketColour(direction.candidate, theme.dark) : theme.ink;
      const aside = Math.hypot(dot(direction.toward, view.right), dot(direction.toward, view.up));
      // A direction behind the sphere is drawn from the rim outwards.
      const from = isFar ? Math.min(direction.end, 1 / Math.max(aside, 1e-6)) : 1;
      const end = from + (direction.end - from) * ease(Math.min(1, 4 * progress.hash));
      const isWinner = direction.isWinner && own === 1;
      line(direction.toward, from, end, isWinner ? 5 : 3, colour);
      if (isWinner) line(direction.toward, 0, 1, 1.5, colour);
      if (isFar || !(isWinner || model.areNumbered)) continue;
      const place = at(direction.toward, direction.end + 0.1);
      context.fillStyle = theme.ink;
      context.fillText(isWinner && isFlat ? bucketLabel(picture, round) : endName(direction), place.x, place.y + 4);
    }
    const ownBucket = readout?.rounds[round].bucket;
    const base = (head * settings.rounds + round) * shape.n;
    this.tokens = model.tokens.map((token, i) => {
      const glass = glassBefore(model.points[i], view.toEye);
      const bucket = this.engine.placement?.buckets[base + token] ?? 0;
      const isSelected = token === readout?.token;
      const place = at(model.points[i]);
      context.globalAlpha = isSelected ? 1 : Math.max(0.15, (bucket === ownBucket ? 1 : 0.8) - 0.36 * glass);
      context.beginPath();
      context.arc(place.x, place.y, isSelected ? 8 : bucket === ownBucket ? 6 : 4, 0, 2 * Math.PI);
      const hashed = progressOf(progress.hash, token / shape.n, shares.hash);
      context.fillStyle = mixed(unhashed, bucketColour(bucket, theme.dark), hashed);
      context.fill();
      context.lineWidth = isSelected || token === model.twin ? 2.5 : 1;
      context.strokeStyle = isSelected ? theme.ink : token === model.twin ? theme.accent : theme.paper;
      context.stroke();
      return { ...place, token, glass };
    });
    context.globalAlpha = 1;
    line(model.selected, 0, 1, 2, theme.ink);
    context.textAlign = 'start';
    context.fillStyle = theme.ink;
    const { above, below } = captions(picture, model);
    for (const [i, text] of above.entries()) context.fillText(text, x, y + 6 + 18 * i);
    for (const [i, text] of below.entries()) context.fillText(text, x, y + height - 18 * (below.length - 1 - i));
  }

  find(x: number, y: number): Pick | undefined {
    const near = this.tokens.filter((entry) => Math.hypot(entry.x - x, entry.y - y) < 9);
    near.sort((a, b) => a.glass - b.glass);
    return near.length ? { what: 'token', token: near[0].token } : undefined;
  }

  /** Paints each pixel of the disc in the colour of the bucket of its point on the sphere. */
  private paintSurface(
    context: CanvasRenderingContext2D,
    model: SphereModel,
    { settings, theme, round, readout, state }: Picture,
    disc: { x: number; y: number; radius: number },
    view: Axes,
  ): void {
    const side = Math.ceil(2 * disc.radius);
    if (side < 1) return;
    const image = new ImageData(side, side);
    const paper = rgb(theme.paper);
    const ownBucket = readout?.rounds[round].bucket;
    const { hash } = progressAt(state.phase, settings.rounds);
    const paints = new Map<number, number[]>();
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        const u = ((column + 0.5) / side) * 2 - 1;
        const v = 1 - ((row + 0.5) / side) * 2;
        const rest = 1 - u * u - v * v;
        if (rest < 0) continue;
        const w = Math.sqrt(rest);
        const point = [0, 1, 2].map((k) => u * view.right[k] + v * view.up[k] + w * view.toEye[k]) as Point;
        const bucket = model.isCrowded ? -1 : bucketAt(point, model.balls[0].directions, settings.factors);
        let paint = paints.get(bucket);
        if (!paint) {
          const full = bucket < 0 ? paper : tint(bucket, bucket === ownBucket, theme, paper);
          paint = full.map((part, k) => paper[k] + hash * (part - paper[k]));
          paints.set(bucket, paint);
        }
        const light = 0.84 + 0.2 * (0.5 - 0.42 * u * 0.5 + 0.74 * v * 0.5);
        image.data.set(
          [...paint.map((part) => part * light), 255 * Math.min(1, rest * side)],
          4 * (row * side + column),
        );
      }
    }
    const buffer = new OffscreenCanvas(side, side);
    buffer.getContext('2d')?.putImageData(image, 0, 0);
    context.drawImage(buffer, disc.x - disc.radius, disc.y - disc.radius, 2 * disc.radius, 2 * disc.radius);
  }
}

const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

function tint(bucket: number, isOwn: boolean, theme: Theme, paper: number[]): number[] {
  const share = isOwn ? 0.75 : 0.34;
  return rgb(bucketColour(bucket, theme.dark)).map((part, k) => paper[k] + share * (part - paper[k]));
}
