import { invitation } from '../language/invitation';
import { lecture } from '../language/lecture';
import { button, make } from '../ui/dom';
import { showBanner } from './banner';
import { chapterOf, chapters, lectureChapters, stepAfter, steps } from './content';
import { lineOf, textOf } from './prose';
import { chapterTitles, titleOf } from './texts';

const words = lecture.bar;

export interface BarActions {
  /** Opens a step; undefined leaves the lecture. */
  go(id: string | undefined): void;
  present(on: boolean): void;
  /** Shows or hides the text of the step. */
  toggleText(): void;
  notes(): void;
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
  private readonly contents = make('dialog', { id: 'contents' });
  private timer: ReturnType<typeof setInterval> | undefined;
  /** When presenting began, in milliseconds. */
  private began = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly actions: BarActions,
  ) {
    document.body.append(this.contents);
    this.contents.setAttribute('aria-label', lecture.contents.title);
    this.contents.addEventListener('click', (event) => {
      if (event.target === this.contents) this.contents.close();
    });
  }

  /** `right` holds the ids of the questions that were answered right. */
  show(id: string | undefined, present: boolean, right: ReadonlySet<string>): void {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.act : undefined;
    if (id === undefined) {
      showBanner(this.root, {
        start: () => this.actions.go(steps[0].id),
        contents: () => this.open(undefined, right),
        link: () => this.actions.link(),
      });
    } else this.root.replaceChildren(...this.content(id, present, right));
    if (focused) this.root.querySelector<HTMLElement>(`[data-act="${focused}"]`)?.focus();
    this.runTimer(present);
  }

  private button(name: string, label: string, act: () => void, hint = ''): HTMLButtonElement {
    const element = button(label, act, name);
    element.dataset.act = name;
    if (hint) element.title = hint;
    return element;
  }

  private content(id: string, present: boolean, right: ReadonlySet<string>): Node[] {
    const { actions } = this;
    const current = chapterOf(id) ?? chapters[0];
    const items = chapters.map((chapter) => {
      const isCurrent = chapter === current;
      const open = button('', () => actions.go(chapter.steps[0].id), 'chapter');
      open.append(
        make('b', { textContent: shortName(chapter.id) }),
        make('span', {}, ...lineOf(chapterTitles[chapter.id])),
      );
      open.title = nameOf(chapter.id);
      const item = make('li', { className: 'item' }, open);
      if (!isCurrent) return item;
      item.classList.add('current');
      open.setAttribute('aria-current', 'true');
      const dots = chapter.steps.map((step, k) => {
        const dot = button('', () => actions.go(step.id), `dot ${right.has(step.id) ? 'right' : ''}`);
        dot.setAttribute('aria-label', words.stepTitle(k + 1, textOf(titleOf(step.id))));
        dot.title = textOf(titleOf(step.id));
        if (step.id === id) dot.setAttribute('aria-current', 'step');
        return dot;
      });
      item.append(make('span', { className: 'dots' }, ...dots));
      return item;
    });
    const before = this.button('previous', '←', () => this.turn(id, -1), words.previous);
    const after = this.button('next', '→', () => this.turn(id, 1), words.next);
    before.disabled = !stepAfter(id, -1);
    after.disabled = !stepAfter(id, 1);
    before.setAttribute('aria-label', words.previous);
    after.setAttribute('aria-label', words.next);
    const tools = present
      ? [
          this.button('timer', '0:00', () => this.restart(), words.timer),
          this.button('words', words.text, () => actions.toggleText(), words.textHint),
          this.button('notes', words.notes, () => actions.notes(), words.notesHint),
          this.button('present', words.leavePresent, () => actions.present(false), words.leavePresentHint),
        ]
      : [
          this.button('words', words.text, () => actions.toggleText(), words.textHint),
          this.button('present', words.present, () => actions.present(true), words.presentHint),
          this.button('link', invitation.link, () => actions.link()),
          this.button('explore', words.explore, () => actions.go(undefined)),
        ];
    const open = this.button('contents', '☰', () => this.open(id, right), lecture.contents.title);
    open.setAttribute('aria-label', lecture.contents.title);
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
            this.contents.close();
            this.actions.go(step.id);
          },
          'open',
        );
        go.dataset.step = step.id;
        go.append(...lineOf(titleOf(step.id)));
        if (right.has(step.id)) go.append(' ✓');
        if (step.id === id) go.setAttribute('aria-current', 'step');
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
    const close = button('×', () => this.contents.close(), 'close');
    close.setAttribute('aria-label', lecture.contents.close);
    this.contents.replaceChildren(
      make('header', { className: 'head' }, make('h2', { textContent: lecture.contents.title }), close),
      make('div', { className: 'parts' }, ...sections),
    );
    this.contents.showModal();
    this.contents.querySelector<HTMLElement>('[aria-current]')?.focus();
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
