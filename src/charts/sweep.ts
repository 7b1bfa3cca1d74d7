import { area, scaleLinear, select } from 'd3';
import type { Spread } from '../algorithm/statistics';
import { dialogs } from '../language/dialogs';
import type { FigureKind, FigureSurface } from '../ui/figures';
import { type Drawing, drawCurves, drawDots, drawLevels, drawTicks, drawUnit } from './chart';

const words = dialogs.sweep;

/** One quantity by hash rounds, over some seeds. */
export interface SweepPanel {
  kind: FigureKind;
  title: string;
  /** Class that colours it. */
  look: 'error' | 'captured' | 'time';
  points: (Spread & { rounds: number })[];
  /** Formats a number on the axis. */
  format: (value: number) => string;
}

export interface SweepDrawing {
  panels: SweepPanel[];
  /** Largest number of rounds. */
  rounds: number;
  /** Lines below the panels that describe what was measured, so that an exported drawing contains them. */
  notes: string[];
}

const margin = { left: 48, right: 14, top: 34, bottom: 34 };
const panelHeight = 230;
const lineHeight = 17;
/** An upper bound of the mean width of a letter in the notes, in CSS pixels. */
const letterWidth = 6.6;

/** The benefit and the cost of each further hash round: means over seeds as lines, smallest to largest value as bands. */
export class SweepChart {
  readonly svg: SVGSVGElement;

  constructor(
    private readonly root: HTMLElement,
    private readonly figures: FigureSurface,
  ) {
    this.svg = select(root).append('svg').attr('role', 'group').node() as SVGSVGElement;
  }

  show({ panels, rounds, notes }: SweepDrawing): void {
    const { figures } = this;
    const width = Math.max(260, this.root.clientWidth);
    const lines = notes.flatMap((note) => wrapLine(note, (width - 8) / letterWidth));
    const columns = width > 640 ? panels.length : 1;
    const each = { width: width / columns, height: panelHeight };
    const bottom = Math.ceil(panels.length / columns) * panelHeight;
    const root = select(this.svg)
      .attr('width', width)
      .attr('height', bottom + lineHeight * lines.length + 6)
      .attr('aria-label', words.chart(panels.map(({ title }) => title).join(', ')));
    root
      .selectAll<SVGGElement, SweepPanel>('g.panel')
      .data(panels)
      .join((enter) => {
        const panel = enter.append('g');
        panel.append('text').attr('class', 'title').attr('y', 14);
        return panel;
      })
      .attr('class', ({ look }) => `panel ${look}`)
      .attr('transform', (_, k) => `translate(${(k % columns) * each.width},${Math.floor(k / columns) * each.height})`)
      .each(function (panel) {
        draw(select<SVGSVGElement | SVGGElement, unknown>(this), panel, rounds, each.width, figures);
      });
    root
      .selectAll('text.words')
      .data(lines)
      .join('text')
      .attr('class', 'words')
      .attr('x', 4)
      .attr('y', (_, k) => bottom + 12 + lineHeight * k)
      .text(String);
  }
}

/** Breaks a line at spaces into lines of at most that many letters, if its words are no longer. */
function wrapLine(line: string, letters: number): string[] {
  const lines = [''];
  for (const word of line.split(' ')) {
    const longer = lines[lines.length - 1] ? `${lines[lines.length - 1]} ${word}` : word;
    if (longer.length <= letters) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function draw(
  root: Drawing,
  { kind, title, points, look, format }: SweepPanel,
  rounds: number,
  width: number,
  figures: FigureSurface,
): void {
  const x = scaleLinear([1, rounds], [margin.left, width - margin.right]);
  const top = Math.max(...points.map(({ high }) => high), 0);
  const y = scaleLinear([0, top > 0 ? 1.06 * top : 1], [panelHeight - margin.bottom, margin.top]);
  if (look === 'captured') y.domain([0, 1]);
  root.select('text.title').attr('x', 4).text(title);
  drawUnit(root, words.rounds, (margin.left + width - margin.right) / 2, panelHeight - 4);
  drawLevels(root, y, margin.left, {
    values: points.length ? y.ticks(4) : [],
    format,
    padding: 7,
    grid: width - margin.left - margin.right,
  });
  const values = [1, 2, 4, 6, 8, 10, 12, 14, 16].filter((tick) => tick <= rounds);
  drawTicks(root, x, panelHeight - margin.bottom, { values });
  type Point = (typeof points)[number];
  const places = { x: (point: Point) => x(point.rounds), y: (point: Point) => y(point.mean) };
  const band = area<Point>(
    places.x,
    (point) => y(point.low),
    (point) => y(point.high),
  );
  root.selectAll('path.spread').data([points]).join('path').attr('class', 'spread').attr('d', band);
  const lines = [{ look, points }];
  drawCurves(root, lines, places);
  drawDots(root, lines, {
    ...places,
    radius: () => 3,
    figures,
    figure: (point) => ({ kind, index: point.rounds, value: point.mean }),
  });
}
