/** What all charts share: their frame with its caption, axes, lines with dots, and names at the ends of lines. */
import { type Axis, type AxisScale, axisBottom, axisLeft, type BaseType, line, type Selection, select } from 'd3';
import { charts as words } from '../language/charts';
import { type FigureEntry, FigureSurface, type Place } from '../ui/figures';

/** A drawing, or a part of one. */
export type Drawing = Selection<SVGSVGElement | SVGGElement, unknown, null, undefined>;

export interface Margin {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A titled drawing in the strip below the stage, with the numbers that it shows. */
export class Frame {
  readonly root = document.createElement('figure');
  readonly svg: Drawing;
  readonly figures: FigureSurface;
  private readonly caption = document.createElement('figcaption');
  private readonly heading = document.createElement('b');
  private readonly sentence = document.createElement('span');

  constructor(parent: HTMLElement, id: string, place: Place) {
    this.root.id = id;
    this.figures = new FigureSurface(place);
    this.caption.append(this.heading, this.sentence);
    this.root.append(this.caption);
    parent.append(this.root);
    this.svg = select(this.root).append<SVGSVGElement | SVGGElement>('svg').attr('role', 'group');
  }

  /** Begins a new drawing: forgets the old numbers and sets the heading and the sentence below it. Returns the space left, in CSS pixels. */
  begin(title: string, summary: string): { width: number; height: number } {
    this.figures.clear();
    this.heading.textContent = title;
    this.sentence.textContent = summary;
    // A hidden chart has no width.
    const width = Math.max(1, this.root.clientWidth);
    const height = Math.max(60, this.root.clientHeight - this.caption.offsetHeight - 2);
    this.svg.attr('aria-label', words.description(title, summary)).attr('width', width).attr('height', height);
    return { width, height };
  }
}

interface AxisOptions {
  values: readonly number[];
  format?: (value: number) => string;
  /** Pixels between the drawing and the labels. */
  padding?: number;
  /** Length in pixels of a line across the drawing at each value. */
  grid?: number;
}

/** Draws the levels of a scale at the left edge of a drawing, `x` pixels from the left. */
export const drawLevels = (root: Drawing, scale: AxisScale<number>, x: number, options: AxisOptions): void =>
  drawAxis(root, axisLeft(scale), 'levels', `translate(${x},0)`, options);

/** Draws the ticks of a scale at the lower edge of a drawing, `y` pixels from the top. */
export const drawTicks = (root: Drawing, scale: AxisScale<number>, y: number, options: AxisOptions): void =>
  drawAxis(root, axisBottom(scale), 'ticks', `translate(0,${y})`, options);

/** Draws an axis without its line. The style sheet sets the font. */
function drawAxis(
  root: Drawing,
  axis: Axis<number>,
  name: string,
  transform: string,
  { values, format = String, padding = 5, grid = 0 }: AxisOptions,
): void {
  axis
    .tickValues([...values])
    .tickFormat(format)
    .tickSize(-grid)
    .tickPadding(padding)
    .offset(0);
  const group = root.selectAll<SVGGElement, number>(`g.${name}`).data([0]).join('g');
  group.attr('class', name).attr('transform', transform).call(axis);
  group.attr('font-family', null).select('.domain').remove();
}

/** Writes the unit of an axis. */
export function drawUnit(root: Drawing, unit: string, x: number, y: number, anchor = 'middle'): void {
  const text = root.selectAll('text.unit').data([unit]).join('text').attr('class', 'unit');
  text.attr('x', x).attr('y', y).attr('text-anchor', anchor).text(String);
}

/** Points of one line, with the class that colours it. */
export interface Line<P> {
  look: string;
  points: readonly P[];
}

interface LineOptions<P> {
  /** Place of a point in pixels. */
  x: (point: P, position: number) => number;
  y: (point: P) => number;
}

/** Draws a line through the points of each series. */
export function drawCurves<P>(root: Drawing, lines: readonly Line<P>[], { x, y }: LineOptions<P>): void {
  const path = line<P>(x, y);
  root
    .selectAll('path.curve')
    .data(lines)
    .join('path')
    .attr('class', ({ look }) => `curve ${look}`)
    .attr('d', ({ points }) => path([...points]));
}

interface DotOptions<P> extends LineOptions<P> {
  /** Radius in pixels. */
  radius: (point: P) => number;
  figures: FigureSurface;
  /** The number that a dot shows. */
  figure: (point: P) => FigureEntry;
  /** Tooltip of a dot. */
  title?: (point: P) => string;
}

/** Draws the points of each series as dots, and registers their numbers. */
export function drawDots<P>(
  root: Drawing,
  lines: readonly Line<P>[],
  { x, y, radius, figures, figure, title }: DotOptions<P>,
): void {
  const dots = root
    .selectAll('g.dots')
    .data(lines)
    .join('g')
    .attr('class', ({ look }) => `dots ${look}`)
    .selectAll('circle')
    .data(({ points }) => points)
    .join('circle')
    .attr('cx', x)
    .attr('cy', y)
    .attr('r', radius)
    .each(figures.each(figure));
  if (title) drawTitles(dots, title);
}

/** Gives a tooltip to each mark of a drawing. */
export function drawTitles<P, E extends BaseType, ParentElement extends BaseType, ParentDatum>(
  marks: Selection<E, P, ParentElement, ParentDatum>,
  title: (point: P, position: number) => string,
): void {
  marks
    .selectAll('title')
    .data((point, position) => [title(point, position)])
    .join('title')
    .text(String);
}

/** The name of a line, at the place of its end in pixels. */
export interface LineEnd {
  look: string;
  name: string;
  x: number;
  y: number;
}

/** Writes names beside the ends of lines. Names that would overlap are moved apart, and stay `bottom` pixels from the top or higher. */
export function drawNames<E extends LineEnd>(root: Drawing, ends: readonly E[], bottom = Number.POSITIVE_INFINITY) {
  const gap = 13;
  const names = ends.map((end) => ({ ...end, y: end.y + 4 })).sort((a, b) => a.y - b.y);
  for (let k = 1; k < names.length; k++) names[k].y = Math.max(names[k].y, names[k - 1].y + gap);
  for (let k = names.length - 1, most = bottom; k >= 0; most = names[k--].y - gap) {
    names[k].y = Math.min(names[k].y, most);
  }
  return root
    .selectAll<SVGTextElement, E>('text.name')
    .data(names)
    .join('text')
    .attr('class', ({ look }) => `name ${look}`)
    .attr('x', ({ x }) => x)
    .attr('y', ({ y }) => y)
    .text(({ name }) => name);
}
