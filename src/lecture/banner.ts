import { invitation as words } from '../language/invitation';
import { button, make } from '../ui/dom';

export interface BannerActions {
  start(): void;
  contents(): void;
  glossary(): void;
  link(): void;
}

/** Fills the bar with the invitation to the lecture, which it shows outside of the lecture. */
export function showBanner(root: HTMLElement, { start, contents, glossary, link }: BannerActions): void {
  root.replaceChildren(
    button(words.start, start, 'start'),
    make('span', { className: 'invite', textContent: words.invite }),
    make(
      'span',
      { className: 'tools' },
      button(words.contents, contents, 'contents'),
      button(words.glossary, glossary, 'glossary'),
      button(words.link, link, 'link'),
    ),
  );
}
