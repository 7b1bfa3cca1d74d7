import { max, scaleLinear } from 'd3';
import type { Timings } from '../engine/engine';
import { charts } from '../language/charts';
import { formatNumber } from '../shared/format';
import { Frame } from './chart';

const words = charts.steps;

/** Labels of the engines' steps. */
const labels: Record<string, string> = {
  hash: words.hash,
  sort: words.sort,
  attend: words.attend,
  'sort and attend': words.sortAndAttend,
};

export interface StepTimes {
  /** Milliseconds of each step, in order. */
  steps: Timings;
  /** Full attention, once it was measured, and for how many queries. */
  full: { milliseconds: number; queries: number } | undefined;
  tokens: number;
  /** True if the device times the steps itself. */
  ownClock: boolean;
  device: string;
}

/** Milliseconds of each step on this device. */
export class StepChart {
  private readonly frame;

  constructor(parent: HTMLElement) {
    this.frame = new Frame(parent, 'chart-steps', 'attention');
  }

  show({ steps, full, tokens, ownClock, device }: StepTimes): void {
    const { svg, figures } = this.frame;
    const rows = [...steps].map(([name, milliseconds]) => ({
      index: name === 'attend' ? 'attend + combine' : name,
      label: labels[name] ?? name,
      milliseconds,
    }));
    const total = rows.reduce((sum, row) => sum + row.milliseconds, 0);
    const summary = ownClock ? words.summary : words.summaryWithoutClock;
    const { width, height } = this.frame.begin(words.title(device), summary(formatNumber(total)));
    const isSample = full !== undefined && full.queries < tokens;
    if (full) {
      rows.push({
        index: isSample ? `full attention (${full.queries} queries)` : 'full attention',
        label: isSample ? words.fullSample(full.queries, tokens.toLocaleString('en')) : words.full,
        milliseconds: full.milliseconds,
      });
    }
    const labelWidth = isSample ? 164 : 114;
    const step = Math.min(24, (height - 4) / Math.max(4, rows.length));
    const x = scaleLinear([0, max(rows, (row) => row.milliseconds) || 1], [0, Math.max(20, width - labelWidth - 78)]);
    const row = svg
      .selectAll<SVGGElement, (typeof rows)[number]>('g')
      .data(rows, ({ index }) => index)
      .join((enter) => {
        const g = enter.append('g');
        g.append('text').attr('class', 'row');
        g.append('rect').attr('class', 'bar');
        g.append('text').attr('class', 'value');
        return g;
      })
      .attr('transform', (_, i) => `translate(0,${4 + i * step})`);
    row
      .select('text.row')
      .attr('y', step * 0.62)
      .text(({ label }) => label);
    row
      .select('rect')
      .attr('x', labelWidth)
      .attr('y', step * 0.18)
      .attr('height', step * 0.6)
      .attr('width', ({ milliseconds }) => Math.max(1, x(milliseconds)));
    row
      .select('text.value')
      .attr('x', ({ milliseconds }) => labelWidth + x(milliseconds) + 6)
      .attr('y', step * 0.62)
      .each(figures.each(({ index, milliseconds }) => ({ kind: 'step-milliseconds', index, value: milliseconds })))
      .text(({ milliseconds }) => words.milliseconds(formatNumber(milliseconds)));
  }
}
