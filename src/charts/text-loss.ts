import { scaleLinear } from 'd3';
import { ownText } from '../language/own-text';
import { formatNumber } from '../shared/format';
import type { Yardsticks } from '../text/yardsticks';
import { drawCurves, drawLevels, drawNames, drawTicks, Frame } from './chart';

const words = ownText.chart;
const margin = { left: 30, right: 78, top: 10, bottom: 20 };

/** Loss of each training step on a person's text in nats a byte, beside what counting bytes reaches. */
export class TextLossChart {
  readonly frame;

  constructor(parent: HTMLElement) {
    this.frame = new Frame(parent, 'chart-text-loss', 'dialog');
  }

  /** `losses` in nats a byte, of the steps after `firstStep`. */
  show(losses: readonly number[], firstStep: number, yardsticks: Yardsticks): void {
    const { svg, figures } = this.frame;
    const last = losses.at(-1);
    const { width, height } = this.frame.begin(words.title, last === undefined ? words.untrained : '');
    if (last !== undefined) {
      const shown = figures.make('data', { kind: 'text-loss', index: 'model', value: last }, formatNumber(last));
      this.frame.root.querySelector('figcaption span')?.replaceChildren(...words.summary(shown));
    }
    const levels = [
      { look: 'letters', value: yardsticks.letters, name: words.letters },
      { look: 'fourBytes', value: yardsticks.fourBytes, name: words.fourBytes },
    ];
    const most = 1.05 * Math.max(yardsticks.letters, ...losses);
    const x = scaleLinear(
      [firstStep, Math.max(firstStep + 20, firstStep + losses.length)],
      [margin.left, width - margin.right],
    );
    const y = scaleLinear([0, most], [height - margin.bottom, margin.top]);
    drawLevels(svg, y, margin.left, { values: y.ticks(3) });
    drawTicks(svg, x, height - margin.bottom, { values: x.ticks(4).filter(Number.isInteger) });
    svg
      .selectAll('line.rule')
      .data(levels)
      .join('line')
      .attr('class', 'rule')
      .attr('x1', margin.left)
      .attr('x2', width - margin.right)
      .attr('y1', ({ value }) => y(value))
      .attr('y2', ({ value }) => y(value));
    drawCurves(svg, [{ look: 'reversible', points: losses }], { x: (_, k) => x(firstStep + k + 1), y });
    const ends = levels.map(({ look, value, name }) => ({
      look,
      value,
      name,
      x: width - margin.right + 5,
      y: y(value),
    }));
    drawNames(svg, ends, height - margin.bottom).each(
      figures.each(({ look, value }) => ({ kind: 'text-loss', index: look, value })),
    );
  }
}
