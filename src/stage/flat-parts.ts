import type { CpuEngine } from '../engine/cpu-engine';
import { stage as words } from '../language/stage';
import { bucketColour } from '../state/palette';
import type { Area, Picture } from './picture';
import { ease, type Progress, progressAt, progressOf, shares } from './progress';
import { selectedRow } from './selection';

type Placement = CpuEngine['placement'];

/** Half the height of the boxes around chunks, in pixels. */
const boxHalf = 18;

const mix = (from: number, to: number, t: number): number => from + (to - from) * t;

const smooth = (value: number, from: number, to: number): number =>
  ease(Math.min(1, Math.max(0, (value - from) / (to - from))));

/** The colour of a hexadecimal text, three numbers up to 255. */
export const rgb = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

export const mixed = (from: string, to: string, t: number): string =>
  t >= 1 ? to : `rgb(${rgb(from).map((part, k) => mix(part, rgb(to)[k], t))})`;

/** The colour of a token that has no bucket yet. */
export const unhashedColour = ({ theme }: Picture): string => {
  const paper = rgb(theme.paper);
  const parts = rgb(theme.ink).map((part, k) => Math.round(mix(part, paper[k], 0.62)));
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
};

/** The round in front of the loom, in an area of the canvas, at the picture's phase. */
export function drawLoom(context: CanvasRenderingContext2D, picture: Picture, placement: Placement, area: Area): void {
  const { shape, settings, theme, head, round, readout, state } = picture;
  if (!placement) return;
  const { n } = shape;
  const { x, y, width, height } = area;
  const progress = progressAt(state.phase, settings.rounds);
  const step = width / n;
  const base = (head * settings.rounds + round) * n;
  const seen = new Set(readout?.seen.filter((key) => key.rounds.includes(round)).map(({ key }) => key));
  const cell = (position: number, top: number, size: number) => {
    context.fillRect(x + position * step + 0.1 * step, top - size / 2, Math.max(0.8 * step, 0.7), size);
  };
  const chunk = readout?.rounds[round]?.chunk;
  if (chunk !== undefined) {
    for (let c = chunk - settings.lookBack; c <= chunk + settings.lookAhead; c++) {
      const first = Math.max(0, c * settings.chunk);
      const last = Math.min(n, (c + 1) * settings.chunk);
      const opened = ease(c === chunk ? progress.own : progress.around);
      if (last <= first || opened === 0) continue;
      context.globalAlpha = (c === chunk ? 0.3 : 0.15) * opened;
      context.fillStyle = theme.accent;
      const half = boxHalf * opened;
      context.fillRect(x + first * step, y + height - half, (last - first) * step, 2 * half);
    }
  }
  const unhashed = unhashedColour(picture);
  const quiet = readout ? ease(progress.own) : 0;
  for (let i = 0; i < n; i++) {
    const rank = placement.rank[base + i];
    const hashed = progressOf(progress.hash, i / n, shares.hash);
    const along = ease(progressOf(progress.sort, i / n, shares.sort));
    const isOwnChunk = Math.floor(rank / settings.chunk) === chunk;
    const isSelected = i === readout?.token;
    const lit = isSelected ? 1 : seen.has(i) ? ease(isOwnChunk ? progress.own : progress.around) : 0;
    const colour = mixed(unhashed, bucketColour(placement.buckets[base + i], theme.dark), hashed);
    context.strokeStyle = colour;
    context.globalAlpha = mix(0.35, 1, lit);
    context.lineWidth = 1 + lit;
    const fromX = x + (i + 0.5) * step;
    const toX = x + (rank + 0.5) * step;
    if (along > 0) drawThread(context, [fromX, y + 8], [toX, y + height - 8], along);
    context.globalAlpha = mix(mix(1, 0.6, quiet), 1, lit);
    context.fillStyle = isSelected ? theme.ink : colour;
    const appeared = ease(progressOf(progress.tokens, i / n, shares.tokens));
    cell(i, y, 14 * (0.3 + 0.7 * appeared + 3.6 * hashed * (1 - hashed)));
    if (along > 0) cell(mix(i, rank, ease(along)), mix(y, y + height, heightOn(along)), 14);
  }
  context.fillStyle = theme.ink;
  for (let edge = 0; edge < n; edge += settings.chunk) {
    const grown = ease(progressOf(progress.walls, edge / n, 0.4));
    const fall = (1 - grown) * height;
    context.globalAlpha = 0.5 * Math.min(1, 4 * grown);
    context.fillRect(x + edge * step, y + height - 14 - 0.6 * fall, 1, 28 + 0.3 * fall);
  }
  context.globalAlpha = 1;
  drawBars(context, picture, progress, area);
  context.fillStyle = theme.ink;
  context.fillText(words.loom.original(String(n)), x, y - 16);
  if (progress.sort > 0) context.fillText(words.loom.sorted(round + 1, settings.rounds), x, y + height + 30);
}

/** How far down a thread is, from 0 to 1, at a share of its way. */
export const heightOn = (t: number): number => 1.5 * t * (1 - t) + t ** 3;

/** Draws a thread from above to below, up to a share of its way. */
function drawThread(context: CanvasRenderingContext2D, from: number[], to: number[], along: number): void {
  const [[x0, y0], [x1, y1]] = [from, to];
  const middle = (y0 + y1) / 2;
  const points = [
    [x0, y0],
    [x0, middle],
    [x1, middle],
    [x1, y1],
  ];
  // The first part of a Bézier curve is one too: its points are those of de Casteljau's construction.
  const firsts = [points[0]];
  for (let level = points; level.length > 1; ) {
    level = level.slice(1).map(([x, y], k) => [mix(level[k][0], x, along), mix(level[k][1], y, along)]);
    firsts.push(level[0]);
  }
  const [, a, b, c] = firsts;
  context.beginPath();
  context.moveTo(x0, y0);
  context.bezierCurveTo(a[0], a[1], b[0], b[1], c[0], c[1]);
  context.stroke();
}

/** The shares of the selected token's rounds, which join into its output: as shaders/draw/loom-bar.wgsl. */
function drawBars(
  context: CanvasRenderingContext2D,
  { readout, settings, round, shape, theme }: Picture,
  { join }: Progress,
  { x, y, width, height }: Area,
): void {
  if (!readout || join <= 0 || join >= 1) return;
  const step = width / shape.n;
  const whole = 0.31 * height;
  const left = 1 - smooth(join, 0.8, 1);
  let before = 0;
  for (let k = 0; k < settings.rounds; k++) {
    const { rank, weight, bucket } = readout.rounds[(round + k) % settings.rounds];
    const t = smooth(join - (0.14 * k) / settings.rounds, 0.26, 0.6);
    const length = whole * weight * smooth(join, 0, 0.24) * left;
    const top = mix(y + height - 7 - length, y + 7 + whole * before * left, t);
    const middle = x + (mix(rank, readout.token, ease(t)) + 0.5) * step;
    const wide = Math.max(1.2 * step, 12);
    context.fillStyle = mixed(bucketColour(bucket, theme.dark), theme.ink, 0.2);
    context.fillRect(middle - wide / 2, top, wide, Math.max(0, length - 1));
    before += weight;
  }
}

/** The matrix of pairs, in a square of the canvas, at the picture's phase. */
export function drawMatrix(
  context: CanvasRenderingContext2D,
  picture: Picture,
  { cells, placement }: CpuEngine,
  { x, y, width }: Area,
): void {
  const { theme, matrix, settings, shape, head, round, state } = picture;
  const { count } = matrix;
  if (cells.length !== 4 * count * count || !placement) return;
  const { own, around, sweep, arrived, isSeen } = progressAt(state.phase, settings.rounds);
  const image = new ImageData(count, count);
  const [missed, seen] = [theme.missed, theme.seen].map(([low, high]) => [rgb(low), rgb(high)]);
  const outside = rgb(theme.outside);
  const row = selectedRow(picture);
  const { lookBack, lookAhead, chunk, bucketMask, wrap } = settings;
  const rounds = wrap ? 0 : matrix.onlyRound === undefined ? settings.rounds : 1;
  const tokenAt = (index: number) =>
    matrix.sortedBy === undefined
      ? matrix.start + index
      : placement.order[(head * settings.rounds + matrix.sortedBy) * shape.n + matrix.start + index];
  /** Chunks from a query to a key in a round, counted from the front; undefined if they do not meet. */
  const chunksApart = (i: number, j: number, k: number): number | undefined => {
    const base = (head * settings.rounds + ((round + k) % settings.rounds)) * shape.n;
    if (bucketMask && placement.buckets[base + i] !== placement.buckets[base + j]) return undefined;
    const apart = Math.floor(placement.rank[base + j] / chunk) - Math.floor(placement.rank[base + i] / chunk);
    return apart >= -lookBack && apart <= lookAhead ? apart : undefined;
  };
  for (let k = 0; k < count * count; k++) {
    const weight = cells[4 * k] / 255;
    let met = cells[4 * k + 1] > 127 ? 1 : 0;
    const paint = ([low, high]: number[][]) => low.map((from, c) => mix(from, high[c], weight));
    let colour = paint(met ? seen : missed);
    if (!isSeen) {
      const [r, i, j] = [Math.floor(k / count), tokenAt(Math.floor(k / count)), tokenAt(k % count)];
      if (rounds > 0) met = 0;
      for (let each = 0; each < rounds; each++) {
        if (chunksApart(i, j, each) !== undefined) met = Math.max(met, Math.min(1, Math.max(0, arrived - each + 1)));
      }
      const apart = r === row && rounds > 0 ? chunksApart(i, j, 0) : undefined;
      const opened = apart === undefined ? 0 : apart === 0 ? own : around;
      const swept = Math.min(1, Math.max(0, sweep * count - r));
      const [pale, blue, red] = [missed[0], paint(seen), paint(missed)];
      colour = pale.map((from, c) => mix(mix(from, blue[c], opened), mix(red[c], blue[c], met), swept));
    }
    image.data.set([...(cells[4 * k + 2] ? colour : outside), 255], 4 * k);
  }
  const buffer = new OffscreenCanvas(count, count);
  buffer.getContext('2d')?.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(buffer, x, y, width, width);
  if (row !== undefined && own > 0) {
    context.strokeStyle = theme.accent;
    context.strokeRect(x, y + (row * width) / count, width, width / count);
  }
  context.fillStyle = theme.ink;
  context.fillText(words.matrix.brief, x, y - 10);
}
