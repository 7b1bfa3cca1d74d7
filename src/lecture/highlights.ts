import { selectorOf } from './targets';

/** Highlights parts of the page that the text names, and links of the text to the part under the pointer. */
export class Highlights {
  private stepTargets: readonly string[] = [];

  /** `text` is the element that holds the step's text. */
  constructor(private readonly text: HTMLElement) {
    const targetAt = (event: Event) =>
      event.target instanceof Element ? event.target.closest<HTMLElement>('[data-target]') : null;
    for (const [on, off] of [
      ['pointerover', 'pointerout'],
      ['focusin', 'focusout'],
    ]) {
      text.addEventListener(on, (event) => this.highlight(targetAt(event)?.dataset.target));
      text.addEventListener(off, () => this.highlight(undefined));
    }
    const scrollToTarget = (event: Event) => {
      const link = targetAt(event);
      const shown = elementsOf(link?.dataset.target).find((element) => element.getClientRects().length > 0);
      shown?.scrollIntoView({ block: 'nearest' });
    };
    text.addEventListener('click', scrollToTarget);
    text.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && targetAt(event)) scrollToTarget(event);
    });
    document.addEventListener('pointerover', (event) => {
      if (event.target instanceof Element && !this.text.contains(event.target)) this.highlightLinksTo(event.target);
    });
    document.addEventListener('focusin', (event) => {
      if (event.target instanceof Element && !this.text.contains(event.target)) this.highlightLinksTo(event.target);
    });
  }

  /** Marks the targets of a step until the next step. */
  look(targets: readonly string[]): void {
    this.stepTargets = targets;
    this.refresh();
  }

  /** Marks the targets again, after parts of the page were replaced. */
  refresh(): void {
    set(
      'data-looked',
      this.stepTargets.flatMap((target) => elementsOf(target)),
    );
  }

  /** Highlights the links to a part of the stage under the pointer, which is no element of the page. */
  point(target: string): void {
    this.highlightLinks((name) => name === target);
  }

  private highlight(target: string | undefined): void {
    set('data-lit', elementsOf(target));
  }

  /** Highlights the links to the innermost target around an element. */
  private highlightLinksTo(element: Element): void {
    const depthOf = (target: string) => {
      let depth = 0;
      for (let at = element.closest(selectorOf(target)); at; at = at.parentElement) depth++;
      return depth;
    };
    const targets = [...this.text.querySelectorAll<HTMLElement>('[data-target]')].map(
      (link) => link.dataset.target as string,
    );
    const deepest = Math.max(0, ...targets.map(depthOf));
    this.highlightLinks((target) => deepest > 0 && depthOf(target) === deepest);
  }

  private highlightLinks(isTarget: (target: string) => boolean): void {
    for (const link of this.text.querySelectorAll<HTMLElement>('[data-target]')) {
      link.toggleAttribute('data-lit', isTarget(link.dataset.target as string));
    }
  }
}

const elementsOf = (target: string | undefined): Element[] =>
  target === undefined ? [] : [...document.querySelectorAll(selectorOf(target))];

/** Gives an attribute to these elements, and takes it from all others but links. */
function set(name: string, elements: Element[]): void {
  for (const element of document.querySelectorAll(`[${name}]:not([data-target])`)) {
    if (!elements.includes(element)) element.removeAttribute(name);
  }
  for (const element of elements) element.setAttribute(name, '');
}
