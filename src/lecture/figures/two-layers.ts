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

  draw({ state, width, height, scale }: Drawn): void {
    const isBack = shownTowerPhase(state) > 2 * state.layers;
    this.sentences[0].textContent = isBack ? words.stuck : words.forward;
    this.sentences[1].textContent = isBack ? words.undone : '';
    const caption = (this.element.lastElementChild as HTMLElement).offsetHeight;
    const space = Math.max(200, height - caption - 8);
    this.svg.setAttribute('width', String(width));
    this.svg.setAttribute('height', String(space));
    const [top, bottom] = [34, space - 30];
    const isNarrow = width < 520;
    // The reversible layer has two streams and needs more room.
    const share = isNarrow ? 0.36 : 0.5;
    const [first, second] = [(share / 2) * width, (share + (1 - share) / 2) * width];
    const reach = Math.min(150 * scale, ((1 - share) / 2) * width - 22);
    this.svg.replaceChildren(
      ...standardLayer(first, top, bottom, isBack, isNarrow ? 24 : 34 * scale),
      ...reversibleLayer(second, top, bottom, isBack, reach, Math.min(124 * scale, 2 * reach - 50)),
      text(words.standardLayer, { x: first, y: 14 }, 'quiet'),
      text(words.reversibleLayer, { x: second, y: 14 }, 'quiet'),
    );
  }
}

const isFlowing = (isBack: boolean) => (isBack ? 'down' : 'up');

/** One end of a stream with its name: known, or not. */
const end = (at: Point, name: string, isKnown: boolean): SVGElement =>
  sign(at, isKnown ? name : '?', isKnown ? 'known' : 'unknown', 15);

function standardLayer(x: number, top: number, bottom: number, isBack: boolean, aside: number): SVGElement[] {
  const at = (share: number) => bottom - share * (bottom - top);
  const left = x + aside;
  const right = left - 2.7 * aside;
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
    box(block, 1.9 * aside, 38, 'f', `part ${look}`),
    sign(adds, isBack ? '−' : '+', `plus ${look}`, 10),
    end({ x: left, y: bottom - 4 }, 'x', !isBack),
    end({ x: left, y: top + 8 }, 'y', true),
    ...(isBack ? [text('?', { x: right - 16, y: reads.y }, 'stuck-mark')] : []),
  ];
}

function reversibleLayer(
  x: number,
  top: number,
  bottom: number,
  isBack: boolean,
  reach: number,
  width: number,
): SVGElement[] {
  const at = (share: number) => bottom - share * (bottom - top);
  const [one, two] = [x - reach, x + reach];
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
