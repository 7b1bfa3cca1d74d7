import { scaleLog, select } from 'd3';
import { memoryTerms } from '../algorithm/paper-results';
import { lecture } from '../language/lecture';
import { FigureSurface } from '../ui/figures';
import { type Drawing, drawCurves, drawDots, drawLevels, drawNames, drawTicks, drawUnit, type LineEnd } from './chart';

const words = lecture.drawings.line;

export const memoryCurves = ['standard', 'reversible', 'reformer'] as const;
export type MemoryCurve = (typeof memoryCurves)[number];

/** Bytes of a number, and of the memory that the line marks. */
const bytesOfNumber = 4;
export const memoryBudget = 16e9;

/** Tokens at the two ends of the chart. */
export const memoryRange = [256, 2 ** 23] as const;
const byteRange = [1e5, 1e14] as const;
const rounds = 1;

/** Bytes of a curve at a number of tokens. */
export const memoryBytes = (curve: MemoryCurve, tokens: number): number =>
  bytesOfNumber * memoryTerms(tokens, rounds)[curve];

/** The number of tokens at which a curve reaches the line, to the nearest token. */
export function memoryCrossing(curve: MemoryCurve): number {
  let [low, high]: [number, number] = [...memoryRange];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (memoryBytes(curve, middle) <= memoryBudget) low = middle;
    else high = middle;
  }
  return low;
}

export interface MemoryLineSize {
  width: number;
  height: number;
  scale: number;
}

/** Bytes that the device held at a number of tokens. */
export interface HeldBytes {
  tokens: number;
  bytes: number;
}

/** Decimal units, as in "16 GB". */
export function formatDecimalBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3)).toLocaleString('en')} ${units[power]}`;
}

export const formatRounded = (tokens: number): string => {
  const rounded = Number(tokens.toPrecision(2));
  return rounded >= 1e6 ? words.million(String(rounded / 1e6)) : rounded.toLocaleString('en');
};

/** Memory of a training step against the length of the text, by the paper's Table 3, with a line at 16 GB and what this device held. */
export class MemoryLine {
  private readonly figures = new FigureSurface('attention');
  private readonly root: Drawing;

  constructor(svg: SVGSVGElement) {
    this.root = select<SVGSVGElement | SVGGElement, unknown>(svg).attr('role', 'group').attr('aria-label', words.title);
  }

  /** Forgets its numbers. */
  dispose(): void {
    this.figures.clear();
  }

  /** `scale`: how much larger letters are than usual. Sizes are in CSS pixels. */
  show(tokens: number, held: readonly HeldBytes[], { width, height, scale }: MemoryLineSize): void {
    const { root, figures } = this;
    figures.clear();
    root.attr('width', width).attr('height', height);
    const margin = { left: 60 * scale, right: width < 520 ? 20 : 140 * scale, top: 14, bottom: 40 * scale };
    const x = scaleLog([...memoryRange], [margin.left, width - margin.right]).base(2);
    const y = scaleLog([...byteRange], [height - margin.bottom, margin.top]).clamp(true);
    const [left, right] = x.range() as [number, number];
    const bytesTicks = [1e6, 1e8, 1e10, 1e12, 1e14];
    drawLevels(root, y, left, { values: bytesTicks, format: formatDecimalBytes, padding: 6, grid: right - left });
    const sizes = [2 ** 10, 2 ** 13, 2 ** 16, 2 ** 20, 2 ** 23];
    const format = (n: number) => (n >= 2 ** 20 ? `${n / 2 ** 20}M` : `${n / 1024}K`);
    drawTicks(root, x, height - margin.bottom, { values: sizes, format });
    drawUnit(root, words.tokens, (left + right) / 2, height - 2);
    drawBudget(root, y(memoryBudget), left, right, scale);
    const steps = Array.from({ length: 121 }, (_, k) => x.invert(left + ((right - left) * k) / 120));
    const lines = memoryCurves.map((curve) => ({
      look: curve,
      points: steps.map((n) => ({ n, bytes: memoryBytes(curve, n) })).filter(({ bytes }) => bytes <= byteRange[1]),
    }));
    const places = { x: ({ n }: { n: number }) => x(n), y: ({ bytes }: { bytes: number }) => y(bytes) };
    drawCurves(root, lines, places);
    const crossings = memoryCurves.map((curve) => ({ curve, at: memoryCrossing(curve) }));
    const marks = root
      .selectAll<SVGGElement, (typeof crossings)[number]>('g.crossing')
      .data(crossings)
      .join((enter) => {
        const g = enter.append('g').attr('class', 'crossing');
        g.append('circle').attr('class', 'ring').attr('r', 4.5);
        g.append('text').attr('class', 'count').attr('text-anchor', 'middle');
        return g;
      })
      .attr('transform', ({ at }) => `translate(${x(at)},${y(memoryBudget)})`)
      .each(figures.each(({ curve, at }) => ({ kind: 'table3-tokens', index: curve, value: at })));
    marks
      .select('text')
      .attr('y', (_, k) => (k === 0 ? -10 : 10 + 10 * scale))
      .attr('x', (_, k) => ([-24, 24, width < 520 ? -28 : -6][k] as number) * scale)
      .text(({ at }) => formatRounded(at));
    const now = memoryCurves.map((curve) => ({ n: tokens, curve, bytes: memoryBytes(curve, tokens) }));
    drawDots(root, [{ look: 'now', points: now }], {
      ...places,
      radius: () => 5,
      figures,
      figure: ({ curve, n, bytes }) => ({ kind: 'table3-bytes', index: `${curve} ${n}`, value: bytes }),
    });
    root
      .selectAll('line.now-line')
      .data([tokens])
      .join('line')
      .attr('class', 'now-line')
      .attr('x1', x)
      .attr('x2', x)
      .attr('y1', margin.top)
      .attr('y2', height - margin.bottom);
    root
      .selectAll<SVGCircleElement, HeldBytes>('circle.held')
      .data([...held])
      .join('circle')
      .attr('class', 'held')
      .attr('r', 4)
      .attr('cx', (point) => x(point.tokens))
      .attr('cy', ({ bytes }) => y(bytes))
      .selectAll('title')
      .data((point) => [point])
      .join('title')
      .text((point) => words.dot(point.tokens.toLocaleString('en'), formatDecimalBytes(point.bytes)));
    if (width < 520) return;
    const ends = lines.map(({ look, points }) => {
      const last = points[points.length - 1] as { n: number; bytes: number };
      return { look, name: words.names[look], x: Math.min(x(last.n), right) + 8, y: y(last.bytes) };
    });
    const [standard, ...others] = ends as [LineEnd, ...LineEnd[]];
    // The two upper lines end beside each other, so one has its name on the left.
    drawNames(root, others, height - margin.bottom);
    root
      .selectAll('text.left')
      .data([standard])
      .join('text')
      .attr('class', 'left standard')
      .attr('text-anchor', 'end')
      .attr('x', standard.x - 18)
      .attr('y', standard.y + 8)
      .text(standard.name);
  }
}

function drawBudget(root: Drawing, y: number, left: number, right: number, scale: number): void {
  root
    .selectAll('line.budget')
    .data([y])
    .join('line')
    .attr('class', 'budget')
    .attr('x1', left)
    .attr('x2', right)
    .attr('y1', y)
    .attr('y2', y);
  root
    .selectAll('text.budget')
    .data([y])
    .join('text')
    .attr('class', 'budget')
    .attr('x', left + 6)
    .attr('y', y + 15 * scale)
    .text(words.budget);
}
