/** Makes an element with properties, data attributes and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> & { data?: Record<string, string> } = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const { data, ...rest } = properties;
  const element = document.createElement(tag);
  Object.assign(element, rest);
  Object.assign(element.dataset, data);
  element.append(...children);
  return element;
}

export const button = (words: string, act: () => void, className = ''): HTMLButtonElement =>
  make('button', { type: 'button', className, textContent: words, onclick: act });

/** The first element of a selector. @throws Error if the page has none */
export function find(selector: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(selector);
  if (!element) throw new Error(`the page has no ${selector}`);
  return element;
}
