import type { Mat4 } from 'wgpu-matrix';
import { project } from './view';

export interface Label {
  text: string;
  /** Where it stands in the world. */
  at: readonly [number, number, number];
  /** How far below that place, in pixels. */
  down: number;
  /** Which side of the text is at that place. */
  anchor: 'start' | 'middle' | 'end';
  kind?: 'accent' | 'onblock' | 'onbar';
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
      element.className = `label ${label.anchor} ${label.kind ?? ''}`;
      element.textContent = label.text;
    }
  }

  place(viewProjection: Mat4, width: number, height: number): void {
    for (const [i, { at, down }] of this.labels.entries()) {
      const pixel = project(at, viewProjection, width, height);
      this.elements[i].style.visibility = pixel ? 'visible' : 'hidden';
      if (pixel)
        this.elements[i].style.transform = `translate(${pixel.x.toFixed(1)}px, ${(pixel.y + down).toFixed(1)}px)`;
    }
  }
}
