import { lecture } from '../language/lecture';
import { button, make } from '../ui/dom';
import { stepAfter } from './content';
import { textOf } from './prose';
import { titleOf } from './texts';

const words = lecture.notes;

/** A second window with the text of the step, for the speaker. */
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
    page.title = words.windowTitle;
    page.body.className = 'notes-window';
    page.onkeydown = (event) => this.actions.key(event);
    const clock = this.window.setInterval(() => {
      const timer = page.querySelector('.timer');
      if (timer) timer.textContent = this.actions.time();
    }, 1000);
    this.window.addEventListener('pagehide', () => clearInterval(clock));
    this.window.focus();
  }

  /** Shows a copy of the element that holds the step's text. */
  show(id: string | undefined, text: HTMLElement): void {
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
      text.cloneNode(true),
      make('p', { className: 'upnext', textContent: after ? words.upNext(textOf(titleOf(after.id))) : '' }),
    );
  }
}
