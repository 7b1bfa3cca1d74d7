import { scaleLinear, select } from 'd3';
import { charts as words } from '../language/charts';
import type { FigureKind, FigureSurface } from '../ui/figures';
import { drawCurves, drawDots, drawLevels, drawNames, drawTicks, drawUnit } from './chart';

/** A shown number: its kind and index identify it on the page. */
export interface LinePoint {
  kind: FigureKind;
  index: string;
  value: number;
  text: string;
}

const margin = { left: 40, right: 70, top: 10, bottom: 30 };
const height = 170;
const looks = ['captured', 'error'];

/** Draws up to two lines by hash rounds from 1 on, each with its name at its end, and registers their points. */
export function drawLines(
  svg: SVGSVGElement,
  lines: readonly LinePoint[][],
  names: readonly string[],
  width: number,
  figures: FigureSurface,
): void {
  const root = select<SVGSVGElement | SVGGElement, unknown>(svg);
  root.attr('width', width).attr('height', height).attr('role', 'group').attr('aria-label', words.lines(names));
  const most = Math.max(...lines.map((points) => points.length));
  const x = scaleLinear([1, most], [margin.left, width - margin.right]);
  const top = Math.max(...lines.flat().map(({ value }) => value), 1e-9);
  const y = scaleLinear([0, 1.06 * top], [height - margin.bottom, margin.top]);
  drawLevels(root, y, margin.left, {
    values: y.ticks(4),
    format: (value) => String(Number(value.toPrecision(3))),
    padding: 7,
    grid: width - margin.left - margin.right,
  });
  drawTicks(root, x, height - margin.bottom, { values: [1, 2, 4, 8, 12, 16].filter((tick) => tick <= most) });
  drawUnit(root, words.roundsAxis, (margin.left + width - margin.right) / 2, height - 1);
  const series = lines.map((points, k) => ({ look: looks[k], points }));
  const places = { x: (_: LinePoint, k: number) => x(k + 1), y: ({ value }: LinePoint) => y(value) };
  drawCurves(root, series, places);
  drawDots(root, series, {
    ...places,
    radius: () => 2.6,
    figures,
    figure: ({ kind, index, value }) => ({ kind, index, value }),
  });
  const ends = series.map(({ look, points }, k) => {
    const y = places.y(points[points.length - 1]);
    return { look, name: names[k], x: width - margin.right + 8, y };
  });
  drawNames(root, ends);
}
