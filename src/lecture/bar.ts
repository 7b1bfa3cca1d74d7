import { invitation } from '../language/invitation';
import { lecture } from '../language/lecture';
import { addDialog } from '../ui/dialog';
import { button, make } from '../ui/dom';
import { showBanner } from './banner';
import { chapterOf, chapters, lectureChapters, stepAfter, stepOf, steps } from './content';
import { lineOf, textOf } from './prose';
import { chapterTitles, titleOf } from './texts';

const words = lecture.bar;

export interface BarActions {
  /** Opens a step; undefined leaves the lecture. */
  go(id: string | undefined): void;
  present(on: boolean): void;
  /** Does what the step proposes. */
  doIt(): void;
  fullScreen(): void;
  /** Shows or hides the text of the step. */
  toggleText(): void;
  notes(): void;
  glossary(): void;
  link(): void;
}

/** '3' for chapter '03'; a question mark for the questions. */
const shortName = (id: string): string => (id === 'q' ? '?' : String(Number(id)));

const nameOf = (id: string): string =>
  id === 'q' ? textOf(chapterTitles.q) : `${shortName(id)} ${textOf(chapterTitles[id])}`;

/** Minutes and seconds, 12:03. */
const clock = (milliseconds: number): string => {
  const seconds = Math.floor(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

/** The bar at the top (chapters, the steps of one as dots, buttons) and the dialog of contents. */
export class Bar {
  private readonly contents = addDialog('contents', lecture.contents.title, lecture.contents.close);
  private timer: ReturnType<typeof setInterval> | undefined;
  /** When presenting began, in milliseconds. */
  private began = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly actions: BarActions,
  ) {
    const { dialog } = this.contents;
    dialog.element.addEventListener('click', (event) => {
      if (event.target === dialog.element) dialog.close();
    });
  }

  /** `right` holds the ids of the questions that were answered right. */
  show(id: string | undefined, present: boolean, right: ReadonlySet<string>): void {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.act : undefined;
    if (id === undefined) {
      showBanner(this.root, {
        start: () => this.actions.go(steps[0].id),
        contents: () => this.open(undefined, right),
        glossary: () => this.actions.glossary(),
        link: () => this.actions.link(),
      });
    } else this.root.replaceChildren(...this.content(id, present, right));
    if (focused) this.root.querySelector<HTMLElement>(`[data-act="${focused}"]`)?.focus();
    this.runTimer(present);
  }

  private button(name: string, label: string, act: () => void, hint = ''): HTMLButtonElement {
    const data = { act: name };
    return button(label, act, name, hint ? { data, title: hint } : { data });
  }

  private content(id: string, present: boolean, right: ReadonlySet<string>): Node[] {
    const { actions } = this;
    const current = chapterOf(id) ?? chapters[0];
    const items = chapters.map((chapter) => {
      const isCurrent = chapter === current;
      const open = button('', () => actions.go(chapter.steps[0].id), 'chapter', { title: nameOf(chapter.id) });
      open.append(make('b', {}, shortName(chapter.id)), make('span', {}, ...lineOf(chapterTitles[chapter.id])));
      const item = make('li', { className: 'item' }, open);
      if (!isCurrent) return item;
      item.classList.add('current');
      open.ariaCurrent = 'true';
      const dots = chapter.steps.map((step, k) => {
        const title = textOf(titleOf(step.id));
        return button('', () => actions.go(step.id), `dot ${right.has(step.id) ? 'right' : ''}`, {
          title,
          ariaLabel: words.stepTitle(k + 1, title),
          ariaCurrent: step.id === id ? 'step' : null,
        });
      });
      item.append(make('span', { className: 'dots' }, ...dots));
      return item;
    });
    const before = this.button('previous', '←', () => this.turn(id, -1), words.previous);
    const after = this.button('next', '→', () => this.turn(id, 1), words.next);
    Object.assign(before, { disabled: !stepAfter(id, -1), ariaLabel: words.previous });
    Object.assign(after, { disabled: !stepAfter(id, 1), ariaLabel: words.next });
    const tools = present
      ? [
          this.button('timer', '0:00', () => this.restart(), words.timer),
          ...(stepOf(id)?.attempt ? [this.button('attempt', words.doIt, () => actions.doIt(), words.doItHint)] : []),
          this.button('words', words.text, () => actions.toggleText(), words.textHint),
          this.button('notes', words.notes, () => actions.notes(), words.notesHint),
          this.button('fullscreen', words.fullScreen, () => actions.fullScreen(), words.fullScreenHint),
          this.button('present', words.leavePresent, () => actions.present(false), words.leavePresentHint),
        ]
      : [
          this.button('words', words.text, () => actions.toggleText(), words.textHint),
          this.button('glossary', invitation.glossary, () => actions.glossary()),
          this.button('present', words.present, () => actions.present(true), words.presentHint),
          this.button('link', invitation.link, () => actions.link()),
          this.button('explore', words.explore, () => actions.go(undefined)),
        ];
    const open = this.button('contents', '☰', () => this.open(id, right), lecture.contents.title);
    open.ariaLabel = lecture.contents.title;
    return [
      open,
      make('ol', { className: 'plain chapters' }, ...items),
      make('span', { className: 'turn' }, before, after),
      ...(present ? [make('strong', {}, ...lineOf(titleOf(id)))] : []),
      make('span', { className: 'tools' }, ...tools),
    ];
  }

  private turn(id: string, by: number): void {
    const step = stepAfter(id, by);
    if (step) this.actions.go(step.id);
  }

  /** Opens the dialog with the list of all steps. */
  open(id: string | undefined, right: ReadonlySet<string>): void {
    const sections = chapters.map((chapter) => {
      const items = chapter.steps.map((step) => {
        const go = button(
          '',
          () => {
            this.contents.dialog.close();
            this.actions.go(step.id);
          },
          'open',
          { data: { step: step.id }, ariaCurrent: step.id === id ? 'step' : null },
        );
        go.append(...lineOf(titleOf(step.id)), right.has(step.id) ? ' ✓' : '');
        return make('li', {}, go);
      });
      const isQuestions = !lectureChapters.includes(chapter);
      const name = nameOf(chapter.id);
      const title =
        isQuestions && right.size ? lecture.contents.answered(name, right.size, chapter.steps.length) : name;
      return make(
        'section',
        {},
        make('h3', { textContent: title }),
        make('ol', { className: 'plain steps' }, ...items),
      );
    });
    this.contents.content.replaceChildren(make('div', { className: 'parts' }, ...sections));
    this.contents.dialog.open();
    this.contents.content.querySelector<HTMLElement>('[aria-current]')?.focus();
  }

  private runTimer(present: boolean): void {
    if (present && this.timer === undefined) {
      this.began = Date.now();
      this.timer = setInterval(() => this.tick(), 1000);
    } else if (!present) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
    this.tick();
  }

  private restart(): void {
    this.began = Date.now();
    this.tick();
  }

  /** The time since presenting began, as '12:03'; empty while nobody presents. */
  get time(): string {
    return this.timer === undefined ? '' : clock(Date.now() - this.began);
  }

  private tick(): void {
    const timer = this.root.querySelector('.timer');
    if (timer) timer.textContent = this.time;
  }
}
