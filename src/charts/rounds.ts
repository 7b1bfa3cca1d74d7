import { line, scaleLinear, scalePoint } from 'd3';
import type { Curve } from '../engine/engine';
import { formatNumber, formatPercent } from '../shared/format';
import { frame } from './chart';

const margin = { left: 20, right: 12, top: 16, bottom: 16 };

/** What each further hash round buys: distance from full attention falls, captured attention rises. */
export class RoundsChart {
  private readonly frame;

  constructor(parent: HTMLElement) {
    this.frame = frame(parent, 'chart-rounds');
    this.frame.root.title =
      'error: ‖LSH − full‖ / ‖full‖ of the outputs. captured: share of full attention’s weight that lies on pairs seen in any round.';
  }

  show(curve: Curve | undefined, tokens: number, without = 'computing …'): void {
    const { svg, size, caption } = this.frame;
    const last = curve?.points.at(-1);
    if (!curve || !last) {
      caption('Against full attention', without);
      svg.selectAll('*').remove();
      return;
    }
    const over = curve.queries < tokens ? ` (over ${curve.queries} queries)` : '';
    const rounds = `${last.rounds} ${last.rounds === 1 ? 'round' : 'rounds'}`;
    caption(
      'Against full attention',
      `${rounds}: error ${formatNumber(last.error)}, captured ${formatPercent(last.captured)}${over}`,
    );
    const { width, height } = size();
    svg.attr('width', width).attr('height', height);
    const x = scalePoint(
      curve.points.map((point) => point.rounds),
      [margin.left, width - margin.right - 62],
    );
    const top = Math.max(1, ...curve.points.map((point) => point.error));
    const y = scaleLinear([0, top], [height - margin.bottom, margin.top]);
    const marks = y(0) - y(1) < 12 ? [0] : [0, 1];
    const series = [
      { name: 'error', of: curve.points.map((point) => ({ rounds: point.rounds, value: point.error })) },
      { name: 'captured', of: curve.points.map((point) => ({ rounds: point.rounds, value: point.captured })) },
    ];
    const at = (rounds: number) => x(rounds) ?? 0;
    svg
      .selectAll('path')
      .data(series)
      .join('path')
      .attr('class', ({ name }) => `curve ${name}`)
      .attr('d', ({ of }) =>
        line<(typeof of)[number]>(
          (p) => at(p.rounds),
          (p) => y(p.value),
        )(of),
      );
    svg
      .selectAll('g.dots')
      .data(series)
      .join('g')
      .attr('class', ({ name }) => `dots ${name}`)
      .selectAll('circle')
      .data(({ name, of }) => of.map((p) => ({ ...p, name })))
      .join('circle')
      .attr('cx', (p) => at(p.rounds))
      .attr('cy', (p) => y(p.value))
      .attr('r', (p) => (p.rounds === last.rounds ? 4.5 : 2.5))
      .attr('data-kind', ({ name }) => `curve-${name}`)
      .attr('data-index', ({ rounds }) => rounds)
      .attr('data-value', ({ value }) => value)
      .selectAll('title')
      .data((p) => [
        `${p.rounds} rounds: ${p.name} ${p.name === 'captured' ? formatPercent(p.value) : formatNumber(p.value)}`,
      ])
      .join('title')
      .text((text) => text);
    // Names beside the last dots, moved apart where they would meet.
    const ends = series.map(({ name, of }) => ({ name, y: y((of.at(-1) as { value: number }).value) }));
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
      .text(({ name }) => name);
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
