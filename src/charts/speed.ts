import { format, scaleLog, select } from 'd3';
import { breakEven, type Series } from '../algorithm/break-even';
import { figure5 } from '../algorithm/paper-results';
import { dialogs } from '../language/dialogs';
import { formatNumber } from '../shared/format';
import { FigureSurface } from '../ui/figures';
import { type Drawing, drawCurves, drawDots, drawLevels, drawNames, drawTicks, drawUnit } from './chart';

const words = dialogs.benchmark;

/** One time measured on this device: microseconds per token, forward, of LSH attention with some rounds or of full attention. */
export interface SpeedRow {
  /** 0: full attention. */
  rounds: number;
  n: number;
  usPerToken: number;
}

interface Panel {
  title: string;
  unit: string;
  series: (Series & { rounds: number })[];
  isMeasured: boolean;
}

/** The hash rounds whose break-even length with full attention is marked. */
const markedRounds = 4;
const margin = { left: 40, right: 58, top: 26, bottom: 34 };
const height = 260;

const nameOf = (rounds: number): string => (rounds === 0 ? words.full : words.lsh(rounds));
const formatRoundTokens = (n: number): string => Math.round(Number(n.toPrecision(2))).toLocaleString('en');

/** Time against length, on this device and in the paper. Each panel marks the length from which LSH attention is faster. */
export class SpeedChart {
  private readonly figures = new FigureSurface('dialog');

  constructor(
    private readonly root: HTMLElement,
    private readonly finding: HTMLElement,
  ) {}

  /** `isDone`: nothing more will be measured. Before, the finding waits until both kinds of attention were faster somewhere. */
  show(rows: SpeedRow[], device: string, isDone = false): void {
    const here = [...new Set(rows.map(({ rounds }) => rounds))].map((rounds) => {
      const series = rows.filter((row) => row.rounds === rounds).sort((a, b) => a.n - b.n);
      return { rounds, tokens: series.map(({ n }) => n), values: series.map(({ usPerToken }) => usPerToken) };
    });
    const { tokens, full, lsh } = figure5;
    const paper = [
      { rounds: 0, tokens, values: full },
      ...Object.entries(lsh).map(([rounds, values]) => ({ rounds: Number(rounds), tokens, values })),
    ];
    const panels: Panel[] = [
      { title: words.here(device), unit: words.hereUnit, series: here, isMeasured: true },
      { title: words.paper, unit: words.paperUnit, series: paper, isMeasured: false },
    ];
    const shortest = Math.min(...rows.map(({ n }) => n));
    this.finding.textContent = findingOf(breakEvenOf(here), breakEvenOf(paper), shortest, isDone) ?? dialogs.measuring;
    const width = Math.max(260, Math.min(430, this.root.clientWidth));
    const frames = select(this.root)
      .selectAll<HTMLElement, Panel>('figure')
      .data(panels)
      .join((enter) => {
        const figure = enter.append('figure');
        const caption = figure.append('figcaption');
        caption.append('b');
        caption.append('span');
        figure.append('svg').attr('role', 'img');
        return figure;
      });
    frames.select('figcaption b').text(({ title }) => title);
    frames.select('figcaption span').text(({ unit }) => ` ${unit}`);
    this.figures.clear();
    for (const [k, figure] of frames.nodes().entries()) {
      draw(figure.querySelector('svg') as SVGSVGElement, panels[k], width, this.figures);
    }
  }
}

const breakEvenOf = (series: Panel['series']): number | undefined => {
  const full = series.find(({ rounds }) => rounds === 0);
  const lsh = series.find(({ rounds }) => rounds === markedRounds);
  return full && lsh && breakEven(lsh, full);
};

/**
 * Which attention is faster, on this device and in the paper, by their break-even lengths in tokens. Undefined while too little is measured.
 * `shortest`: the shortest measured length.
 */
function findingOf(
  here: number | undefined,
  paper: number | undefined,
  shortest: number,
  isDone: boolean,
): string | undefined {
  const isBetween = here !== undefined && here > shortest;
  if (!isBetween && !isDone) return undefined;
  const always = here !== undefined && words.lshAlwaysFaster(markedRounds, formatRoundTokens(shortest));
  const sentences = [
    isBetween ? words.lshFaster(markedRounds, formatRoundTokens(here)) : always || words.fullFaster(markedRounds),
    ...(paper ? [words.inPaper(formatRoundTokens(paper))] : []),
  ];
  return sentences.join(' ');
}

function draw(
  svg: SVGSVGElement,
  { series, title, unit, isMeasured }: Panel,
  width: number,
  figures: FigureSurface,
): void {
  const root: Drawing = select<SVGSVGElement | SVGGElement, unknown>(svg);
  root.attr('width', width).attr('height', height).attr('aria-label', words.chart(title, unit));
  const tokens = series.flatMap((one) => [...one.tokens]);
  const values = series.flatMap((one) => [...one.values]);
  const x = scaleLog([Math.min(1024, ...tokens), Math.max(32768, ...tokens)], [margin.left, width - margin.right]).base(
    2,
  );
  const y = scaleLog([Math.min(...values) * 0.8, Math.max(...values) * 1.25], [height - margin.bottom, margin.top]);
  const isDrawn = values.length > 0;
  const sizes = Array.from({ length: 24 }, (_, k) => 2 ** k).filter((n) => n >= x.domain()[0] && n <= x.domain()[1]);
  const every = Math.ceil(sizes.length / 6);
  drawTicks(root, x, height - margin.bottom, {
    values: sizes.filter((_, k) => k % every === 0),
    format: (n) => (n >= 2 ** 20 ? `${n / 2 ** 20}M` : `${n / 1024}K`),
  });
  drawUnit(root, words.tokens, (margin.left + width - margin.right) / 2, height - 4);
  drawLevels(root, y, margin.left, {
    values: isDrawn ? y.ticks(4) : [],
    format: (value) => (/^[125]/.test(value.toExponential()) ? format('~g')(value) : ''),
    padding: 6,
  });
  const lines = (isDrawn ? series : []).map(({ rounds, tokens, values }) => ({
    look: rounds === 0 ? 'full' : 'lsh',
    points: [...values].map((value, k) => ({ value, n: tokens[k], rounds })),
  }));
  type Point = (typeof lines)[number]['points'][number];
  const places = { x: ({ n }: Point) => x(n), y: ({ value }: Point) => y(value) };
  drawCurves(root, lines, places);
  drawDots(root, lines, {
    ...places,
    radius: () => 2.6,
    figures,
    figure: ({ n, rounds, value }) => ({ kind: isMeasured ? 'speed' : 'figure5', index: `${rounds} ${n}`, value }),
    title: ({ n, rounds, value }) => words.point(nameOf(rounds), n.toLocaleString('en'), formatNumber(value)),
  });
  const ends = lines.map(({ look, points }) => {
    const last = points[points.length - 1];
    return { look, name: nameOf(last.rounds), x: x(last.n) + 8, y: y(last.value) };
  });
  drawNames(root, ends);
  const at = isDrawn ? breakEvenOf(series) : undefined;
  const mark = root
    .selectAll<SVGGElement, number>('g.crossing')
    .data(at === undefined ? [] : [at])
    .join((enter) => {
      const g = enter.append('g').attr('class', 'crossing');
      g.append('line');
      g.append('text');
      return g;
    })
    .each(figures.each((n) => ({ kind: isMeasured ? 'crossing' : 'figure5-crossing', index: markedRounds, value: n })));
  mark
    .select('line')
    .attr('x1', (n) => x(n))
    .attr('x2', (n) => x(n))
    .attr('y1', margin.top - 6)
    .attr('y2', height - margin.bottom);
  mark
    .select('text')
    .attr('x', (n) => Math.min(Math.max(x(n), margin.left + 62), width - 74))
    .attr('y', margin.top - 12)
    .attr('text-anchor', 'middle')
    .text((n) => words.breakEven(markedRounds, formatRoundTokens(n)));
}
