import { line, max, scaleBand, scaleLinear } from 'd3';
import type { Task } from '../algorithm/duplication-task';
import { table3 } from '../algorithm/paper-results';
import { charts } from '../language/charts';
import { formatBytes } from '../shared/format';
import type { Depth } from '../training/memory-by-depth';
import { drawLevels, drawTicks, drawTitles, drawUnit, Frame } from './chart';

const words = charts.memory;
const margin = { left: 34, right: 8, top: 10, bottom: 30 };
const modes = ['activations', 'buckets'] as const;

/** Allocated activation memory of one training step by number of layers, with the growth that the paper's Table 3 gives. */
export class MemoryChart {
  private readonly frame;

  constructor(parent: HTMLElement) {
    this.frame = new Frame(parent, 'chart-memory', 'layers');
  }

  show(depths: Depth[], layers: number, task: Task): void {
    const { svg, figures } = this.frame;
    const total = (depth: Depth, mode: (typeof modes)[number]) =>
      depth[mode].activationPeakBytes + depth[mode].bucketIdBytes;
    const last = depths[depths.length - 1];
    const [stored, reversible] = modes.map((mode) => formatBytes(total(last, mode)));
    const { width, height } = this.frame.begin(words.title, words.summary(last.layers, stored, reversible));
    const counts = depths.map((depth) => depth.layers);
    const x = scaleBand(counts, [margin.left, width - margin.right]).padding(0.22);
    const top = (max(depths, (depth) => total(depth, 'activations')) ?? 1) / 2 ** 20;
    const y = scaleLinear([0, top * 1.08], [height - margin.bottom, margin.top]);
    drawLevels(svg, y, margin.left, { values: y.ticks(3) });
    drawTicks(svg, x, height - margin.bottom, { values: counts });
    svg.selectAll<SVGTextElement, number>('.ticks text').classed('chosen', (count) => count === layers);
    drawUnit(svg, words.unit, margin.left, height - 4, 'start');
    const bars = svg
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
        figures.each(({ mode, layers: count, value }) => ({
          kind: 'activation-bytes',
          index: `${mode} ${count}`,
          value,
        })),
      );
    drawTitles(bars, ({ mode, value, layers: count }) =>
      (mode === 'buckets' ? words.barReversible : words.barStored)(count, formatBytes(value)),
    );
    const formulas = table3(task);
    svg
      .selectAll('path.formula')
      .data(['transformer', 'reversible'] as const)
      .join('path')
      .attr('class', 'formula')
      .attr('d', (name) =>
        line<Depth>(
          (depth) => (x(depth.layers) ?? 0) + x.bandwidth() / 2,
          (depth) => y((4 * formulas[name](depth.layers)) / 2 ** 20),
        )(depths),
      );
  }
}
