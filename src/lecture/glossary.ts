import { glossary as words } from '../language/glossary';
import { addDialog } from '../ui/dialog';
import { button, make } from '../ui/dom';
import { lineOf } from './prose';
import { titleOf } from './texts';

/** The entry of a term, in any of its forms. */
export const entryOf = (term: string): (typeof words.entries)[number] | undefined =>
  words.entries.find(({ names }) => names.some((name) => name.toLowerCase() === term.trim().toLowerCase()));

/** The dialog of terms, in the order of the alphabet. */
export class Glossary {
  private readonly parts = addDialog('glossary', words.title, words.close);

  /** `go` opens a step of the lecture. */
  constructor(private readonly go: (step: string) => void) {
    const { dialog } = this.parts;
    dialog.element.addEventListener('click', (event) => {
      if (event.target === dialog.element) dialog.close();
    });
  }

  /** Opens the glossary, at a term if it has one of that name. */
  open(term = ''): void {
    const { dialog, content } = this.parts;
    const wanted = entryOf(term);
    const sorted = [...words.entries].sort((a, b) => (a.names[0] as string).localeCompare(b.names[0] as string));
    const items = sorted.map((entry) => {
      const open = button(words.step(''), () => {
        dialog.close();
        this.go(entry.step);
      });
      open.className = 'open';
      open.replaceChildren(words.step(''), ...lineOf(titleOf(entry.step)));
      const name = make('dt', { tabIndex: -1 }, entry.names[0] as string);
      if (entry === wanted) name.ariaCurrent = 'true';
      return [name, make('dd', {}, entry.text, ' ', open)];
    });
    content.replaceChildren(make('dl', {}, ...items.flat()));
    dialog.open();
    const current = content.querySelector<HTMLElement>('[aria-current]');
    current?.focus();
    current?.scrollIntoView({ block: 'center' });
  }
}
