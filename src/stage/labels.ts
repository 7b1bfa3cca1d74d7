import { type Mat4, vec3 } from 'wgpu-matrix';
import { project } from './projection';

export interface Label {
  text: string;
  /** Where it stands in the world. */
  at: readonly [number, number, number];
  /** How far below that place, in pixels. */
  down: number;
  /** Which side of the text is at that place. */
  anchor: 'start' | 'middle' | 'end';
  kind?: 'accent' | 'onblock' | 'onbar' | 'numeral' | 'won';
  /** Moved so far that it is whole in the picture. */
  stays?: boolean;
  /** Of a text that starts at its place: goes on in another line where it would come to this place, or to the picture's edge. */
  until?: readonly [number, number, number] | 'edge';
  /** Hidden while this side of a body, seen from its middle, faces away from the eye. */
  facing?: { from: readonly [number, number, number]; toward: readonly [number, number, number] };
  /** What it names, for words that speak of it. */
  part?: string;
}

/** Pixels that a line has at least. */
const leastRoom = 110;

/** A text in as few lines as fit. */
function linesOf(text: string, fits: (line: string) => boolean): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && fits(`${last} ${word}`)) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Words over the stage, moved along with the camera. They are for the eye; the read-out says the same to a screen reader. */
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
      // Until it is placed.
      element.style.visibility = 'hidden';
    }
  }

  /** Draws the words that are seen where they stand; one unit is a CSS pixel. */
  paint(context: CanvasRenderingContext2D): void {
    const { left, top } = this.parent.getBoundingClientRect();
    context.textBaseline = 'middle';
    for (const element of this.elements) {
      const { visibility, color, fontSize, fontWeight, fontFamily, whiteSpace } = getComputedStyle(element);
      if (visibility === 'hidden') continue;
      const box = element.getBoundingClientRect();
      context.font = `${fontWeight} ${fontSize} ${fontFamily}`;
      context.fillStyle = color;
      const text = element.textContent ?? '';
      const fits = (line: string) => context.measureText(line).width <= box.width + 1;
      const lines = whiteSpace === 'nowrap' ? [text] : linesOf(text, fits);
      const high = box.height / lines.length;
      for (const [k, line] of lines.entries())
        context.fillText(line, box.left - left, box.top - top + (k + 0.5) * high);
    }
  }

  place(viewProjection: Mat4, width: number, height: number, eye: readonly [number, number, number]): void {
    for (const [i, { at, down, facing, stays, anchor, until }] of this.labels.entries()) {
      const hidden = facing && vec3.dot(facing.toward, vec3.normalize(vec3.subtract(eye, facing.from))) < -0.12;
      const pixel = hidden ? undefined : project(at, viewProjection, width, height);
      this.elements[i].style.visibility = pixel ? 'visible' : 'hidden';
      if (!pixel) continue;
      if (until) {
        const end = until === 'edge' ? undefined : project(until, viewProjection, width, height);
        this.elements[i].style.maxWidth = `${Math.max(leastRoom, (end?.x ?? width) - 6 - pixel.x).toFixed(0)}px`;
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
