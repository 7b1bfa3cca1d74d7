import { messageOf } from '../shared/errors';
import { button, find, make } from './dom';

/** A dialog over the page. It has a button that closes it, and closing it aborts the work that was begun for it. */
export class Dialog {
  private work = new AbortController();

  constructor(readonly element: HTMLDialogElement) {
    find('header button', element).addEventListener('click', () => this.close());
    element.addEventListener('close', () => this.work.abort());
  }

  get isOpen(): boolean {
    return this.element.open;
  }

  /** Shows the dialog, and aborts earlier work for it. Returns the signal of new work. */
  open(): AbortSignal {
    this.work.abort();
    this.work = new AbortController();
    if (!this.isOpen) this.element.showModal();
    return this.work.signal;
  }

  close(): void {
    this.element.close();
  }

  /** The first element of a selector inside the dialog. @throws Error if there is none */
  find(selector: string): HTMLElement {
    return find(selector, this.element);
  }

  /** Writes a sentence into the dialog's line of state. */
  showState(sentence: string): void {
    this.find('.state').textContent = sentence;
  }

  /** Waits for work, and shows its error in the line of state unless the work was aborted. `data-state` tells whether it is done. */
  async run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const signal = this.open();
    const { dataset } = this.element;
    dataset.state = 'busy';
    try {
      await work(signal);
      dataset.state = 'ready';
    } catch (error) {
      if (!signal.aborted) this.showState(messageOf(error));
    }
  }
}

/** The dialog of the document with an id. */
export const dialogOf = (id: string): Dialog => new Dialog(find(`#${id}`) as HTMLDialogElement);

/** Adds a dialog to the document: a title, a button that closes it, and an element for its content. */
export function addDialog(id: string, title: string, closeLabel: string): { dialog: Dialog; content: HTMLElement } {
  const close = button('×', () => {}, 'close', { ariaLabel: closeLabel });
  const content = make('div');
  const header = make('header', {}, make('h2', { textContent: title }), close);
  const element = make('dialog', { id, ariaLabel: title }, header, content);
  document.body.append(element);
  return { dialog: new Dialog(element), content };
}
