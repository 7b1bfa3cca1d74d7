import { line, max, scaleBand, scaleLinear } from 'd3';
import type { Task } from '../algorithm/duplication-task';
import { table3 } from '../algorithm/paper-results';
import { charts } from '../language/charts';
import { formatBytes } from '../shared/format';
import type { Depth } from '../training/memory-by-depth';
import { FigureSurface } from '../ui/figures';
import { frame } from './chart';

const words = charts.memory;
const modes = ['activations', 'buckets'] as const;

/** Allocated activation memory of one training step by number of layers, with the growth that the paper's Table 3 gives. */
export class MemoryChart {
  private readonly frame;
  private readonly figures = new FigureSurface('layers');

  constructor(parent: HTMLElement) {
    this.frame = frame(parent, 'chart-memory');
  }

  show(depths: Depth[], layers: number, task: Task): void {
    const { svg, size, caption } = this.frame;
    this.figures.clear();
    const total = (depth: Depth, mode: (typeof modes)[number]) =>
      depth[mode].activationPeakBytes + depth[mode].bucketIdBytes;
    const last = depths[depths.length - 1];
    const [stored, reversible] = modes.map((mode) => formatBytes(total(last, mode)));
    caption(words.title, words.summary(last.layers, stored, reversible));
    const { width, height } = size();
    svg.attr('width', width).attr('height', height);
    const margin = { left: 34, right: 8, top: 10, bottom: 30 };
    const x = scaleBand(
      depths.map((depth) => depth.layers),
      [margin.left, width - margin.right],
    ).padding(0.22);
    const top = (max(depths, (depth) => total(depth, 'activations')) ?? 1) / 2 ** 20;
    const y = scaleLinear([0, top * 1.08], [height - margin.bottom, margin.top]);
    svg
      .selectAll('text.scale')
      .data(y.ticks(3))
      .join('text')
      .attr('class', 'scale')
      .attr('x', margin.left - 5)
      .attr('y', (value) => y(value) + 4)
      .attr('text-anchor', 'end')
      .text((value) => value);
    svg
      .selectAll('text.tick')
      .data(depths)
      .join('text')
      .attr('class', 'tick')
      .attr('x', ({ layers: count }) => (x(count) ?? 0) + x.bandwidth() / 2)
      .attr('y', height - margin.bottom + 13)
      .attr('text-anchor', 'middle')
      .classed('chosen', (depth) => depth.layers === layers)
      .text((depth) => depth.layers);
    svg
      .selectAll('text.unit')
      .data([words.unit])
      .join('text')
      .attr('class', 'unit')
      .attr('x', margin.left)
      .attr('y', height - 4)
      .text(String);
    svg
      .selectAll('g.pair')
      .data(depths)
      .join('g')
      .attr('class', 'pair')
      .attr('transform', (depth) => `translate(${x(depth.layers)},0)`)
      .selectAll('rect')
      .data((depth) => modes.map((mode, k) => ({ mode, k, value: total(depth, mode), layers: depth.layers })))
      .join('rect')
      .attr('class', ({ mode }) => `bar ${mode}`)
      .attr('x', ({ k }) => (k * x.bandwidth()) / 2)
      .attr('width', x.bandwidth() / 2 - 1)
      .attr('y', ({ value }) => y(value / 2 ** 20))
      .attr('height', ({ value }) => y(0) - y(value / 2 ** 20))
      .each(
        this.figures.each(({ mode, layers: count, value }) => ({
          kind: 'activation-bytes',
          index: `${mode} ${count}`,
          value,
        })),
      )
      .selectAll('title')
      .data(({ mode, value, layers: count }) => [
        mode === 'buckets'
          ? words.barReversible(count, formatBytes(value))
          : words.barStored(count, formatBytes(value)),
      ])
      .join('title')
      .text(String);
    const formulas = table3(task);
    svg
      .selectAll('path.formula')
      .data(['transformer', 'reversible'] as const)
      .join('path')
      .attr('class', (name) => `formula ${name}`)
      .attr('d', (name) =>
        line<Depth>(
          (depth) => (x(depth.layers) ?? 0) + x.bandwidth() / 2,
          (depth) => y((4 * formulas[name](depth.layers)) / 2 ** 20),
        )(depths),
      );
  }
}
