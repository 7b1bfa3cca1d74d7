import { button, make } from '../ui/dom';
import { invite } from './banner';
import { chapterOf, chapters, lectureChapters, stepAfter, steps } from './content';
import { questionWords } from './content/questions.en';
import { ui } from './content/ui.en';
import { chapterTitles, stepWords } from './content/words.en';
import { lineOf, textOf } from './prose';

export interface BarActions {
  /** Opens a step; undefined leaves the lecture. */
  go(id: string | undefined): void;
  present(on: boolean): void;
  words(): void;
  notes(): void;
  link(): void;
}

export const titleOf = (id: string): string => (stepWords[id] ?? questionWords[id]).title;

/** '3' for chapter '03'; a question mark for the questions. */
const shortName = (id: string): string => (id === 'q' ? '?' : String(Number(id)));

const nameOf = (id: string): string =>
  id === 'q' ? textOf(chapterTitles.q) : `${shortName(id)} ${textOf(chapterTitles[id])}`;

/** Minutes and seconds, 12:03. */
const clock = (milliseconds: number): string => {
  const seconds = Math.floor(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

/** The chapter bar at the top: chapters, steps as dots, back and forth; and the contents. */
export class Bar {
  private readonly contents = make('dialog', { id: 'contents' });
  private timer: ReturnType<typeof setInterval> | undefined;
  private began = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly actions: BarActions,
  ) {
    document.body.append(this.contents);
    this.contents.setAttribute('aria-label', ui.contents);
    this.contents.addEventListener('click', (event) => {
      if (event.target === this.contents) this.contents.close();
    });
  }

  /** `right` holds the questions that were answered. */
  show(id: string | undefined, present: boolean, right: ReadonlySet<string>): void {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.act : undefined;
    if (id === undefined) {
      invite(this.root, {
        start: () => this.actions.go(steps[0].id),
        contents: () => this.open(undefined, right),
        link: () => this.actions.link(),
      });
    } else this.root.replaceChildren(...this.inside(id, present, right));
    if (focused) this.root.querySelector<HTMLElement>(`[data-act="${focused}"]`)?.focus();
    this.run(present);
  }

  private act(name: string, words: string, act: () => void, hint = ''): HTMLButtonElement {
    const made = button(words, act, name);
    made.dataset.act = name;
    if (hint) made.title = hint;
    return made;
  }

  private inside(id: string, present: boolean, right: ReadonlySet<string>): Node[] {
    const { actions } = this;
    const current = chapterOf(id) ?? chapters[0];
    const list = chapters.map((chapter) => {
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
        dot.setAttribute('aria-label', ui.stepTitle(k + 1, textOf(titleOf(step.id))));
        dot.title = textOf(titleOf(step.id));
        if (step.id === id) dot.setAttribute('aria-current', 'step');
        return dot;
      });
      item.append(make('span', { className: 'dots' }, ...dots));
      return item;
    });
    const before = this.act('previous', '←', () => this.turn(id, -1), ui.previous);
    const after = this.act('next', '→', () => this.turn(id, 1), ui.next);
    before.disabled = !stepAfter(id, -1);
    after.disabled = !stepAfter(id, 1);
    for (const [element, words] of [
      [before, ui.previous],
      [after, ui.next],
    ] as const)
      element.setAttribute('aria-label', words);
    const tools = present
      ? [
          this.act('timer', '0:00', () => this.restart(), ui.timer),
          this.act('words', ui.words, () => actions.words()),
          this.act('notes', ui.notes, () => actions.notes(), ui.notesHint),
          this.act('present', ui.leavePresent, () => actions.present(false)),
        ]
      : [
          this.act('words', ui.words, () => actions.words()),
          this.act('present', ui.present, () => actions.present(true), ui.presentHint),
          this.act('link', `${ui.link} …`, () => actions.link()),
          this.act('explore', ui.explore, () => actions.go(undefined)),
        ];
    const open = this.act('contents', '☰', () => this.open(id, right), ui.contents);
    open.setAttribute('aria-label', ui.contents);
    return [
      open,
      make('ol', { className: 'chapters' }, ...list),
      make('span', { className: 'turn' }, before, after),
      ...(present ? [make('strong', {}, ...lineOf(titleOf(id)))] : []),
      make('span', { className: 'tools' }, ...tools),
    ];
  }

  private turn(id: string, by: number): void {
    const step = stepAfter(id, by);
    if (step) this.actions.go(step.id);
  }

  /** The list of all steps. */
  open(id: string | undefined, right: ReadonlySet<string>): void {
    const parts = chapters.map((chapter) => {
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
      const answered = isQuestions && right.size ? ` · ${ui.answered(right.size, chapter.steps.length)}` : '';
      return make(
        'section',
        {},
        make('h3', { textContent: nameOf(chapter.id) + answered }),
        make('ol', { className: 'steps' }, ...items),
      );
    });
    const close = button('×', () => this.contents.close(), 'close');
    close.setAttribute('aria-label', ui.close);
    this.contents.replaceChildren(
      make('header', { className: 'head' }, make('h2', { textContent: ui.contents }), close),
      make('div', { className: 'parts' }, ...parts),
    );
    this.contents.showModal();
    this.contents.querySelector<HTMLElement>('[aria-current]')?.focus();
  }

  private run(present: boolean): void {
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

  /** Time since presenting began, as it is shown. */
  get time(): string {
    return this.timer === undefined ? '' : clock(Date.now() - this.began);
  }

  private tick(): void {
    const shown = this.root.querySelector('.timer');
    if (shown) shown.textContent = this.time;
  }
}
