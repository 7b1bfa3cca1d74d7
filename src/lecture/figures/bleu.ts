import { scaleLinear } from 'd3';
import { table4 } from '../../algorithm/paper-results';
import { lecture } from '../../language/lecture';
import { button, make } from '../../ui/dom';
import type { Drawn, FigureActions, StepFigure } from './figure';
import { shape, text } from './svg';

const words = lecture.drawings.bleu;

/** The paper's Table 4 as bars. The model that was tuned for years can be left out. */
export class Bleu implements StepFigure {
  readonly element = make('figure', { className: 'bleu-bars' });
  private readonly svg = shape('svg', { role: 'img', 'aria-label': words.title });
  private isTunedShown = true;

  constructor(actions: FigureActions) {
    const toggle = button(words.leaveOut, () => {
      this.isTunedShown = !this.isTunedShown;
      toggle.textContent = this.isTunedShown ? words.leaveOut : words.show;
      actions.redraw();
    });
    const caption = make('figcaption', {}, make('b', {}, words.title), make('span', {}, words.summary));
    this.element.append(caption, this.svg as unknown as Node, make('p', { className: 'acts' }, toggle));
  }

  draw({ width, height, scale }: Drawn): void {
    const rows = table4.filter(({ isTuned }) => this.isTunedShown || !isTuned);
    const space = Math.max(180, height - 110);
    const step = Math.min(52, space / table4.length);
    this.svg.setAttribute('width', String(width));
    this.svg.setAttribute('height', String(step * table4.length));
    const isNarrow = width < 480;
    const left = isNarrow ? 8 : Math.min(270 * scale, 0.58 * width);
    const x = scaleLinear([26, 29.5], [left, width - 54 * scale]);
    this.svg.replaceChildren(
      ...rows.flatMap(({ model, bleu, isReversible, isTuned }, k) => {
        const y = (k + 0.5) * step;
        return [
          isNarrow
            ? text(words.models[model], { x: 0, y: y - 0.36 * step }, '', 'start')
            : text(words.models[model], { x: left - 10, y }, '', 'end'),
          shape('line', { x1: left, x2: width - 54 * scale, y1: y, y2: y, class: 'guide' }),
          shape('circle', {
            cx: x(bleu),
            cy: y,
            r: 7,
            class: `score ${isReversible ? 'reversible' : isTuned ? 'tuned' : 'standard'}`,
          }),
          text(bleu.toFixed(1), { x: x(bleu) + 14, y }, 'value', 'start'),
        ];
      }),
    );
  }
}
