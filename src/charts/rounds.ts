import { scaleLinear, scalePoint } from 'd3';
import type { Curve } from '../engine/engine';
import { charts } from '../language/charts';
import { formatNumber, formatPercent } from '../shared/format';
import { drawCurves, drawDots, drawLevels, drawNames, drawTicks, Frame } from './chart';

const words = charts.rounds;
const margin = { left: 20, right: 74, top: 16, bottom: 16 };

/** Error and captured weight of LSH attention, against full attention, with 1 … R rounds. */
export class RoundsChart {
  private readonly frame;

  constructor(parent: HTMLElement) {
    this.frame = new Frame(parent, 'chart-rounds', 'attention');
    this.frame.root.title = words.definitions;
  }

  show(curve: Curve | undefined, tokens: number, placeholder = charts.computing): void {
    const { svg, figures } = this.frame;
    const last = curve?.points.at(-1);
    if (!curve || !last) {
      this.frame.begin(words.title, placeholder);
      svg.selectAll('*').remove();
      return;
    }
    const sample = curve.queries < tokens ? curve.queries : undefined;
    const summary = words.summary(last.rounds, formatNumber(last.error), formatPercent(last.captured), sample);
    const { width, height } = this.frame.begin(words.title, summary);
    const rounds = curve.points.map((point) => point.rounds);
    const x = scalePoint(rounds, [margin.left, width - margin.right]);
    const top = Math.max(1, ...curve.points.map((point) => point.error));
    const y = scaleLinear([0, top], [height - margin.bottom, margin.top]);
    const at = (count: number) => x(count) ?? 0;
    const lines = (['error', 'captured'] as const).map((look) => ({
      look,
      points: curve.points.map((point) => ({ look, rounds: point.rounds, value: point[look] })),
    }));
    type Point = (typeof lines)[number]['points'][number];
    const places = { x: (point: Point) => at(point.rounds), y: (point: Point) => y(point.value) };
    const values = y(0) - y(1) < 12 ? [0] : [0, 1];
    drawLevels(svg, y, margin.left, { values, padding: 9, grid: width - margin.left - margin.right });
    drawTicks(svg, x, height - margin.bottom, {
      values: rounds.length > 10 ? rounds.filter((count) => count % 2 === 0) : rounds,
    });
    drawCurves(svg, lines, places);
    drawDots(svg, lines, {
      ...places,
      radius: (point) => (point.rounds === last.rounds ? 4.5 : 2.5),
      figures,
      figure: ({ look, rounds: index, value }) => ({ kind: `curve-${look}`, index, value }),
      title: ({ look, rounds: count, value }) =>
        words.point(count, words.names[look], look === 'captured' ? formatPercent(value) : formatNumber(value)),
    });
    const ends = lines.map(({ look }) => ({ look, name: words.names[look], x: at(last.rounds) + 9, y: y(last[look]) }));
    drawNames(svg, ends, height - margin.bottom);
  }

  /** While the algorithm plays: the curves reach to a number of rounds, which may lie between two. */
  showRounds(count: number, all: number): void {
    const { svg } = this.frame;
    const hidden = all > 1 ? Math.min(1, Math.max(0, (all - count) / (all - 1))) : 0;
    // The margin leaves room for the width of the lines.
    const shape = hidden > 0 ? `inset(-4px ${(100 * hidden).toFixed(1)}% -4px -4px)` : '';
    for (const path of svg.selectAll<SVGElement, unknown>('path.curve').nodes()) path.style.clipPath = shape;
    svg
      .selectAll<SVGCircleElement, { rounds: number }>('circle')
      .attr('opacity', ({ rounds }) => (rounds <= count + 1e-9 ? null : 0));
  }
}
