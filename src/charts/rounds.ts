import { line, scaleLinear, scalePoint } from 'd3';
import type { Curve } from '../engine/engine';
import { charts } from '../language/charts';
import { formatNumber, formatPercent } from '../shared/format';
import { FigureSurface } from '../ui/figures';
import { frame } from './chart';

const words = charts.rounds;

const margin = { left: 20, right: 12, top: 16, bottom: 16 };

/** Error and captured weight of LSH attention, against full attention, with 1 … R rounds. */
export class RoundsChart {
  private readonly frame;
  private readonly figures = new FigureSurface('attention');

  constructor(parent: HTMLElement) {
    this.frame = frame(parent, 'chart-rounds');
    this.frame.root.title = words.definitions;
  }

  show(curve: Curve | undefined, tokens: number, placeholder = charts.computing): void {
    const { svg, size, caption } = this.frame;
    this.figures.clear();
    const last = curve?.points.at(-1);
    if (!curve || !last) {
      caption(words.title, placeholder);
      svg.selectAll('*').remove();
      return;
    }
    const sample = curve.queries < tokens ? curve.queries : undefined;
    caption(words.title, words.summary(last.rounds, formatNumber(last.error), formatPercent(last.captured), sample));
    const { width, height } = size();
    svg.attr('width', width).attr('height', height);
    const x = scalePoint(
      curve.points.map((point) => point.rounds),
      [margin.left, width - margin.right - 62],
    );
    const top = Math.max(1, ...curve.points.map((point) => point.error));
    const y = scaleLinear([0, top], [height - margin.bottom, margin.top]);
    const marks = y(0) - y(1) < 12 ? [0] : [0, 1];
    const series = (['error', 'captured'] as const).map((name) => ({
      name,
      points: curve.points.map((point) => ({ rounds: point.rounds, value: point[name] })),
    }));
    const at = (rounds: number) => x(rounds) ?? 0;
    svg
      .selectAll('path')
      .data(series)
      .join('path')
      .attr('class', ({ name }) => `curve ${name}`)
      .attr('d', ({ points }) =>
        line<(typeof points)[number]>(
          (p) => at(p.rounds),
          (p) => y(p.value),
        )(points),
      );
    svg
      .selectAll('g.dots')
      .data(series)
      .join('g')
      .attr('class', ({ name }) => `dots ${name}`)
      .selectAll('circle')
      .data(({ name, points }) => points.map((p) => ({ ...p, name })))
      .join('circle')
      .attr('cx', (p) => at(p.rounds))
      .attr('cy', (p) => y(p.value))
      .attr('r', (p) => (p.rounds === last.rounds ? 4.5 : 2.5))
      .each(this.figures.each(({ name, rounds, value }) => ({ kind: `curve-${name}`, index: rounds, value })))
      .selectAll('title')
      .data(({ rounds, name, value }) => [
        words.point(rounds, words.names[name], name === 'captured' ? formatPercent(value) : formatNumber(value)),
      ])
      .join('title')
      .text((text) => text);
    // Names stand beside the last dots, moved apart if they would overlap.
    const ends = series.map(({ name }) => ({ name, y: y(last[name]) }));
    ends.sort((a, b) => a.y - b.y);
    if (ends[1].y - ends[0].y < 13) {
      const middle = Math.min(height - margin.bottom - 8, Math.max(margin.top + 8, (ends[0].y + ends[1].y) / 2));
      ends[0].y = middle - 6.5;
      ends[1].y = middle + 6.5;
    }
    svg
      .selectAll('text.name')
      .data(ends)
      .join('text')
      .attr('class', ({ name }) => `name ${name}`)
      .attr('x', at(last.rounds) + 9)
      .attr('y', (end) => end.y + 4)
      .text(({ name }) => words.names[name]);
    const ticks = curve.points.length > 10 ? curve.points.filter((point) => point.rounds % 2 === 0) : curve.points;
    svg
      .selectAll('text.tick')
      .data(ticks)
      .join('text')
      .attr('class', 'tick')
      .attr('x', (point) => at(point.rounds))
      .attr('y', height - 2)
      .attr('text-anchor', 'middle')
      .text((point) => point.rounds);
    svg
      .selectAll('text.scale')
      .data(marks)
      .join('text')
      .attr('class', 'scale')
      .attr('x', 4)
      .attr('y', (value) => y(value) + 4)
      .text((value) => value);
    svg
      .selectAll('line')
      .data(marks)
      .join('line')
      .attr('class', 'axis')
      .attr('x1', margin.left)
      .attr('x2', width - margin.right - 62)
      .attr('y1', y)
      .attr('y2', y)
      .lower();
  }
}
