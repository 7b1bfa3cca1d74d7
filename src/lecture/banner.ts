import { button, make } from '../ui/dom';
import { ui } from './content/ui.en';

export interface Invited {
  start(): void;
  contents(): void;
  link(): void;
}

/** What stands in the bar while nobody listens. */
export function invite(root: HTMLElement, { start, contents, link }: Invited): void {
  root.replaceChildren(
    button(`${ui.start} →`, start, 'start'),
    make('span', { className: 'invite', textContent: ui.invite }),
    make(
      'span',
      { className: 'tools' },
      button(ui.contents, contents, 'contents'),
      button(`${ui.link} …`, link, 'link'),
    ),
  );
}
