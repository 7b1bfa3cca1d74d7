import { type Mat4, vec3 } from 'wgpu-matrix';
import { project } from './projection';

export interface Label {
  text: string;
  /** Its position in the world. */
  at: readonly [number, number, number];
  /** How far below that position, in pixels. */
  down: number;
  /** The side of the text that is at that position. */
  anchor: 'start' | 'middle' | 'end';
  kind?: 'accent' | 'piece' | 'lost' | 'onblock' | 'onbar' | 'numeral' | 'won';
  /** Moved sideways as far as needed to be whole in the picture. */
  stays?: boolean;
  /** A text that starts at its position breaks into lines before this position, or before the picture's edge. */
  until?: readonly [number, number, number] | 'edge';
  /** Hidden while this side of a body, as a direction from its centre, faces away from the eye. */
  facing?: { from: readonly [number, number, number]; toward: readonly [number, number, number] };
  /** The part of the stage that it names, so that texts can highlight it. */
  part?: string;
}

/** Least width of a line in pixels. */
const leastWidth = 110;

/** Breaks a text into as few lines as fit. */
function linesOf(text: string, fits: (line: string) => boolean): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && fits(`${last} ${word}`)) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Labels over the stage, which move with the camera. Screen readers skip them, as the read-out has the same content. */
export class Labels {
  private readonly elements: HTMLElement[] = [];
  private labels: Label[] = [];

  constructor(private readonly parent: HTMLElement) {}

  set(labels: Label[]): void {
    this.labels = labels;
    while (this.elements.length > labels.length) this.elements.pop()?.remove();
    for (const [i, label] of labels.entries()) {
      let element = this.elements[i];
      if (!element) {
        element = document.createElement('span');
        element.setAttribute('aria-hidden', 'true');
        this.parent.append(element);
        this.elements.push(element);
      }
      const wraps = label.until ? `wraps ${label.down < 0 ? 'up' : ''}` : '';
      element.className = `label ${label.anchor} ${label.kind ?? ''} ${wraps}`;
      if (!label.until) element.style.maxWidth = '';
      element.dataset.part = label.part ?? '';
      if (element.textContent === label.text) continue;
      element.textContent = label.text;
      // Until `place` has moved it.
      element.style.visibility = 'hidden';
    }
  }

  /** Draws the visible labels into a canvas whose unit is a CSS pixel. */
  paint(context: CanvasRenderingContext2D): void {
    const { left, top } = this.parent.getBoundingClientRect();
    context.textBaseline = 'middle';
    for (const element of this.elements) {
      const { visibility, color, fontSize, fontWeight, fontFamily, whiteSpace } = getComputedStyle(element);
      if (visibility === 'hidden') continue;
      const box = element.getBoundingClientRect();
      context.font = `${fontWeight} ${fontSize} ${fontFamily}`;
      context.fillStyle = color;
      // As it is laid out: blanks in a row count as one.
      const text = (element.textContent ?? '').replace(/\s+/g, ' ');
      const fits = (line: string) => context.measureText(line).width <= box.width + 1;
      const lines = whiteSpace === 'nowrap' ? [text] : linesOf(text, fits);
      const high = box.height / lines.length;
      for (const [k, line] of lines.entries())
        context.fillText(line, box.left - left, box.top - top + (k + 0.5) * high);
    }
  }

  /** Moves each label to where the camera sees its position. `width` and `height` are those of the picture in pixels. */
  place(viewProjection: Mat4, width: number, height: number, eye: readonly [number, number, number]): void {
    for (const [i, { at, down, facing, stays, anchor, until }] of this.labels.entries()) {
      const hidden = facing && vec3.dot(facing.toward, vec3.normalize(vec3.subtract(eye, facing.from))) < -0.12;
      const pixel = hidden ? undefined : project(at, viewProjection, width, height);
      this.elements[i].style.visibility = pixel ? 'visible' : 'hidden';
      if (!pixel) continue;
      if (until) {
        const end = until === 'edge' ? undefined : project(until, viewProjection, width, height);
        this.elements[i].style.maxWidth = `${Math.max(leastWidth, (end?.x ?? width) - 6 - pixel.x).toFixed(0)}px`;
      }
      if (stays) {
        const long = this.elements[i].offsetWidth;
        const before = { start: 0, middle: long / 2, end: long }[anchor];
        pixel.x = Math.max(6, Math.min(width - 6 - long, pixel.x - before)) + before;
      }
      this.elements[i].style.transform = `translate(${pixel.x.toFixed(1)}px, ${(pixel.y + down).toFixed(1)}px)`;
    }
  }
}
