import { scaleBand, scaleLinear, scaleOrdinal, stack } from 'd3';
import type { CurvePoint } from '../algorithm/fidelity';
import { type LossCause, lossCauses } from '../algorithm/missed-pairs';
import type { Curve } from '../engine/engine';
import { formatPercent } from '../shared/format';
import { causeNames } from '../ui/token-names';
import { frame } from './chart';

/** Pixels that the number of a round takes. */
const tickWidth = 18;
const margin = { left: 16, right: 140, top: 8, bottom: 16 };

type WeightShare = 'captured' | LossCause;
const parts: WeightShare[] = ['captured', ...lossCauses];
/** Class of each part, by which the style sheet fills it: the bars and the legend alike. */
const look = scaleOrdinal<WeightShare, string>(parts, ['captured', 'chunk-edge', 'long-bucket', 'other-bucket']);
const nameOf = (part: WeightShare): string => (part === 'captured' ? 'captured' : causeNames[part]);
const shareOf = (point: CurvePoint, part: WeightShare): number =>
  part === 'captured' ? point.captured : point.lost[part];

/** None at all is not the same as hardly any. */
const share = (part: number): string => (part === 0 ? '0 %' : formatPercent(part));

/** Where full attention's weight goes with 1 … R rounds: captured, or lost, and why. */
export class CauseChart {
  private readonly frame;

  constructor(parent: HTMLElement) {
    this.frame = frame(parent, 'chart-causes');
    this.frame.root.title =
      'other bucket: query and key share a bucket in no round. chunk edge: they share one, near enough for a window if chunks were cut elsewhere. long bucket: they share one, but too far apart for any window.';
    // Stripes and dots, so that colour is not all that tells the parts apart.
    this.frame.svg.append('defs').html(
      `<pattern id="chunk-edge" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="ground" width="5" height="5" /><rect class="mark" width="2" height="5" />
      </pattern>
      <pattern id="long-bucket" width="5" height="5" patternUnits="userSpaceOnUse">
        <rect class="ground" width="5" height="5" /><circle class="mark" cx="2.5" cy="2.5" r="1.4" />
      </pattern>`,
    );
    this.frame.svg.append('g');
  }

  show(curve: Curve | undefined, tokens: number, without = 'computing …'): void {
    const { svg, size, caption } = this.frame;
    const drawing = svg.select<SVGGElement>('g');
    const last = curve?.points.at(-1);
    const title = 'What is missed, and why';
    if (!curve || !last) {
      caption(title, without);
      drawing.selectAll('*').remove();
      return;
    }
    const worst = lossCauses.reduce((a, b) => (last.lost[b] > last.lost[a] ? b : a));
    const over = curve.queries < tokens ? ` (over ${curve.queries} queries)` : '';
    const rounds = `${last.rounds} ${last.rounds === 1 ? 'round' : 'rounds'}`;
    caption(title, `${rounds}: ${causeNames[worst]} loses ${share(last.lost[worst])}${over}`);
    const { width, height } = size();
    svg.attr('width', width).attr('height', height);
    const x = scaleBand(
      curve.points.map((point) => point.rounds),
      [margin.left, width - margin.right],
    ).padding(0.18);
    const y = scaleLinear([0, 1], [height - margin.bottom, margin.top]);
    const layers = stack<unknown, CurvePoint, WeightShare>().keys(parts).value(shareOf)(curve.points);
    drawing
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
      .attr('data-kind', ({ part }) => (part === 'captured' ? 'captured-share' : 'lost-share'))
      .attr('data-index', ({ part, point }) => (part === 'captured' ? point.rounds : `${point.rounds} ${part}`))
      .attr('data-value', ({ part, point }) => shareOf(point, part))
      .selectAll('title')
      .data(({ part, point }) => [`${point.rounds} rounds, ${nameOf(part)}: ${share(shareOf(point, part))}`])
      .join('title')
      .text(String);
    this.drawLegend(last, width, height);
    drawing
      .selectAll('text.tick')
      .data(curve.points.filter((point) => point.rounds % Math.ceil(tickWidth / x.step()) === 0))
      .join('text')
      .attr('class', 'tick')
      .attr('x', (point) => (x(point.rounds) ?? 0) + x.bandwidth() / 2)
      .attr('y', height - 2)
      .attr('text-anchor', 'middle')
      .text((point) => point.rounds);
    drawing
      .selectAll('text.scale')
      .data([0, 1])
      .join('text')
      .attr('class', 'scale')
      .attr('x', 2)
      .attr('y', (value) => y(value) + (value ? 8 : 0))
      .text(String);
  }

  /** The parts of the last bar, from top to bottom as they are stacked. */
  private drawLegend(last: CurvePoint, width: number, height: number): void {
    const step = Math.min(22, (height - margin.bottom - margin.top) / parts.length);
    const entries = this.frame.svg
      .select('g')
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
      .attr('data-kind', 'legend-share')
      .attr('data-index', String)
      .attr('data-value', (part) => shareOf(last, part))
      .text((part) => share(shareOf(last, part)));
  }
}
