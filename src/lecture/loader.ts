import { loadScript } from '../shared/tasks';
import type { Pick } from '../stage/picture';
import type { Key, State } from '../state/schema';
import { find } from '../ui/dom';
import { type Lesson, writeAddress } from './address';
import { invite } from './banner';
import { steps } from './content';
import type { Lecture, LectureActions } from './lecture';

/** The way into the lecture. Its words come when somebody enters. */
export class LectureLoader {
  private state: State | undefined;
  private lecture: Promise<Lecture> | undefined;
  private opened: Lecture | undefined;

  constructor(
    private readonly lesson: Lesson,
    private readonly actions: LectureActions,
    /** Waits for what a person asked for, and says if it cannot be had. */
    private readonly ask: (part: Promise<void>) => void,
  ) {
    if (lesson.step !== undefined || lesson.present) this.enter(() => {});
    else {
      invite(find('#lecture'), {
        start: () => this.enter((lecture) => lecture.go(steps[0].id)),
        contents: () => this.enter((lecture) => lecture.contents()),
        link: () => this.enter((lecture) => lecture.makeLink()),
      });
    }
    addEventListener('keydown', (event) => {
      const isTyped = event.target instanceof Element && event.target.closest('input, textarea, select');
      if (event.key !== 'p' || this.opened || isTyped || event.altKey || event.ctrlKey || event.metaKey) return;
      this.enter((lecture) => lecture.present(true));
    });
  }

  /** The query that restores the lecture and a state. */
  address(state: State): string {
    return writeAddress(this.lesson, state);
  }

  /** What of a change a lesson allows: hidden controls stay as they are. */
  allowed(change: Partial<State>): Partial<State> {
    const { hide } = this.lesson;
    if (hide.length === 0) return change;
    return Object.fromEntries(Object.entries(change).filter(([key]) => !hide.includes(key as Key)));
  }

  /** The page has drawn a state. */
  show(state: State): void {
    this.state = state;
    this.opened?.show(state);
  }

  /** Something on the stage is pointed at: the words that speak of it light up. */
  point(pick: Pick | undefined): void {
    if (pick) this.opened?.point({ cell: 'matrix', token: 'original', position: 'sorted', round: 'round' }[pick.what]);
  }

  private enter(act: (lecture: Lecture) => void): void {
    this.ask(this.open().then(act));
  }

  private open(): Promise<Lecture> {
    this.lecture ??= loadScript(import('./lecture')).then(({ Lecture }) => {
      this.opened = new Lecture(this.lesson, this.actions);
      if (this.state) this.opened.show(this.state);
      return this.opened;
    });
    this.lecture.catch(() => {
      this.lecture = undefined;
    });
    return this.lecture;
  }
}
