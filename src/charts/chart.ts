import { type Selection, select } from 'd3';
import { charts as words } from '../language/charts';

/** A titled drawing in the strip below the stage. */
export interface Frame {
  root: HTMLElement;
  svg: Selection<SVGSVGElement, unknown, null, undefined>;
  /** Space for the drawing in CSS pixels, below the present caption. */
  size(): { width: number; height: number };
  /** Sets the heading and the sentence below it. */
  caption(title: string, summary: string): void;
}

export function frame(parent: HTMLElement, id: string): Frame {
  const root = document.createElement('figure');
  root.id = id;
  const caption = document.createElement('figcaption');
  const heading = document.createElement('b');
  const sentence = document.createElement('span');
  caption.append(heading, sentence);
  root.append(caption);
  parent.append(root);
  const svg = select(root).append('svg').attr('role', 'group');
  return {
    root,
    svg,
    size: () => ({ width: root.clientWidth, height: Math.max(60, root.clientHeight - caption.offsetHeight - 2) }),
    caption(title, summary) {
      heading.textContent = title;
      sentence.textContent = summary;
      svg.attr('aria-label', words.description(title, summary));
    },
  };
}
