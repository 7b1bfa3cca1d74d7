import { words } from '../language/words';
import type { State } from '../state/schema';
import { shownHead } from '../state/state';
import { button, make } from '../ui/dom';

export interface ControlsActions {
  change(change: Partial<State>): void;
  write(tokens: number): void;
  stop(): void;
  /** Continues the text with other numbers of rounds, side by side. */
  compare(): void;
  /** Shows or hides how little each piece was expected. */
  surprise(isShown: boolean): void;
  /** Says a line to the guide. */
  say(line: string): void;
  first(): void;
  ownText(): void;
}

export interface ShownText {
  state: State;
  tokens: number;
  /** Tokens before the first one that the model reads. */
  skipped: number;
  /** Number of layers, and those that hash, counted from 1. */
  layers: number;
  lshLayers: readonly number[];
  isWriting: boolean;
}

/** Tokens that "Continue" writes. */
const writtenTokens = 64;

/** The line above the text, which chooses layer and head, and the buttons below it. */
export class WordsControls {
  private readonly strip = make('div', { className: 'facts' });
  private readonly acts = make('div', { className: 'acts' });
  private readonly write: HTMLButtonElement;
  private readonly line: HTMLInputElement;
  private isWriting = false;
  private readonly surprise: HTMLButtonElement = button('', () => this.toggleSurprise(), 'word', {
    title: words.help.surprise,
    ariaPressed: 'false',
  });

  constructor(
    parent: HTMLElement,
    private readonly actions: ControlsActions,
  ) {
    const { buttons, help, talk } = words;
    this.write = button(
      buttons.continue,
      () => (this.isWriting ? actions.stop() : actions.write(writtenTokens)),
      'main',
      {
        title: help.continue,
      },
    );
    this.line = make('input', { type: 'text', placeholder: talk.hint, ariaLabel: talk.label, maxLength: 500 });
    const form = make(
      'form',
      {},
      this.line,
      make('button', { type: 'submit', textContent: talk.say, title: help.talk }),
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const line = this.line.value.replace(/\s+/g, ' ').trim();
      if (line === '') return;
      this.line.value = '';
      actions.say(line);
    });
    this.acts.append(
      this.write,
      button(buttons.step, () => actions.write(1), '', { title: help.step }),
      button(buttons.compare, actions.compare, '', { title: help.compare }),
      form,
      button(buttons.ownText, actions.ownText, '', { title: help.ownText }),
      button(buttons.first, actions.first, '', { title: help.first }),
    );
    parent.prepend(this.strip);
    parent.append(this.acts);
  }

  show({ state, tokens, skipped, layers, lshLayers }: ShownText): void {
    const { strip } = words;
    const count = skipped > 0 ? strip.last(tokens, tokens + skipped) : strip.tokens(tokens);
    const choice = (label: string, buttons: HTMLButtonElement[]) =>
      make('span', { className: 'choice' }, `${label} `, ...buttons);
    const layerButtons = Array.from({ length: layers }, (_, k) => {
      const hashes = lshLayers.includes(k + 1);
      const change = () => this.actions.change({ textLayer: k + 1 });
      const title = strip.layer(k + 1, hashes);
      return button('', change, 'square', {
        disabled: !hashes,
        ariaPressed: String(state.textLayer === k + 1),
        title,
        ariaLabel: title,
      });
    });
    const headButtons = Array.from({ length: state.heads }, (_, k) => {
      const title = strip.head(k + 1);
      const change = () => this.actions.change({ head: k + 1 });
      return button('', change, 'square', { ariaPressed: String(shownHead(state) === k), title, ariaLabel: title });
    });
    this.surprise.textContent = words.buttons.surprise;
    const next = [
      make('span', {}, count),
      choice(strip.layers, layerButtons),
      choice(strip.heads, headButtons),
      this.surprise,
    ];
    // The focus stays on the same button.
    const focused = [...this.strip.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement);
    this.strip.replaceChildren(...next);
    if (focused >= 0) this.strip.querySelectorAll('button')[focused]?.focus();
  }

  private toggleSurprise(): void {
    const isShown = this.surprise.ariaPressed !== 'true';
    this.surprise.ariaPressed = String(isShown);
    this.actions.surprise(isShown);
  }

  showWriting(isWriting: boolean): void {
    this.isWriting = isWriting;
    this.write.textContent = isWriting ? words.buttons.stop : words.buttons.continue;
  }
}
