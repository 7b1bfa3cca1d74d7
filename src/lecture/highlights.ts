import { selectorOf } from './targets';

/** Highlights what the words name, and the words that name what is pointed at. */
export class Highlights {
  private looked: readonly string[] = [];

  /** `words` is where the words stand. */
  constructor(private readonly words: HTMLElement) {
    const targetAt = (event: Event) =>
      event.target instanceof Element ? event.target.closest<HTMLElement>('[data-target]') : null;
    for (const [on, off] of [
      ['pointerover', 'pointerout'],
      ['focusin', 'focusout'],
    ]) {
      words.addEventListener(on, (event) => this.light(targetAt(event)?.dataset.target));
      words.addEventListener(off, () => this.light(undefined));
    }
    const bring = (event: Event) => {
      const link = targetAt(event);
      const shown = elementsOf(link?.dataset.target).find((element) => element.getClientRects().length > 0);
      shown?.scrollIntoView({ block: 'nearest' });
    };
    words.addEventListener('click', bring);
    words.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && targetAt(event)) bring(event);
    });
    document.addEventListener('pointerover', (event) => {
      if (event.target instanceof Element && !this.words.contains(event.target)) this.mark(event.target);
    });
    document.addEventListener('focusin', (event) => {
      if (event.target instanceof Element && !this.words.contains(event.target)) this.mark(event.target);
    });
  }

  /** Where a step says to look; these stay marked. */
  look(targets: readonly string[]): void {
    this.looked = targets;
    this.refresh();
  }

  /** Marks anew, after parts of the page were made anew. */
  refresh(): void {
    set(
      'data-looked',
      this.looked.flatMap((target) => elementsOf(target)),
    );
  }

  /** Something on the stage is pointed at, which is no element of the page. */
  point(target: string): void {
    this.markWords((name) => name === target);
  }

  private light(target: string | undefined): void {
    set('data-lit', elementsOf(target));
  }

  /** Words light up for the innermost thing that any of them speaks of. */
  private mark(element: Element): void {
    const depthOf = (target: string) => {
      const found = element.closest(selectorOf(target));
      let depth = 0;
      for (let at = found; at; at = at.parentElement) depth++;
      return depth;
    };
    const targets = [...this.words.querySelectorAll<HTMLElement>('[data-target]')].map(
      (link) => link.dataset.target as string,
    );
    const deepest = Math.max(0, ...targets.map(depthOf));
    this.markWords((target) => deepest > 0 && depthOf(target) === deepest);
  }

  private markWords(isMeant: (target: string) => boolean): void {
    for (const link of this.words.querySelectorAll<HTMLElement>('[data-target]')) {
      link.toggleAttribute('data-lit', isMeant(link.dataset.target as string));
    }
  }
}

const elementsOf = (target: string | undefined): Element[] =>
  target === undefined ? [] : [...document.querySelectorAll(selectorOf(target))];

function set(name: string, elements: Element[]): void {
  for (const element of document.querySelectorAll(`[${name}]:not([data-target])`)) {
    if (!elements.includes(element)) element.removeAttribute(name);
  }
  for (const element of elements) element.setAttribute(name, '');
}
