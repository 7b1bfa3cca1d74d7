import { lecture } from '../../language/lecture';
import { formatBytes } from '../../shared/format';
import { isKept, runPhase } from '../../stage/run-phase';
import { shownTowerPhase } from '../../state/state';
import { make } from '../../ui/dom';
import type { Drawn, StepFigure } from './figure';
import { box, path, shape, sign, text } from './svg';

const words = lecture.drawings;

/** Most layers whose parts have names. */
const mostNamed = 10;

/** A stack of standard layers on one stream. Each part keeps its input, as a box, until the way back. */
export class StandardLayers implements StepFigure {
  readonly element = make('figure', { className: 'layers' });
  private readonly svg = shape('svg', { role: 'img', 'aria-label': words.standardLayers });

  constructor() {
    this.element.append(this.svg as unknown as Node);
  }

  draw({ state, numbers, width, height, scale }: Drawn): void {
    const { layers } = state;
    const phase = shownTowerPhase(state);
    const now = runPhase(layers, phase);
    this.svg.setAttribute('width', String(width));
    this.svg.setAttribute('height', String(height));
    const isNarrow = width < 480;
    const top = 44;
    const bottom = height - 34;
    const part = (bottom - top) / (2 * layers);
    const blockWidth = isNarrow ? 96 : 130 * scale;
    const stream = width / 2 + (isNarrow ? 10 : 0);
    const block = stream - 46 - blockWidth / 2;
    const boxLeft = stream + 46;
    const small = Math.min(0.62 * part, 26);
    const isNamed = layers <= mostNamed;
    const shapes: SVGElement[] = [
      path(
        [
          { x: stream, y: bottom + 6 },
          { x: stream, y: top - 8 },
        ],
        'stream',
        9,
      ),
      text(words.embedding, { x: stream, y: bottom + 20 }),
    ];
    for (let half = 0; half < 2 * layers; half++) {
      const name = half % 2 === 0 ? 'attention' : 'feedForward';
      const low = bottom - half * part;
      const middle = low - part / 2;
      const isActive = now.direction !== 'start' && now.layer === half >> 1 && now.part === name;
      const look = isActive ? 'active' : '';
      const reads = { x: stream, y: middle + 0.3 * part };
      const adds = { x: stream, y: middle - 0.28 * part };
      const radius = Math.min(9, 0.2 * part);
      shapes.push(
        path([reads, { x: block + blockWidth / 2, y: reads.y }], `wires ${look}`, Math.min(7, 0.2 * part)),
        path(
          [
            { x: block + blockWidth / 2, y: adds.y },
            { x: stream - radius, y: adds.y },
          ],
          `wires ${look}`,
          Math.min(7, 0.2 * part),
        ),
        box({ x: block, y: middle }, blockWidth, 0.78 * part, isNamed ? words[name] : '', `part ${look}`),
        sign(adds, isNamed ? '+' : '', `plus ${look}`, radius),
      );
      const kept = isKept(layers, phase, half);
      if (kept) shapes.push(path([reads, { x: boxLeft, y: reads.y }], 'wires waits'));
      shapes.push(
        box({ x: boxLeft + 22, y: reads.y }, 44, small, kept && isNamed ? 'x' : '', kept ? 'waits' : 'empty'),
      );
      if (half % 2 === 0 && (isNamed || (half >> 1) % 4 === 0)) {
        shapes.push(
          text(
            isNarrow ? String((half >> 1) + 1) : words.layer((half >> 1) + 1),
            { x: block - blockWidth / 2 - 10, y: low - part },
            'quiet',
            'end',
          ),
        );
      }
    }
    const done = now.level.x1 + now.level.x2;
    shapes.push(shape('circle', { cx: stream, cy: bottom - done * part, r: 7, class: 'marker' }));
    const kept = numbers.get('kept');
    if (kept !== undefined) {
      const at = { x: isNarrow ? width : boxLeft, y: top - 26 };
      shapes.push(text(words.waiting(formatBytes(kept)), at, 'total', isNarrow ? 'end' : 'start'));
    }
    const at = now.layer + 1;
    const phaseWords = { start: words.phases.start, up: words.phases.up(at), down: words.phases.down(at) }[
      now.direction
    ];
    shapes.push(text(phaseWords, { x: stream - 14, y: top - 26 }, 'quiet', 'end'));
    this.svg.replaceChildren(...shapes);
  }
}
