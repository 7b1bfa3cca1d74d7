import { scaleBand, scaleLinear, scaleOrdinal, stack } from 'd3';
import type { CurvePoint } from '../algorithm/fidelity';
import { type LossCause, lossCauses } from '../algorithm/missed-pairs';
import type { Curve } from '../engine/engine';
import { charts } from '../language/charts';
import { formatPercent } from '../shared/format';
import { causeNames } from '../ui/token-names';
import { type Drawing, drawLevels, drawTicks, drawTitles, Frame } from './chart';

const words = charts.causes;

/** Width of an axis label in pixels. */
const tickWidth = 18;
const margin = { left: 16, right: 140, top: 8, bottom: 16 };

type WeightShare = 'captured' | LossCause;
const parts: WeightShare[] = ['captured', ...lossCauses];
/** Class of each part. The style sheet fills its bars and its legend entry by this class. */
const look = scaleOrdinal<WeightShare, string>(parts, ['captured', 'chunk-edge', 'long-bucket', 'other-bucket']);
const nameOf = (part: WeightShare): string => (part === 'captured' ? words.captured : causeNames[part]);
const shareOf = (point: CurvePoint, part: WeightShare): number =>
  part === 'captured' ? point.captured : point.lost[part];

/** Writes exactly zero as "0 %", so that a share too small for the digits shown looks different. */
const formatShare = (share: number): string => (share === 0 ? '0 %' : formatPercent(share));

/** Shares of full attention's weight with 1 … R rounds: captured, and lost by each cause. */
export class CauseChart {
  private readonly frame;
  private readonly drawing: Drawing;

  constructor(parent: HTMLElement) {
    this.frame = new Frame(parent, 'chart-causes', 'attention');
    this.frame.root.title = words.definitions(causeNames);
    // Stripes and dots let a person tell the parts apart without colour.
    this.frame.svg.append('defs').html(
      `<pattern id="chunk-edge" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="ground" width="5" height="5" /><rect class="mark" width="2" height="5" />
      </pattern>
      <pattern id="long-bucket" width="5" height="5" patternUnits="userSpaceOnUse">
        <rect class="ground" width="5" height="5" /><circle class="mark" cx="2.5" cy="2.5" r="1.4" />
      </pattern>`,
    );
    this.drawing = this.frame.svg.append('g');
  }

  show(curve: Curve | undefined, tokens: number, placeholder = charts.computing): void {
    const { frame, drawing } = this;
    const last = curve?.points.at(-1);
    if (!curve || !last) {
      frame.begin(words.title, placeholder);
      drawing.selectAll('*').remove();
      return;
    }
    const worst = lossCauses.reduce((a, b) => (last.lost[b] > last.lost[a] ? b : a));
    const sample = curve.queries < tokens ? curve.queries : undefined;
    const summary = words.summary(last.rounds, causeNames[worst], formatShare(last.lost[worst]), sample);
    const { width, height } = frame.begin(words.title, summary);
    const rounds = curve.points.map((point) => point.rounds);
    const x = scaleBand(rounds, [margin.left, width - margin.right]).padding(0.18);
    const y = scaleLinear([0, 1], [height - margin.bottom, margin.top]);
    const layers = stack<unknown, CurvePoint, WeightShare>().keys(parts).value(shareOf)(curve.points);
    const every = Math.ceil(tickWidth / x.step());
    drawTicks(drawing, x, height - margin.bottom, { values: rounds.filter((count) => count % every === 0) });
    drawLevels(drawing, y, margin.left, { values: [0, 1] });
    const bars = drawing
      .selectAll('g.layer')
      .data(layers)
      .join('g')
      .attr('class', ({ key }) => `layer ${look(key)}`)
      .selectAll('rect')
      .data((layer) => layer.map(([low, high], k) => ({ part: layer.key, low, high, point: curve.points[k] })))
      .join('rect')
      .attr('x', ({ point }) => x(point.rounds) ?? 0)
      .attr('width', x.bandwidth())
      .attr('y', ({ high }) => y(high))
      .attr('height', ({ low, high }) => Math.max(0, y(low) - y(high)))
      .each(
        frame.figures.each(({ part, point }) => {
          const value = shareOf(point, part);
          return part === 'captured'
            ? { kind: 'captured-share', index: point.rounds, value }
            : { kind: 'lost-share', index: `${point.rounds} ${part}`, value };
        }),
      );
    drawTitles(bars, ({ part, point }) => words.bar(point.rounds, nameOf(part), formatShare(shareOf(point, part))));
    this.drawLegend(last, width, height);
  }

  /** The parts of the last bar, from top to bottom like the bar. */
  private drawLegend(last: CurvePoint, width: number, height: number): void {
    const step = Math.min(22, (height - margin.bottom - margin.top) / parts.length);
    const entries = this.drawing
      .selectAll<SVGGElement, WeightShare>('g.entry')
      .data(look.domain().slice().reverse(), String)
      .join((enter) => {
        const g = enter.append('g').attr('class', (part) => `entry ${look(part)}`);
        g.append('rect').attr('width', 10).attr('height', 10);
        g.append('text').attr('x', 15).attr('y', 9.5).append('tspan').attr('class', 'name');
        g.select('text').append('tspan').attr('class', 'value').attr('dx', 5);
        return g;
      })
      .attr('transform', (_, k) => `translate(${width - margin.right + 8},${margin.top + k * step})`);
    entries.select('.name').text(nameOf);
    entries
      .select('.value')
      .each(this.frame.figures.each((part) => ({ kind: 'legend-share', index: part, value: shareOf(last, part) })))
      .text((part) => formatShare(shareOf(last, part)));
  }
}
