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

/** A number as people write it: three digits that count. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  if (Math.abs(value) >= 100) return value.toFixed(0);
  if (Math.abs(value) >= 10) return value.toFixed(1);
  if (Math.abs(value) >= 1) return value.toFixed(2);
  return value < 0.0005 ? value.toExponential(1) : value.toFixed(3);
}

export const percent = (share: number): string =>
  `${(100 * share).toFixed(share > 0.9995 || share < 0.0995 ? 1 : 0)} %`;

/** A file's or a device's bytes. */
export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  return count < 2 ** 20 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / 2 ** 20).toFixed(1)} MiB`;
}
