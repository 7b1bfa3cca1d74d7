/** An element with properties and children; made in any document. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> & { data?: Record<string, string> } = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const { data, ...rest } = properties;
  const made = document.createElement(tag);
  Object.assign(made, rest);
  Object.assign(made.dataset, data);
  made.append(...children);
  return made;
}

export const button = (words: string, act: () => void, className = ''): HTMLButtonElement =>
  make('button', { type: 'button', className, textContent: words, onclick: act });

export const find = (selector: string): HTMLElement => document.querySelector(selector) as HTMLElement;
