/** A few shapes of which the drawings of layers consist. */

const namespace = 'http://www.w3.org/2000/svg';

type Attributes = Record<string, string | number>;

export function shape(tag: string, attributes: Attributes, ...children: (Element | string)[]): SVGElement {
  const element = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

export interface Point {
  x: number;
  y: number;
}

export const text = (words: string, { x, y }: Point, look = '', anchor = 'middle'): SVGElement =>
  shape('text', { x, y, class: look, 'text-anchor': anchor, 'dominant-baseline': 'middle' }, words);

/** A line through points. With `arrow`, it ends in an arrow head of that many pixels. */
export function path(points: readonly Point[], look: string, arrow = 0): SVGElement {
  const group = shape('g', { class: look });
  group.append(shape('path', { d: `M${points.map(({ x, y }) => `${x},${y}`).join('L')}`, class: 'wire' }));
  const [before, end] = points.slice(-2);
  if (arrow && before && end) {
    const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
    const [u, v] = [(end.x - before.x) / length, (end.y - before.y) / length];
    const corner = (side: number) =>
      `${end.x - arrow * u - side * arrow * 0.5 * v},${end.y - arrow * v + side * arrow * 0.5 * u}`;
    group.append(shape('path', { d: `M${end.x},${end.y}L${corner(1)}L${corner(-1)}Z`, class: 'head' }));
  }
  return group;
}

/** A box with words in its middle. */
export function box({ x, y }: Point, width: number, height: number, words: string, look: string): SVGElement {
  const rect = { x: x - width / 2, y: y - height / 2, width, height, rx: Math.min(5, height / 3) };
  return shape(
    'g',
    { class: look },
    shape('rect', { ...rect, class: 'block' }),
    ...(words ? [text(words, { x, y })] : []),
  );
}

/** A circle with a sign. */
export const sign = (at: Point, words: string, look: string, radius = 9): SVGElement =>
  shape('g', { class: look }, shape('circle', { cx: at.x, cy: at.y, r: radius, class: 'node' }), text(words, at));
