import { type Control, controls, type Key, keys, type State } from '../state/schema';
import { button, make } from '../ui/dom';
import { type Lesson, writeAddress } from './address';
import { ui } from './content/ui.en';

/** The dialog that makes a link to a setting, with chosen controls hidden. */
export class LessonLink {
  private readonly dialog = make('dialog', { id: 'lesson' });

  constructor() {
    document.body.append(this.dialog);
    this.dialog.setAttribute('aria-label', ui.linkTitle);
  }

  open(lesson: Lesson, state: State): void {
    const hidden = new Set<Key>(lesson.hide);
    let { present } = lesson;
    const field = make('input', { type: 'text', readOnly: true, className: 'address' });
    field.setAttribute('aria-label', ui.linkTitle);
    field.addEventListener('focus', () => field.select());
    const write = () => {
      const hide = keys.filter((key) => hidden.has(key));
      const query = writeAddress({ step: lesson.step, hide, present }, state);
      field.value =
        location.origin === 'null'
          ? `${location.href.split('?')[0]}${query}`
          : new URL(query || '?', location.href).href;
    };
    const box = (words: string, checked: boolean, act: (on: boolean) => void, title = '') => {
      const input = make('input', { type: 'checkbox', checked });
      input.addEventListener('change', () => {
        act(input.checked);
        write();
      });
      return make('label', { title }, input, ' ', words);
    };
    const ofTower = state.scene === 'tower';
    const isOfRoom = ({ group }: Control) =>
      group === 'view' || (group === 'layers' || group === 'training') === ofTower;
    const boxes = keys
      .filter((key) => isOfRoom(controls[key] as Control))
      .map((key) => {
        const { label, help } = controls[key];
        const made = box(label, hidden.has(key), (on) => (on ? hidden.add(key) : hidden.delete(key)), help);
        (made.firstChild as HTMLInputElement).name = key;
        return made;
      });
    const copy = button(
      ui.copy,
      () => {
        field.select();
        navigator.clipboard?.writeText(field.value).then(
          () => {
            copy.textContent = ui.copied;
          },
          () => {},
        );
      },
      'copy',
    );
    const close = button('×', () => this.dialog.close(), 'close');
    close.setAttribute('aria-label', ui.close);
    write();
    this.dialog.replaceChildren(
      make('header', { className: 'head' }, make('h2', { textContent: ui.linkTitle }), close),
      make('p', { textContent: ui.linkText }),
      make('div', { className: 'boxes' }, ...boxes),
      box(ui.linkPresent, present, (on) => {
        present = on;
      }),
      make('p', { className: 'made' }, field, copy),
    );
    this.dialog.showModal();
  }
}
