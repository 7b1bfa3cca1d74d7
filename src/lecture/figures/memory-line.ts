import {
  formatDecimalBytes,
  formatRounded,
  type HeldBytes,
  MemoryLine,
  memoryBudget,
  memoryBytes,
  memoryCrossing,
  memoryCurves,
  memoryRange,
} from '../../charts/memory-line';
import { lecture } from '../../language/lecture';
import { button, make } from '../../ui/dom';
import type { Drawn, FigureActions, StepFigure } from './figure';
import { shape } from './svg';

const words = lecture.drawings.line;

/** Positions of the slider for each doubling of the tokens. */
const perDoubling = 16;

/** What this device held at the lengths that ran so far, by tokens, while the page is open. */
const held = new Map<number, number>();

const positionOf = (tokens: number): number => Math.round(perDoubling * Math.log2(tokens));

/** How many tokens fit into 16 GB: a chart with a slider on the number of tokens. */
export class MemoryLineFigure implements StepFigure {
  readonly element = make('figure', { className: 'memory-line' });
  private readonly svg = shape('svg', {}) as SVGSVGElement;
  private readonly chart = new MemoryLine(this.svg);
  private readonly table = make('p', { className: 'reads', role: 'status' });
  private readonly slider = make('input', {
    type: 'range',
    min: String(positionOf(memoryRange[0])),
    max: String(positionOf(memoryRange[1])),
    step: '1',
    ariaLabel: words.slider,
  });
  private readonly dots = make('p', { className: 'dots-note', textContent: words.dots });
  private tokens = 2048;

  constructor(actions: FigureActions) {
    const setTokens = (tokens: number) => {
      this.tokens = tokens;
      this.slider.ariaValueText = words.crossing(formatRounded(tokens));
      actions.redraw();
    };
    this.slider.value = String(positionOf(this.tokens));
    this.slider.addEventListener('input', () => setTokens(Math.round(2 ** (Number(this.slider.value) / perDoubling))));
    const next = button(words.next, () => {
      const crossings = memoryCurves.map(memoryCrossing);
      const tokens = crossings.find((at) => at > this.tokens) ?? (crossings[0] as number);
      this.slider.value = String(positionOf(tokens));
      setTokens(tokens);
    });
    this.element.append(
      make('figcaption', {}, make('b', { textContent: words.title }), make('span', { textContent: words.summary })),
      this.svg,
      make('p', { className: 'acts' }, make('label', {}, words.slider, ' ', this.slider), next),
      this.table,
      this.dots,
    );
  }

  draw({ state, figures, width, height, scale }: Drawn): void {
    const bytes = figures.get('held');
    const isComparable = state.heads === 1 && state.d === 16 && state.chunk === 64 && state.rounds === 1;
    if (bytes && isComparable && state.input !== 'own') held.set(state.n, bytes);
    const points: HeldBytes[] = [...held].map(([tokens, heldBytes]) => ({ tokens, bytes: heldBytes }));
    this.table.replaceChildren(
      make('b', {}, words.reads(this.tokens.toLocaleString('en'))),
      ...memoryCurves.map((curve) => {
        const needed = memoryBytes(curve, this.tokens);
        const isMore = needed > memoryBudget;
        const verdict = isMore ? words.tooMuch : words.fits;
        return make(
          'span',
          { className: `read ${curve}` },
          words.read(words.names[curve]),
          make('b', {}, formatDecimalBytes(needed)),
          verdict,
        );
      }),
    );
    const others = [...this.element.children].reduce(
      (sum, child) => sum + (child === this.svg ? 0 : (child as HTMLElement).offsetHeight),
      0,
    );
    this.chart.show(this.tokens, points, { width, height: Math.max(200, height - others - 12), scale });
  }

  dispose(): void {
    this.chart.dispose();
  }
}
