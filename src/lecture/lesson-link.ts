import { lecture } from '../language/lecture';
import { type Control, controls, type Key, keys, type State } from '../state/schema';
import { copyField } from '../ui/copy';
import { addDialog } from '../ui/dialog';
import { button, make } from '../ui/dom';
import { linkTo } from '../ui/page-address';
import { type Lesson, writeAddress } from './address';

const words = lecture.link;

/** The dialog that makes a link to the page as it is now, with chosen controls hidden. */
export class LessonLink {
  private readonly dialog = addDialog('lesson', words.title, words.close);

  open(lesson: Lesson, state: State): void {
    const hidden = new Set<Key>(lesson.hide);
    let { present } = lesson;
    const field = make('input', { type: 'text', readOnly: true, className: 'address', ariaLabel: words.title });
    field.addEventListener('focus', () => field.select());
    const noAddress = make('p', { className: 'no-address', textContent: words.noAddress });
    const write = () => {
      const hide = keys.filter((key) => hidden.has(key));
      const query = writeAddress({ step: lesson.step, hide, present }, state);
      const link = linkTo(query);
      field.value = link ?? (query || '?');
      noAddress.hidden = link !== undefined;
    };
    const box = (label: string, checked: boolean, act: (on: boolean) => void, title = '') => {
      const input = make('input', { type: 'checkbox', checked });
      input.addEventListener('change', () => {
        act(input.checked);
        write();
      });
      return make('label', { title }, input, ' ', label);
    };
    const ofTower = state.scene === 'tower';
    const isInView = ({ group }: Control) =>
      group === 'view' || (group === 'layers' || group === 'training') === ofTower;
    const boxes = keys
      .filter((key) => isInView(controls[key] as Control))
      .map((key) => {
        const { label, help } = controls[key];
        const labelElement = box(label, hidden.has(key), (on) => (on ? hidden.add(key) : hidden.delete(key)), help);
        (labelElement.firstChild as HTMLInputElement).name = key;
        return labelElement;
      });
    const copy = button(
      words.copy,
      () => {
        void copyField(field).then((isCopied) => {
          copy.textContent = isCopied ? words.copied : words.selected;
        });
      },
      'copy',
    );
    write();
    this.dialog.content.replaceChildren(
      make('p', { textContent: words.text }),
      make('div', { className: 'boxes' }, ...boxes),
      box(words.present, present, (on) => {
        present = on;
      }),
      make('p', { className: 'made' }, field, copy),
      noAddress,
    );
    this.dialog.dialog.open();
  }
}
