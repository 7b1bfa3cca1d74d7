import { type KernelName, kernelSource } from '../gpu/runtime/kernels';
import { type Explanation, precise } from './explanation';
import type { Evidence, explain } from './index.ts';

const pause = 160;
const paper = 'https://arxiv.org/abs/2001.04451';

/**
 * Explains the number that is pointed at or has the focus, in a card beside it: what it is, the arithmetic, and its operands, lit where they
 * stand on the page. Numbers are elements with `data-kind`, `data-index` and `data-value`; of each group one is a tab stop, and arrow keys
 * go on from there.
 */
export class Explainer {
  private readonly card = document.createElement('div');
  private readonly source = document.querySelector('#source') as HTMLDialogElement;
  private shown: Element | undefined;
  /** What was asked about last. */
  private wanted: Element | undefined;
  private explain: typeof explain | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `evidence` is what the numbers that are shown now were made from. */
  constructor(private readonly evidence: () => Evidence | undefined) {
    const { card } = this;
    card.id = 'explain';
    card.setAttribute('role', 'tooltip');
    card.popover = 'manual';
    document.body.append(card);
    const numberAt = (target: EventTarget | null) =>
      target instanceof Element ? (target.closest('[data-kind]') ?? undefined) : undefined;
    document.addEventListener('pointerover', ({ target }) => {
      if (target instanceof Node && card.contains(target)) this.later(undefined, true);
      else this.later(numberAt(target), false);
    });
    document.addEventListener('focusin', ({ target }) => {
      const found = numberAt(target);
      if (found) this.show(found);
    });
    document.addEventListener('focusout', () => this.later(undefined, false));
    document.addEventListener('keydown', (event) => this.key(event), { capture: true });
    let waits = false;
    const observer = new MutationObserver(() => {
      if (waits) return;
      waits = true;
      requestAnimationFrame(() => {
        waits = false;
        this.prepare();
      });
    });
    for (const part of document.querySelectorAll('main, dialog'))
      observer.observe(part, { childList: true, subtree: true });
    this.source.querySelector('button')?.addEventListener('click', () => this.source.close());
  }

  /** Makes the numbers that were drawn reachable by keyboard. */
  private prepare(): void {
    const groups = new Map<Element, Element[]>();
    for (const element of document.querySelectorAll('[data-kind]')) {
      const group = element.closest('table, figure') ?? element.closest('section') ?? document.body;
      groups.set(group, [...(groups.get(group) ?? []), element]);
    }
    for (const [, elements] of groups) {
      const stop = elements.find((element) => element === document.activeElement) ?? elements[0];
      for (const element of elements) {
        element.setAttribute('tabindex', element === stop ? '0' : '-1');
        if (element instanceof SVGElement && !(element instanceof SVGTextElement)) {
          const { kind, index, value } = element.dataset;
          element.setAttribute('role', 'img');
          element.setAttribute('aria-label', `${kind?.replaceAll('-', ' ')} ${index}: ${precise(Number(value))}`);
        }
      }
    }
    if (this.shown && !this.shown.isConnected) this.hide();
  }

  private later(element: Element | undefined, keep: boolean): void {
    clearTimeout(this.timer);
    if (keep || element === this.shown) return;
    this.timer = setTimeout(() => {
      if (element) this.show(element);
      else if (document.activeElement !== this.shown) this.hide();
    }, pause);
  }

  private show(element: Element): void {
    clearTimeout(this.timer);
    this.wanted = element;
    const { explain } = this;
    if (!explain) {
      // What there is to say comes with the first question.
      void import('./index.ts').then((loaded) => {
        this.explain = loaded.explain;
        if (this.wanted === element && element.isConnected) this.show(element);
      });
      return;
    }
    const { kind = '', index = '', value } = (element as HTMLElement | SVGElement).dataset;
    const given = this.evidence();
    // A cause is a word.
    const written = Number.isNaN(Number(value)) ? (element.textContent ?? '') : precise(Number(value));
    const said = given && explain(kind, index, written, given);
    this.hide();
    if (!said) return;
    this.shown = element;
    this.fill(said);
    // What lies outside an open dialog cannot be pressed.
    const around = element.closest('dialog') ?? document.body;
    if (this.card.parentElement !== around) around.append(this.card);
    this.card.showPopover();
    this.place(element.getBoundingClientRect());
    element.setAttribute('aria-describedby', this.card.id);
    for (const { at } of said.operands) {
      if (!at) continue;
      const selector = `[data-kind="${at.kind}"][data-index="${CSS.escape(at.index)}"]`;
      for (const operand of document.querySelectorAll(selector)) operand.classList.add('lit');
    }
    element.classList.add('explained');
  }

  /** Explains what a pointer is at, at a place of the window; hides it, if nothing. */
  point(said: Explanation | undefined, x: number, y: number): void {
    if (!said) {
      if (this.shown === this.card) this.hide();
      return;
    }
    this.hide();
    this.shown = this.card;
    this.fill(said);
    this.card.showPopover();
    this.place(new DOMRect(x, y, 8, 8));
  }

  hide(): void {
    clearTimeout(this.timer);
    this.wanted = undefined;
    if (!this.shown) return;
    this.shown.removeAttribute('aria-describedby');
    this.shown = undefined;
    this.card.hidePopover();
    for (const lit of document.querySelectorAll('.lit, .explained')) lit.classList.remove('lit', 'explained');
  }

  private fill({ title, value, formula, from, operands, note, kernel, source }: Explanation): void {
    const how = made('p', `${formula} = `);
    how.className = 'how';
    how.append(made('b', value));
    const table = document.createElement('table');
    for (const { name, value: operand, marked, at } of operands) {
      const row = table.insertRow();
      row.classList.toggle('marked', marked === true);
      row.classList.toggle('there', at !== undefined);
      row.append(made('td', name), made('td', typeof operand === 'number' ? precise(operand) : operand));
    }
    const parts: HTMLElement[] = [made('h3', title), how, table];
    if (note) parts.push(made('p', note));
    parts.push(this.origin(from, kernel, source));
    this.card.replaceChildren(...parts);
  }

  /** The kernel's text, one press away, and the place in the paper. */
  private origin(from: readonly string[], kernel: KernelName | undefined, source: string | undefined): HTMLElement {
    const line = made('p', `from ${from.join(', ').replaceAll('-', ' ')}`);
    line.className = 'origin';
    if (kernel) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = `${kernel}.wgsl`;
      button.addEventListener('click', () => this.open(kernel));
      line.append(' by ', button);
    }
    if (source) {
      const link = document.createElement('a');
      link.href = paper;
      link.target = '_blank';
      link.rel = 'noopener';
      link.textContent = `paper, ${source}`;
      line.append(' · ', link);
    }
    return line;
  }

  /** Shows the text of a kernel. */
  private open(kernel: KernelName): void {
    (this.source.querySelector('h2') as HTMLElement).textContent = `${kernel}.wgsl`;
    (this.source.querySelector('pre') as HTMLElement).textContent = kernelSource(kernel);
    this.hide();
    this.source.showModal();
  }

  /** Beside the number, inside the window. */
  private place({ left, top, right, bottom }: DOMRect): void {
    const { card } = this;
    const { offsetWidth: width, offsetHeight: height } = card;
    const beside = right + 12 + width < innerWidth ? right + 12 : left - 12 - width;
    const x = beside >= 8 ? beside : Math.max(8, Math.min(left, innerWidth - width - 8));
    const over =
      beside >= 8 ? (top + bottom - height) / 2 : bottom + 8 + height < innerHeight ? bottom + 8 : top - 8 - height;
    card.style.left = `${x}px`;
    card.style.top = `${Math.max(8, Math.min(over, innerHeight - height - 8))}px`;
  }

  /** Escape closes the card; arrow keys go through the numbers of a group. */
  private key(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.shown && !this.source.open) {
      this.hide();
      event.stopPropagation();
      event.preventDefault();
      return;
    }
    const here = document.activeElement;
    if (!(here instanceof Element) || !here.matches('[data-kind]') || event.altKey || event.ctrlKey || event.metaKey)
      return;
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const group = here.closest('table, figure') ?? here.closest('section') ?? document.body;
    const all = [...group.querySelectorAll<HTMLElement | SVGElement>('[data-kind]')];
    const next = all[all.indexOf(here as HTMLElement) + by];
    if (!next) return;
    here.setAttribute('tabindex', '-1');
    next.setAttribute('tabindex', '0');
    next.focus();
  }
}

function made(tag: string, words: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = words;
  return element;
}
