import type { Key, State } from '../state/schema';
import { defaults } from '../state/state';
import { button, find, make } from '../ui/dom';
import type { Lesson } from './address';
import { Bar, titleOf } from './bar';
import { chapterOf, isUntouched, stateOf, stepAfter, stepOf, steps } from './content';
import type { Step } from './content/chapter';
import { questionOf } from './content/questions';
import { questionWords } from './content/questions.en';
import { ui } from './content/ui.en';
import { chapterTitles, stepWords } from './content/words.en';
import { Highlights } from './highlights';
import { LessonLink } from './lesson-link';
import { Notes } from './notes';
import { factsIn, fill, lineOf, paragraphsOf, shownNumbers } from './prose';
import { Quiz } from './quiz';
import { isControl, selectorOf } from './targets';

export interface LectureActions {
  /** Shows a state as a whole. */
  enter(state: State): void;
  change(change: Partial<State>): void;
  /** Opens what the panel has folded, so that these controls can be seen. */
  reveal(keys: readonly Key[]): void;
  /** The address is to be written anew. */
  rewrite(): void;
}

/** The lecture: its steps, their words beside the stage, the bar above, the questions, and what is for a room. */
export class Lecture {
  private state: State = defaults();
  private readonly root = document.documentElement;
  private readonly section = find('#step');
  private readonly highlights = new Highlights(this.section);
  private readonly link = new LessonLink();
  private readonly quiz: Quiz;
  private readonly bar: Bar;
  private readonly notes: Notes;
  /** What the words say besides the step: the button that puts settings back. */
  private readonly changed = make('p', { className: 'changed', hidden: true });

  constructor(
    private readonly lesson: Lesson,
    private readonly actions: LectureActions,
  ) {
    this.quiz = new Quiz({
      now: () => (this.root.dataset.state === 'busy' ? undefined : { state: this.state, shown: shownNumbers() }),
      go: (id) => this.go(id),
      news: () => this.showBar(),
    });
    this.bar = new Bar(find('#lecture'), {
      go: (id) => this.go(id),
      present: (on) => this.present(on),
      words: () => this.fold(),
      notes: () => {
        this.notes.open();
        this.notes.show(this.lesson.step, this.section);
      },
      link: () => this.makeLink(),
    });
    this.notes = new Notes({
      turn: (by) => this.turn(by),
      time: () => this.bar.time,
      key: (event) => this.key(event),
    });
    this.changed.append(
      `${ui.changed} `,
      button(ui.putBack, () => this.go(this.lesson.step)),
    );
    addEventListener('keydown', (event) => this.key(event), { capture: true });
    this.showStep();
  }

  /** The page has drawn a state: its numbers go into the words. */
  show(state: State): void {
    if (this.state !== state) this.quiz.forget();
    this.state = state;
    const { step } = this.lesson;
    fill(this.section, shownNumbers(), state);
    const open = step === undefined ? undefined : stepOf(step);
    this.changed.hidden = !open || questionOf(open.id) !== undefined || isUntouched(open, state);
    this.highlights.refresh();
    this.notes.show(step, this.section);
  }

  /** Something on the stage is pointed at. */
  point(target: string): void {
    this.highlights.point(target);
  }

  /** Opens a step; undefined leaves the lecture, with everything as it is. */
  go(id: string | undefined): void {
    const step = id === undefined ? undefined : stepOf(id);
    Object.assign(this.lesson, { step: step?.id, present: this.lesson.present && step !== undefined });
    this.showStep();
    if (step) {
      find('#words').scrollTop = 0;
      scrollTo(0, 0);
      this.state = stateOf(step, this.state);
      this.actions.enter(this.state);
    } else this.actions.rewrite();
  }

  /** The list of all steps. */
  contents(): void {
    this.bar.open(this.lesson.step, this.quiz.right);
  }

  /** The dialog that makes a link for a lesson. */
  makeLink(): void {
    this.link.open(this.lesson, this.state);
  }

  private turn(by: number): void {
    const { step } = this.lesson;
    const next = step === undefined ? undefined : stepAfter(step, by);
    if (next) this.go(next.id);
  }

  /** The view for a room. */
  present(on: boolean): void {
    if (this.lesson.step === undefined && on) this.go(steps[0].id);
    this.lesson.present = on;
    this.showBar();
    this.actions.rewrite();
  }

  /** Words out of the way, or back. */
  private fold(): void {
    const isFolded = this.root.dataset.words === 'folded';
    const isPresent = this.lesson.present;
    // For a room words are away until asked for; otherwise they are there.
    if (isPresent) this.root.dataset.words = this.root.dataset.words === 'shown' ? '' : 'shown';
    else this.root.dataset.words = isFolded ? '' : 'folded';
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = event.target instanceof Element ? event.target : undefined;
    if (document.querySelector('dialog[open]') || target?.closest('input[type="text"], textarea, select')) return;
    const { step, present } = this.lesson;
    const acts: Record<string, (() => void) | false> = {
      PageDown: step !== undefined && (() => this.turn(1)),
      PageUp: step !== undefined && (() => this.turn(-1)),
      p: () => this.present(!present),
      w: step !== undefined && (() => this.fold()),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  private showBar(): void {
    const { step, present } = this.lesson;
    this.root.toggleAttribute('data-present', present);
    if (!present && this.root.dataset.words === 'shown') this.root.dataset.words = '';
    this.bar.show(step, present, this.quiz.right);
  }

  private showStep(): void {
    const id = this.lesson.step;
    const step = id === undefined ? undefined : stepOf(id);
    this.root.toggleAttribute('data-step', step !== undefined);
    if (step) this.root.dataset.step = step.id;
    this.showBar();
    this.section.hidden = !step;
    this.section.replaceChildren(...(step ? this.words(step) : []));
    this.highlights.look(step?.look ?? []);
    this.actions.reveal((step?.look ?? []).filter(isControl) as Key[]);
  }

  /** All that stands beside the stage in a step. */
  private words(step: Step): Node[] {
    const chapter = chapterOf(step.id) as NonNullable<ReturnType<typeof chapterOf>>;
    const at = chapter.steps.indexOf(step) + 1;
    const question = questionOf(step.id);
    const { text, attempt } = question ? { text: questionWords[step.id].text, attempt: undefined } : stepWords[step.id];
    const after = stepAfter(step.id, 1);
    const turn = make('p', { className: 'turn' });
    const before = button(`← ${ui.previous}`, () => this.turn(-1));
    before.disabled = !stepAfter(step.id, -1);
    const on = button(`${ui.next} →`, () => this.turn(1), 'main');
    on.disabled = !after;
    turn.append(before, on);
    const sources = factsIn(text, attempt);
    return [
      make('p', { className: 'where' }, ...lineOf(chapterTitles[chapter.id]), ` · ${ui.of(at, chapter.steps.length)}`),
      make('h2', {}, ...lineOf(titleOf(step.id))),
      ...paragraphsOf(text),
      ...(question ? this.quiz.fields(question) : []),
      ...(attempt ? [this.attempt(step, attempt)] : []),
      this.changed,
      turn,
      ...(sources.length
        ? [
            make(
              'details',
              { className: 'sources' },
              make('summary', { textContent: ui.sources }),
              make(
                'ul',
                {},
                ...sources.map(({ text: figure, source }) => make('li', { textContent: `${figure}: ${source}` })),
              ),
            ),
          ]
        : []),
    ];
  }

  private attempt({ attempt }: Step, words: string): HTMLElement {
    const made = make('p', { className: 'attempt' }, make('b', { textContent: `${ui.attempt} ` }), ...lineOf(words));
    if (!attempt) return made;
    const act = () => {
      if ('set' in attempt) this.actions.change(attempt.set);
      else document.querySelector<HTMLElement>(`${selectorOf(attempt.press)} button`)?.click();
    };
    made.append(' ', button(ui.doIt, act, 'do'));
    return made;
  }
}
