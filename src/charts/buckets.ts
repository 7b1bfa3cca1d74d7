import { area, curveStepAfter, max, scaleLinear } from 'd3';
import { type Settings, windowLength } from '../algorithm/settings';
import { charts } from '../language/charts';
import { bucketColour } from '../state/palette';
import { drawTitles, Frame } from './chart';

const words = charts.buckets;

/** Bucket sizes of one round, with a line at the window length. A query cannot see all of a bucket that is taller. */
export class BucketChart {
  private readonly frame;
  /** From a number of tokens to the height of its bar's end. */
  private height = (_count: number): number => 0;

  constructor(parent: HTMLElement) {
    this.frame = new Frame(parent, 'chart-buckets', 'attention');
  }

  /** `sizes` [B]: tokens in each bucket of `round`, which counts from 0. `chosen`: the selected token's bucket. */
  show(sizes: ArrayLike<number>, settings: Settings, round: number, chosen: number | undefined, dark: boolean): void {
    const { svg, figures } = this.frame;
    const all = Array.from(sizes);
    const tokens = all.reduce((sum, count) => sum + count, 0);
    const window = Math.min(windowLength(settings), tokens);
    const largest = max(all) ?? 0;
    const over = all.filter((count) => count > window).length;
    const summary = words.summary(largest, window, over, all.length);
    const { width, height } = this.frame.begin(words.title(round + 1), summary);
    const x = scaleLinear([0, all.length], [0, width]);
    const y = scaleLinear([0, Math.max(largest, window * 1.3)], [height - 2, 4]);
    this.height = y;
    const step = width / all.length;
    const bars = all.length <= 256 ? all : [];
    const drawn = svg
      .selectAll('rect')
      .data(bars)
      .join('rect')
      .attr('x', (_, b) => x(b) + (step > 3 ? 0.12 * step : 0))
      .attr('width', step > 3 ? 0.76 * step : step)
      .attr('y', (count) => y(count))
      .attr('height', (count) => y(0) - y(count))
      .attr('fill', (_, b) => bucketColour(b, dark))
      .attr('opacity', (_, b) => (chosen === undefined || b === chosen ? 1 : 0.62))
      .each(figures.each((count, b) => ({ kind: 'bucket-size', index: b, value: count })));
    drawTitles(drawn, (count, b) => words.bar(b, count));
    const columns = Math.min(all.length, Math.floor(width));
    const outline = area<number>()
      .x((_, k) => (k * width) / columns)
      .y0(y(0))
      .y1((count) => y(count))
      .curve(curveStepAfter);
    svg
      .selectAll('path')
      .data(bars.length ? [] : [[...highest(all, columns), 0]])
      .join('path')
      .attr('class', 'fill')
      .attr('d', outline);
    svg
      .selectAll('line')
      .data([window])
      .join('line')
      .attr('class', 'rule')
      .attr('x2', width)
      .attr('y1', y)
      .attr('y2', y);
    svg
      .selectAll('text')
      .data([window])
      .join('text')
      .attr('x', width)
      .attr('y', (value) => y(value) - 3)
      .attr('text-anchor', 'end')
      .text((value) => words.window(value));
  }

  /** While the algorithm plays: the bars count the tokens that have a bucket so far. */
  showCounts(counts: ArrayLike<number>): void {
    const y = this.height;
    this.frame.svg
      .selectAll('rect')
      .attr('y', (_, b) => y(counts[b] ?? 0))
      .attr('height', (_, b) => y(0) - y(counts[b] ?? 0));
  }
}

/** The largest size in each of `columns` equal ranges of buckets. */
const highest = (all: readonly number[], columns: number): number[] =>
  Array.from({ length: columns }, (_, k) => {
    const [first, end] = [k, k + 1].map((edge) => Math.floor((edge * all.length) / columns));
    return max(all.slice(first, end)) ?? 0;
  });
