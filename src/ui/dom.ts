type Properties<E extends HTMLElement> = Partial<E> & { data?: Record<string, string> };
type Child = Node | string;

/** Makes an element with properties, data attributes and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties<HTMLElementTagNameMap[K]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const { data, ...rest } = properties;
  const element = document.createElement(tag);
  Object.assign(element, rest);
  Object.assign(element.dataset, data);
  element.append(...children);
  return element;
}

export const button = (
  words: string,
  act: () => void,
  className = '',
  properties: Properties<HTMLButtonElement> = {},
): HTMLButtonElement => make('button', { type: 'button', className, textContent: words, onclick: act, ...properties });

/** A table whose headings stand in its first row. `rows` holds the rows below, which may be made by `tableRow`. */
export const makeTable = (headings: readonly string[], rows: readonly HTMLTableRowElement[]): HTMLTableElement =>
  make(
    'table',
    {},
    make('thead', {}, tableRow(headings.map((heading) => make('th', { scope: 'col', textContent: heading })))),
    make('tbody', {}, ...rows),
  );

export const tableRow = (cells: readonly HTMLElement[], className = ''): HTMLTableRowElement =>
  make('tr', { className }, ...cells);

/** The first element of a selector in the page, or in a part of it. @throws Error if there is none */
export function find(selector: string, root: ParentNode = document): HTMLElement {
  const element = root.querySelector<HTMLElement>(selector);
  if (!element) throw new Error(`the page has no ${selector}`);
  return element;
}
