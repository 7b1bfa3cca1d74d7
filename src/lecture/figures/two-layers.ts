import { lecture } from '../../language/lecture';
import { shownTowerPhase } from '../../state/state';
import { make } from '../../ui/dom';
import type { Drawn, StepFigure } from './figure';
import { box, type Point, path, shape, sign, text } from './svg';

const words = lecture.drawings;

/** A standard layer and a reversible one: on the way up, and what can be undone on the way back. */
export class TwoLayers implements StepFigure {
  readonly element = make('figure', { className: 'layers' });
  private readonly svg = shape('svg', { role: 'img', 'aria-label': words.twoLayers });
  private readonly sentences = [make('p'), make('p')];

  constructor() {
    this.element.append(this.svg as unknown as Node, make('figcaption', { className: 'pair' }, ...this.sentences));
  }

  draw({ state, width, height }: Drawn): void {
    const isBack = shownTowerPhase(state) > 2 * state.layers;
    this.sentences[0].textContent = isBack ? words.stuck : words.forward;
    this.sentences[1].textContent = isBack ? words.undone : '';
    const caption = (this.element.lastElementChild as HTMLElement).offsetHeight;
    const space = Math.max(200, height - caption - 8);
    this.svg.setAttribute('width', String(width));
    this.svg.setAttribute('height', String(space));
    const panel = { width: width / 2, top: 34, bottom: space - 30 };
    this.svg.replaceChildren(
      ...standardLayer(panel.width / 2, panel.top, panel.bottom, isBack),
      ...reversibleLayer(1.5 * panel.width, panel.top, panel.bottom, isBack, Math.min(150, panel.width / 2 - 26)),
      text(words.standardLayer, { x: panel.width / 2, y: 14 }, 'quiet'),
      text(words.reversibleLayer, { x: 1.5 * panel.width, y: 14 }, 'quiet'),
    );
  }
}

const isFlowing = (isBack: boolean) => (isBack ? 'down' : 'up');

/** One end of a stream with its name: known, or not. */
const end = (at: Point, name: string, isKnown: boolean): SVGElement =>
  sign(at, isKnown ? name : '?', isKnown ? 'known' : 'unknown', 15);

function standardLayer(x: number, top: number, bottom: number, isBack: boolean): SVGElement[] {
  const at = (share: number) => bottom - share * (bottom - top);
  const left = x + 34;
  const right = left - 92;
  const reads = { x: left, y: at(0.28) };
  const adds = { x: left, y: at(0.7) };
  const block = { x: right, y: at(0.49) };
  const look = isBack ? 'stuck' : '';
  return [
    path(
      [
        { x: left, y: bottom - 22 },
        { x: left, y: top + 24 },
      ],
      `stream ${isFlowing(isBack)}`,
    ),
    path([reads, { x: right, y: reads.y }, { x: right, y: block.y + 19 }], `wires ${look}`, 8),
    path(
      [
        { x: right, y: block.y - 19 },
        { x: right, y: adds.y },
        { x: left - 10, y: adds.y },
      ],
      `wires ${look}`,
      8,
    ),
    box(block, 64, 38, 'f', `part ${look}`),
    sign(adds, isBack ? '−' : '+', `plus ${look}`, 10),
    end({ x: left, y: bottom - 4 }, 'x', !isBack),
    end({ x: left, y: top + 8 }, 'y', true),
    ...(isBack ? [text('?', { x: right - 16, y: reads.y }, 'stuck-mark')] : []),
  ];
}

function reversibleLayer(x: number, top: number, bottom: number, isBack: boolean, reach: number): SVGElement[] {
  const at = (share: number) => bottom - share * (bottom - top);
  const [one, two] = [x - reach, x + reach];
  const width = Math.min(124, 2 * reach - 60);
  const parts = [
    { name: words.attention, y: at(0.3), from: two, to: one },
    { name: words.feedForward, y: at(0.68), from: one, to: two },
  ];
  const look = isBack ? 'undone' : '';
  return [
    ...[one, two].map((stream) =>
      path(
        [
          { x: stream, y: bottom - 22 },
          { x: stream, y: top + 24 },
        ],
        `stream ${isFlowing(isBack)}`,
      ),
    ),
    ...parts.flatMap(({ name, y, from, to }) => {
      const side = Math.sign(to - from);
      return [
        path(
          [
            { x: from, y },
            { x: x - (side * width) / 2, y },
          ],
          `wires ${look}`,
          8,
        ),
        path(
          [
            { x: x + (side * width) / 2, y },
            { x: to - side * 10, y },
          ],
          `wires ${look}`,
          8,
        ),
        box({ x, y }, width, 36, name, `part ${look}`),
        sign({ x: to, y }, isBack ? '−' : '+', `plus ${look}`, 10),
      ];
    }),
    end({ x: one, y: bottom - 4 }, words.streams.x1, true),
    end({ x: two, y: bottom - 4 }, words.streams.x2, true),
    end({ x: one, y: top + 8 }, words.streams.y1, true),
    end({ x: two, y: top + 8 }, words.streams.y2, true),
  ];
}
