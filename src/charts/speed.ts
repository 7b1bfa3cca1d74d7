import { format, line, scaleLog, select } from 'd3';
import { breakEven, type Series } from '../algorithm/break-even';
import { figure5 } from '../algorithm/paper-results';
import { dialogs } from '../language/dialogs';
import { formatNumber } from '../shared/format';
import { FigureSurface } from '../ui/figures';

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

  show(rows: SpeedRow[], device: string): void {
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
    const isComparable = [0, markedRounds].every((rounds) => here.some((series) => series.rounds === rounds));
    this.finding.textContent = isComparable ? findingOf(breakEvenOf(here), breakEvenOf(paper)) : dialogs.measuring;
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

/** Which attention is faster, on this device and in the paper, by their break-even lengths in tokens. */
function findingOf(here: number | undefined, paper: number | undefined): string {
  const sentences = [
    here ? words.lshFaster(markedRounds, formatRoundTokens(here)) : words.fullFaster(markedRounds),
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
  const root = select(svg).attr('width', width).attr('height', height).attr('aria-label', words.chart(title, unit));
  const tokens = series.flatMap((one) => [...one.tokens]);
  const values = series.flatMap((one) => [...one.values]);
  const x = scaleLog([Math.min(1024, ...tokens), Math.max(32768, ...tokens)], [margin.left, width - margin.right]).base(
    2,
  );
  const y = scaleLog([Math.min(...values) * 0.8, Math.max(...values) * 1.25], [height - margin.bottom, margin.top]);
  const isDrawn = values.length > 0;
  const sizes = Array.from({ length: 24 }, (_, k) => 2 ** k).filter((n) => n >= x.domain()[0] && n <= x.domain()[1]);
  const every = Math.ceil(sizes.length / 6);
  root
    .selectAll('text.tick')
    .data(sizes.filter((_, k) => k % every === 0))
    .join('text')
    .attr('class', 'tick')
    .attr('x', (n) => x(n))
    .attr('y', height - margin.bottom + 16)
    .attr('text-anchor', 'middle')
    .text((n) => (n >= 2 ** 20 ? `${n / 2 ** 20}M` : `${n / 1024}K`));
  root
    .selectAll('text.unit')
    .data([words.tokens])
    .join('text')
    .attr('class', 'unit')
    .attr('x', (margin.left + width - margin.right) / 2)
    .attr('y', height - 4)
    .attr('text-anchor', 'middle')
    .text(String);
  root
    .selectAll('text.scale')
    .data(isDrawn ? y.ticks(4) : [])
    .join('text')
    .attr('class', 'scale')
    .attr('x', margin.left - 6)
    .attr('y', (value) => y(value) + 4)
    .attr('text-anchor', 'end')
    .text((value) => (/^[125]/.test(value.toExponential()) ? format('~g')(value) : ''));
  const drawn = isDrawn ? series : [];
  root
    .selectAll('path.curve')
    .data(drawn)
    .join('path')
    .attr('class', ({ rounds }) => `curve ${rounds === 0 ? 'full' : 'lsh'}`)
    .attr('d', (one) =>
      line<number>(
        (_, k) => x(one.tokens[k]),
        (value) => y(value),
      )([...one.values]),
    );
  root
    .selectAll('g.points')
    .data(drawn)
    .join('g')
    .attr('class', ({ rounds }) => `points ${rounds === 0 ? 'full' : 'lsh'}`)
    .selectAll('circle')
    .data((one) => one.values.map((value, k) => ({ value, n: one.tokens[k], rounds: one.rounds })))
    .join('circle')
    .attr('cx', ({ n }) => x(n))
    .attr('cy', ({ value }) => y(value))
    .attr('r', 2.6)
    .each(
      figures.each(({ n, rounds, value }) => ({
        kind: isMeasured ? 'speed' : 'figure5',
        index: `${rounds} ${n}`,
        value,
      })),
    )
    .selectAll('title')
    .data((point) => [words.point(nameOf(point.rounds), point.n.toLocaleString('en'), formatNumber(point.value))])
    .join('title')
    .text(String);
  // Each curve has its name at its end. Names that would overlap are moved apart.
  const ends = drawn
    .map((one) => ({ rounds: one.rounds, x: x(one.tokens.at(-1) ?? 1), y: y(one.values.at(-1) ?? 1) }))
    .sort((a, b) => a.y - b.y);
  for (let k = 1; k < ends.length; k++) ends[k].y = Math.max(ends[k].y, ends[k - 1].y + 13);
  root
    .selectAll('text.name')
    .data(ends)
    .join('text')
    .attr('class', ({ rounds }) => `name ${rounds === 0 ? 'full' : 'lsh'}`)
    .attr('x', (end) => end.x + 8)
    .attr('y', (end) => end.y + 4)
    .text(({ rounds }) => nameOf(rounds));
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
