import { line, max, scaleLinear } from 'd3';
import { charts } from '../language/charts';
import { formatNumber } from '../shared/format';
import { FigureSurface } from '../ui/figures';
import { frame } from './chart';

const words = charts.loss;
const models = ['reversible', 'standard'] as const;

/** Loss of every training step: of the reversible model, and of the standard one if it is trained too. */
export class LossChart {
  private readonly frame;
  private readonly figures = new FigureSurface('layers');

  constructor(parent: HTMLElement) {
    this.frame = frame(parent, 'chart-loss');
  }

  /** `firstStep`: steps before the first loss. `chance`: the loss of guessing, in nats. */
  show(losses: { reversible: number[]; standard: number[] }, firstStep: number, chance: number): void {
    const { svg, size, caption } = this.frame;
    this.figures.clear();
    const curves = models.map((name) => ({ name, values: losses[name] })).filter(({ values }) => values.length > 0);
    const last = losses.reversible.at(-1);
    const steps = firstStep + losses.reversible.length;
    caption(
      words.title,
      last === undefined ? words.untrained : words.summary(String(steps), formatNumber(last), formatNumber(chance)),
    );
    const { width, height } = size();
    svg.attr('width', width).attr('height', height);
    const margin = { left: 30, right: 62, top: 8, bottom: 18 };
    const most = Math.max(chance * 1.05, max(curves, ({ values }) => max(values)) ?? 0);
    const x = scaleLinear([firstStep, Math.max(firstStep + 20, steps)], [margin.left, width - margin.right]);
    const y = scaleLinear([0, most], [height - margin.bottom, margin.top]);
    svg
      .selectAll('text.scale')
      .data(y.ticks(3))
      .join('text')
      .attr('class', 'scale')
      .attr('x', margin.left - 5)
      .attr('y', (value) => y(value) + 4)
      .attr('text-anchor', 'end')
      .text(String);
    svg
      .selectAll('text.tick')
      .data(x.ticks(4).filter(Number.isInteger))
      .join('text')
      .attr('class', 'tick')
      .attr('x', (step) => x(step))
      .attr('y', height - 4)
      .attr('text-anchor', 'middle')
      .text((step) => step);
    svg
      .selectAll('line.rule')
      .data([chance])
      .join('line')
      .attr('class', 'rule')
      .attr('x1', margin.left)
      .attr('x2', width - margin.right)
      .attr('y1', (value) => y(value))
      .attr('y2', (value) => y(value));
    svg
      .selectAll('path.curve')
      .data(curves)
      .join('path')
      .attr('class', ({ name }) => `curve ${name}`)
      .attr('d', ({ values }) =>
        line<number>(
          (_, k) => x(firstStep + k + 1),
          (value) => y(value),
        )(values),
      );
    const ends = curves
      .map(({ name, values }) => ({ name, value: values.at(-1) ?? 0, count: values.length }))
      .sort((a, b) => b.value - a.value)
      .map((end) => ({ ...end, y: y(end.value) }));
    for (let k = 1; k < ends.length; k++) ends[k].y = Math.max(ends[k].y, ends[k - 1].y + 13);
    svg
      .selectAll('text.name')
      .data(ends)
      .join('text')
      .attr('class', ({ name }) => `name ${name}`)
      .attr('x', ({ count }) => x(firstStep + count) + 5)
      .attr('y', (end) => Math.min(end.y + 4, height - margin.bottom))
      .each(this.figures.each(({ name, value }) => ({ kind: 'loss', index: name, value })))
      .text(({ name }) => words.names[name]);
  }
}
