import { button, make } from '../ui/dom';
import { titleOf } from './bar';
import { stepAfter } from './content';
import { ui } from './content/ui.en';
import { textOf } from './prose';

/** A second window with the words of the step, for whoever speaks. */
export class Notes {
  private window: Window | null = null;

  constructor(
    private readonly actions: {
      turn(by: number): void;
      /** Time since presenting began. */
      time(): string;
      key(event: KeyboardEvent): void;
    },
  ) {}

  open(): void {
    this.window = window.open('', 'reformer-lab-notes', 'popup,width=620,height=760');
    const page = this.window?.document;
    if (!this.window || !page) return;
    page.head.replaceChildren(
      ...[...document.querySelectorAll('style, link[rel="stylesheet"]')].map((style) => {
        const copy = page.importNode(style, true);
        if (style instanceof HTMLLinkElement) (copy as HTMLLinkElement).href = style.href;
        return copy;
      }),
    );
    page.title = `Reformer Lab · ${ui.notes}`;
    page.body.className = 'notes-window';
    page.onkeydown = (event) => this.actions.key(event);
    const clock = this.window.setInterval(() => {
      const shown = page.querySelector('.timer');
      if (shown) shown.textContent = this.actions.time();
    }, 1000);
    this.window.addEventListener('pagehide', () => clearInterval(clock));
    this.window.focus();
  }

  /** The words as they stand in the page. */
  show(id: string | undefined, words: HTMLElement): void {
    const page = this.window?.closed === false ? this.window.document : undefined;
    if (!page) return;
    const { theme } = document.documentElement.dataset;
    if (theme) page.documentElement.dataset.theme = theme;
    const after = id === undefined ? undefined : stepAfter(id, 1);
    page.body.replaceChildren(
      make(
        'nav',
        {},
        button('←', () => this.actions.turn(-1)),
        button('→', () => this.actions.turn(1)),
        make('span', { className: 'timer', textContent: this.actions.time() }),
      ),
      words.cloneNode(true),
      make('p', { className: 'upnext', textContent: after ? ui.upNext(textOf(titleOf(after.id))) : '' }),
    );
  }
}
