import { line, scaleLinear, select } from 'd3';
import { charts as words } from '../language/charts';
import type { FigureKind, FigureSurface } from '../ui/figures';

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
  const root = select(svg).attr('width', width).attr('height', height).attr('role', 'group');
  root.attr('aria-label', words.lines(names));
  const most = Math.max(...lines.map((points) => points.length));
  const x = scaleLinear([1, most], [margin.left, width - margin.right]);
  const top = Math.max(...lines.flat().map(({ value }) => value), 1e-9);
  const y = scaleLinear([0, 1.06 * top], [height - margin.bottom, margin.top]);
  const levels = y.ticks(4);
  root
    .selectAll('line.axis')
    .data(levels)
    .join('line')
    .attr('class', 'axis')
    .attr('x1', margin.left)
    .attr('x2', width - margin.right)
    .attr('y1', y)
    .attr('y2', y);
  root
    .selectAll('text.scale')
    .data(levels)
    .join('text')
    .attr('class', 'scale')
    .attr('x', margin.left - 7)
    .attr('y', (value) => y(value) + 4)
    .attr('text-anchor', 'end')
    .text((value) => Number(value.toPrecision(3)));
  root
    .selectAll('text.tick')
    .data([1, 2, 4, 8, 12, 16].filter((tick) => tick <= most))
    .join('text')
    .attr('class', 'tick')
    .attr('x', x)
    .attr('y', height - margin.bottom + 15)
    .attr('text-anchor', 'middle')
    .text(String);
  root
    .selectAll('text.unit')
    .data([words.roundsAxis])
    .join('text')
    .attr('class', 'unit')
    .attr('x', (margin.left + width - margin.right) / 2)
    .attr('y', height - 1)
    .attr('text-anchor', 'middle')
    .text(String);
  const ends = lines.map((points, k) => ({ k, y: y(points[points.length - 1].value) })).sort((a, b) => a.y - b.y);
  for (let k = 1; k < ends.length; k++) ends[k].y = Math.max(ends[k].y, ends[k - 1].y + 14);
  root
    .selectAll('path')
    .data(lines)
    .join('path')
    .attr('class', (_, k) => `curve ${looks[k]}`)
    .attr('d', (points) =>
      line<LinePoint>(
        (_, k) => x(k + 1),
        ({ value }) => y(value),
      )(points),
    );
  root
    .selectAll('g.dots')
    .data(lines)
    .join('g')
    .attr('class', (_, k) => `dots ${looks[k]}`)
    .selectAll('circle')
    .data((points) => points)
    .join('circle')
    .attr('cx', (_, k) => x(k + 1))
    .attr('cy', ({ value }) => y(value))
    .attr('r', 2.6)
    .each(figures.each(({ kind, index, value }) => ({ kind, index, value })));
  root
    .selectAll('text.name')
    .data(ends)
    .join('text')
    .attr('class', ({ k }) => `name ${looks[k]}`)
    .attr('x', width - margin.right + 8)
    .attr('y', (end) => end.y + 4)
    .text(({ k }) => names[k]);
}
