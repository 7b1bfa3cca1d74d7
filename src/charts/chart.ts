import { type Selection, select } from 'd3';

/** A titled drawing in the strip below the stage. `size` is its place in CSS pixels. */
export interface Frame {
  root: HTMLElement;
  svg: Selection<SVGSVGElement, unknown, null, undefined>;
  /** Room for the drawing, below the caption as it is. */
  size(): { width: number; height: number };
  /** Heading, and below it what the chart says, in words. */
  caption(title: string, words: string): void;
}

export function frame(parent: HTMLElement, id: string): Frame {
  const root = document.createElement('figure');
  root.id = id;
  const title = document.createElement('figcaption');
  const heading = document.createElement('b');
  const words = document.createElement('span');
  title.append(heading, words);
  root.append(title);
  parent.append(root);
  const svg = select(root).append('svg').attr('role', 'group');
  return {
    root,
    svg,
    size: () => ({ width: root.clientWidth, height: Math.max(60, root.clientHeight - title.offsetHeight - 2) }),
    caption(text, more) {
      heading.textContent = text;
      words.textContent = more;
      svg.attr('aria-label', `${text}: ${more}`);
    },
  };
}
