import { loadScript } from '../shared/tasks';
import type { Pick } from '../stage/picture';
import type { Key, State } from '../state/schema';
import type { TaskExample } from '../training/example';
import { find } from '../ui/dom';
import { isCommand } from '../ui/keys';
import { type Lesson, writeAddress } from './address';
import { showBanner } from './banner';
import { steps } from './content';
import type { Lecture, LectureActions } from './lecture';

/** Opens the lecture. Its code and texts are fetched when somebody enters it. */
export class LectureLoader {
  private state: State | undefined;
  private example: TaskExample | undefined;
  private lecture: Promise<Lecture> | undefined;
  private openLecture: Lecture | undefined;

  constructor(
    private readonly lesson: Lesson,
    private readonly actions: LectureActions & {
      /** Shows a message if a part that is fetched fails. */
      showErrorsOf(part: Promise<void>): void;
    },
  ) {
    if (lesson.step !== undefined || lesson.present) this.enter(() => {});
    else {
      showBanner(find('#lecture'), {
        start: () => this.enter((lecture) => lecture.go(steps[0].id)),
        contents: () => this.enter((lecture) => lecture.contents()),
        glossary: () => this.enter((lecture) => lecture.glossary()),
        link: () => this.enter((lecture) => lecture.makeLink()),
      });
    }
    // Outside of the lecture too, terms of the text open the glossary.
    find('#words').addEventListener('click', ({ target }) => {
      const term = target instanceof Element ? target.closest('em') : null;
      if (term) this.enter((lecture) => lecture.glossary(term.textContent ?? ''));
    });
    addEventListener('keydown', (event) => {
      if (event.key.toLowerCase() !== 'p' || this.openLecture || !isCommand(event)) return;
      this.enter((lecture) => lecture.present(true));
    });
  }

  /** The query that restores the lecture and a state. */
  address(state: State): string {
    return writeAddress(this.lesson, state);
  }

  /** The part of a change that the lesson allows: hidden controls keep their settings. */
  allowed(change: Partial<State>): Partial<State> {
    const { hide } = this.lesson;
    if (hide.length === 0) return change;
    return Object.fromEntries(Object.entries(change).filter(([key]) => !hide.includes(key as Key)));
  }

  /** Updates the lecture after the page has drawn a state. */
  show(state: State, example?: TaskExample): void {
    this.state = state;
    this.example = example;
    this.openLecture?.show(state, example);
  }

  /** Highlights the text that names a part of the stage under the pointer. */
  point(pick: Pick | undefined): void {
    if (pick)
      this.openLecture?.point({ cell: 'matrix', token: 'original', position: 'sorted', round: 'round' }[pick.what]);
  }

  private enter(act: (lecture: Lecture) => void): void {
    this.actions.showErrorsOf(this.open().then(act));
  }

  private open(): Promise<Lecture> {
    this.lecture ??= loadScript(import('./lecture')).then(({ Lecture }) => {
      this.openLecture = new Lecture(this.lesson, this.actions);
      if (this.state) this.openLecture.show(this.state, this.example);
      return this.openLecture;
    });
    this.lecture.catch(() => {
      this.lecture = undefined;
    });
    return this.lecture;
  }
}
