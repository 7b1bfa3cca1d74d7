import { max, scaleLinear } from 'd3';
import { charts } from '../language/charts';
import { formatNumber } from '../shared/format';
import { drawCurves, drawLevels, drawNames, drawTicks, Frame } from './chart';

const words = charts.loss;
const margin = { left: 30, right: 62, top: 8, bottom: 18 };
const models = ['reversible', 'standard'] as const;

/** Loss of every training step: of the reversible model, and of the standard one if it is trained too. */
export class LossChart {
  private readonly frame;

  constructor(parent: HTMLElement) {
    this.frame = new Frame(parent, 'chart-loss', 'layers');
  }

  /** `firstStep`: steps before the first loss. `chance`: the loss of guessing, in nats. */
  show(losses: { reversible: number[]; standard: number[] }, firstStep: number, chance: number): void {
    const { svg, figures } = this.frame;
    const lines = models.map((look) => ({ look, points: losses[look] })).filter(({ points }) => points.length > 0);
    const last = losses.reversible.at(-1);
    const steps = firstStep + losses.reversible.length;
    const summary =
      last === undefined ? words.untrained : words.summary(String(steps), formatNumber(last), formatNumber(chance));
    const { width, height } = this.frame.begin(words.title, summary);
    const most = Math.max(chance * 1.05, max(lines, ({ points }) => max(points)) ?? 0);
    const x = scaleLinear([firstStep, Math.max(firstStep + 20, steps)], [margin.left, width - margin.right]);
    const y = scaleLinear([0, most], [height - margin.bottom, margin.top]);
    drawLevels(svg, y, margin.left, { values: y.ticks(3) });
    drawTicks(svg, x, height - margin.bottom, { values: x.ticks(4).filter(Number.isInteger) });
    svg
      .selectAll('line.rule')
      .data([chance])
      .join('line')
      .attr('class', 'rule')
      .attr('x1', margin.left)
      .attr('x2', width - margin.right)
      .attr('y1', y)
      .attr('y2', y);
    drawCurves(svg, lines, { x: (_, k) => x(firstStep + k + 1), y });
    const ends = lines.map(({ look, points }) => {
      const value = points.at(-1) ?? 0;
      return { look, value, name: words.names[look], x: x(firstStep + points.length) + 5, y: y(value) };
    });
    drawNames(svg, ends, height - margin.bottom).each(
      figures.each(({ look, value }) => ({ kind: 'loss', index: look, value })),
    );
  }
}
