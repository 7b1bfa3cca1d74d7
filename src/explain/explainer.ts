import { type KernelName, kernelSource } from '../gpu/runtime/kernels';
import { explainer as words } from '../language/explainer';
import { dialogOf } from '../ui/dialog';
import { button, make, tableRow } from '../ui/dom';
import { elementsOf, type Figure, figureOf } from '../ui/figures';
import { type Explanation, precise } from './explanation';
import type { Evidence, explain } from './index.ts';

/** Milliseconds that the pointer rests on a number before its card opens. */
const pause = 160;
const paper = 'https://arxiv.org/abs/2001.04451';

const indexNames: Record<string, string | undefined> = words.indexNames;
const markLabels: Record<string, ((value: string, ...index: string[]) => string) | undefined> = words.marks;

export interface ExplainerActions {
  /** The inputs and results behind the numbers that are shown now. */
  evidence(): Evidence | undefined;
}

/**
 * Explains the hovered or focused number in a card beside it: its definition, the arithmetic, and the operands, which are highlighted on the
 * page. Each group of numbers has one tab stop. Arrow keys move the focus within the group.
 */
export class Explainer {
  private readonly card = make('div', { id: 'explain', className: 'card', role: 'tooltip', popover: 'manual' });
  private readonly kernelDialog = dialogOf('source');
  private shown: Element | undefined;
  /** The number that was hovered or focused last. */
  private target: Element | undefined;
  private explain: typeof explain | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly actions: ExplainerActions) {
    const { card } = this;
    document.body.append(card);
    const numberAt = (target: EventTarget | null) =>
      target instanceof Element ? (target.closest('[data-kind]') ?? undefined) : undefined;
    document.addEventListener('pointerover', ({ target }) => {
      if (target instanceof Node && card.contains(target)) clearTimeout(this.timer);
      else this.showLater(numberAt(target));
    });
    document.addEventListener('focusin', ({ target }) => {
      const number = numberAt(target);
      if (number) this.show(number);
    });
    document.addEventListener('focusout', () => this.showLater(undefined));
    document.addEventListener('keydown', (event) => this.handleKey(event), { capture: true });
    let isScheduled = false;
    const observer = new MutationObserver(() => {
      if (isScheduled) return;
      isScheduled = true;
      requestAnimationFrame(() => {
        isScheduled = false;
        this.prepare();
      });
    });
    for (const root of document.querySelectorAll('main, dialog'))
      observer.observe(root, { childList: true, subtree: true });
  }

  /** Makes every shown number reachable by keyboard, and labels the marks of charts for screen readers. */
  private prepare(): void {
    const groups = new Map<Element, Element[]>();
    for (const element of document.querySelectorAll('[data-kind]')) {
      const group = groupOf(element);
      groups.set(group, [...(groups.get(group) ?? []), element]);
    }
    for (const [, elements] of groups) {
      const stop = elements.find((element) => element === document.activeElement) ?? elements[0];
      for (const element of elements) {
        element.setAttribute('tabindex', element === stop ? '0' : '-1');
        if (element instanceof SVGElement && !(element instanceof SVGTextElement)) {
          element.setAttribute('role', 'img');
          const figure = figureOf(element);
          if (figure) element.setAttribute('aria-label', markLabel(figure));
        }
      }
    }
    if (this.shown && !this.shown.isConnected) this.hide();
  }

  /** Shows the card of a number after a pause, or hides the card. */
  private showLater(element: Element | undefined): void {
    clearTimeout(this.timer);
    if (element === this.shown) return;
    this.timer = setTimeout(() => {
      if (element) this.show(element);
      else if (document.activeElement !== this.shown) this.hide();
    }, pause);
  }

  private show(element: Element): void {
    clearTimeout(this.timer);
    this.target = element;
    const { explain } = this;
    if (!explain) {
      // The explanations and their words are loaded with the first card.
      void import('./index.ts').then((module) => {
        this.explain = module.explain;
        if (this.target === element && element.isConnected) this.show(element);
      });
      return;
    }
    const figure = figureOf(element);
    const evidence = this.actions.evidence();
    const explanation = figure && evidence && explain(figure, evidence);
    this.hide();
    if (!explanation) return;
    this.shown = element;
    this.fill(explanation);
    // While a dialog is open, elements outside it get no clicks.
    const container = element.closest('dialog') ?? document.body;
    if (this.card.parentElement !== container) container.append(this.card);
    this.card.showPopover();
    this.place(element.getBoundingClientRect());
    element.setAttribute('aria-describedby', this.card.id);
    for (const { at } of explanation.operands) {
      if (!at) continue;
      for (const operand of elementsOf(at.kind, at.index)) operand.classList.add('lit');
    }
    element.classList.add('explained');
  }

  /** Shows an explanation beside the pointer, at `x` and `y` in CSS pixels of the window. Hides the card if there is no explanation. */
  point(explanation: Explanation | undefined, x: number, y: number): void {
    if (!explanation) {
      if (this.shown === this.card) this.hide();
      return;
    }
    this.hide();
    this.shown = this.card;
    this.fill(explanation);
    this.card.showPopover();
    this.place(new DOMRect(x, y, 8, 8));
  }

  hide(): void {
    clearTimeout(this.timer);
    this.target = undefined;
    if (!this.shown) return;
    this.shown.removeAttribute('aria-describedby');
    this.shown = undefined;
    this.card.hidePopover();
    for (const lit of document.querySelectorAll('.lit, .explained')) lit.classList.remove('lit', 'explained');
  }

  private fill({ title, value, formula, from, operands, note, kernel, source }: Explanation): void {
    const rows = operands.map(({ name, value: operand, marked, at }) => {
      const text = typeof operand === 'number' ? precise(operand) : operand;
      const row = tableRow([make('td', {}, name), make('td', {}, text)]);
      row.classList.toggle('marked', marked === true);
      row.classList.toggle('there', at !== undefined);
      return row;
    });
    this.card.replaceChildren(
      make('h3', {}, title),
      make('p', { className: 'how' }, `${formula} = `, make('b', {}, value)),
      make('table', {}, ...rows),
      ...(note ? [make('p', {}, note)] : []),
      this.createOrigin(from, kernel, source),
    );
  }

  /** The last line of the card: a button that shows the kernel, and a link to the paper. */
  private createOrigin(from: string[], kernel: KernelName | undefined, source: string | undefined): HTMLElement {
    const opener = kernel && button(`${kernel}.wgsl`, () => this.openKernel(kernel), 'word');
    const link =
      source === undefined
        ? undefined
        : make('a', { className: 'word', href: paper, target: '_blank', rel: 'noopener' }, words.paper(source));
    return make('p', { className: 'origin' }, ...words.origin<HTMLElement>(from, opener, link));
  }

  private openKernel(kernel: KernelName): void {
    this.kernelDialog.find('h2').textContent = `${kernel}.wgsl`;
    this.kernelDialog.find('pre').textContent = kernelSource(kernel);
    this.hide();
    this.kernelDialog.open();
  }

  /** Places the card beside a number, inside the window. */
  private place({ left, top, right, bottom }: DOMRect): void {
    const { card } = this;
    const { offsetWidth: width, offsetHeight: height } = card;
    const besideX = right + 12 + width < innerWidth ? right + 12 : left - 12 - width;
    const x = besideX >= 8 ? besideX : Math.max(8, Math.min(left, innerWidth - width - 8));
    const y =
      besideX >= 8 ? (top + bottom - height) / 2 : bottom + 8 + height < innerHeight ? bottom + 8 : top - 8 - height;
    card.style.left = `${x}px`;
    card.style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
  }

  /** Escape closes the card. Arrow keys move the focus within a group of numbers. */
  private handleKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.shown && !this.kernelDialog.isOpen) {
      this.hide();
      event.stopPropagation();
      event.preventDefault();
      return;
    }
    const current = document.activeElement;
    const isNumber = current instanceof Element && current.matches('[data-kind]');
    if (!isNumber || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const numbers = [...groupOf(current).querySelectorAll<HTMLElement | SVGElement>('[data-kind]')];
    const next = numbers[numbers.indexOf(current as HTMLElement) + step];
    if (!next) return;
    current.setAttribute('tabindex', '-1');
    next.setAttribute('tabindex', '0');
    next.focus();
  }
}

/** The table, figure or section whose numbers share one tab stop. */
const groupOf = (element: Element): Element =>
  element.closest('table, figure') ?? element.closest('section') ?? document.body;

/** What a screen reader says of a point, bar or line of a chart. */
function markLabel({ kind, index, value }: Figure): string {
  const number = precise(Number(value));
  return markLabels[kind]?.(number, ...index.split(' ').map((part) => indexNames[part] ?? part)) ?? number;
}
