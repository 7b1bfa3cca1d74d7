import { lecture } from '../language/lecture';
import type { Key, State } from '../state/schema';
import { defaults } from '../state/state';
import type { TaskExample } from '../training/example';
import { button, find, make } from '../ui/dom';
import { figuresOf, lookUp, type ShownFigures } from '../ui/figures';
import { isCommand } from '../ui/keys';
import type { Lesson } from './address';
import { Bar } from './bar';
import { chapterOf, endId, isUntouched, stateOf, stepAfter, stepOf, steps } from './content';
import type { Step } from './content/chapter';
import { numbersOf } from './content/live';
import { parse } from './content/markup';
import { questionOf } from './content/questions';
import { makeFigure } from './figures';
import type { StepFigure } from './figures/figure';
import { Glossary } from './glossary';
import { Highlights } from './highlights';
import { LessonLink } from './lesson-link';
import { Notes } from './notes';
import { factsIn, lineOf, paragraphsOf, toggleSource } from './prose';
import { Quiz } from './quiz';
import { StepText } from './step-text';
import { isControl, selectorOf } from './targets';
import { chapterTitles, endText, questionTexts, stepTexts, titleOf } from './texts';

const words = lecture.step;

export interface LectureActions {
  /** Replaces the page's state. */
  enter(state: State): void;
  change(change: Partial<State>): void;
  /** Opens folded groups of the panel that hold these controls. */
  reveal(keys: readonly Key[]): void;
  /** Shows another sequence of the training task. */
  anotherExample(): void;
  /** Writes the page's address again. */
  rewrite(): void;
}

/** How much larger letters of drawings are in presentation mode; as in presentation.css. */
const presentScale = 18 / 13;

/** Parts of the read-out. */
const readouts = ['readout', 'rounds-table', 'seen-keys', 'missed-keys'];

/** True for a step of which something stands beside the stage when its text is hidden: an equation, a question, or the read-out. */
const hasBoard = ({ id, look }: Step): boolean =>
  questionOf(id) !== undefined ||
  id === endId ||
  look.some((target) => readouts.includes(target)) ||
  parse(stepTexts[id]?.text ?? '').some((pieces) => pieces.some((piece) => piece.kind === 'equation' && piece.block));

/** The lecture: its steps, their text beside the stage, the bar above, the questions, and presentation mode. */
export class Lecture {
  private state: State = defaults();
  private readonly root = document.documentElement;
  private readonly section = find('#step');
  private readonly highlights = new Highlights(this.section);
  private readonly link = new LessonLink();
  private readonly terms = new Glossary((id) => this.go(id));
  private readonly quiz: Quiz;
  private readonly bar: Bar;
  private readonly notes: Notes;
  /** The text of the open step; undefined for a question. */
  private text: StepText | undefined;
  /** The drawing that covers the stage. */
  private figure: StepFigure | undefined;
  private readonly figureSection = make('section', { id: 'figure', hidden: true });
  private example: TaskExample | undefined;
  /** Appears when settings differ from the step's, with a button that puts them back. */
  private readonly changedNotice = make('p', { className: 'changed', hidden: true });

  constructor(
    private readonly lesson: Lesson,
    private readonly actions: LectureActions,
  ) {
    this.quiz = new Quiz({
      now: () => (this.root.dataset.state === 'busy' ? undefined : { state: this.state, shown: this.shown }),
      go: (id) => this.go(id),
      news: () => this.showBar(),
    });
    this.bar = new Bar(find('#lecture'), {
      go: (id) => this.go(id),
      present: (on) => this.present(on),
      doIt: () => this.section.querySelector<HTMLElement>('.do')?.click(),
      fullScreen: () => this.toggleFullScreen(),
      toggleText: () => this.toggleText(),
      notes: () => {
        this.notes.open();
        this.notes.show(this.lesson.step, this.section);
      },
      glossary: () => this.glossary(),
      link: () => this.makeLink(),
    });
    this.notes = new Notes({
      turn: (by) => this.turn(by),
      time: () => this.bar.time,
      key: (event) => this.key(event),
    });
    find('#stage').append(this.figureSection);
    this.changedNotice.append(
      `${words.changed} `,
      button(words.putBack, () => this.go(this.lesson.step)),
    );
    addEventListener('keydown', (event) => this.key(event), { capture: true });
    for (const name of ['click', 'keydown'] as const) {
      this.section.addEventListener(name, (event) => {
        const { target } = event;
        if (event instanceof KeyboardEvent && event.key !== 'Enter') return;
        toggleSource(target);
        // A click on a term is handled for the whole column of words.
        if (event instanceof KeyboardEvent && target instanceof Element && target.matches('em'))
          this.glossary(target.textContent ?? '');
      });
    }
    this.showStep();
  }

  /** The numbers of the open view. */
  private get shown(): ShownFigures {
    return lookUp(figuresOf(this.state.scene === 'tower' ? 'layers' : 'attention'));
  }

  /** Updates the text's figures after the page has drawn a state. `example`: a sequence of the training task, in the view of layers. */
  show(state: State, example?: TaskExample): void {
    this.example = example;
    if (this.state !== state) this.quiz.forget();
    this.state = state;
    const { step } = this.lesson;
    this.text?.show(this.shown, state);
    const open = step === undefined ? undefined : stepOf(step);
    this.changedNotice.hidden = !open || questionOf(open.id) !== undefined || isUntouched(open, state);
    this.drawFigure();
    this.highlights.refresh();
    this.notes.show(step, this.section);
  }

  private drawFigure(): void {
    const { clientWidth, clientHeight } = this.figureSection;
    if (!this.figure || clientWidth === 0) return;
    const style = getComputedStyle(this.figureSection);
    const width = clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight);
    const height = clientHeight - Number.parseFloat(style.paddingTop) - Number.parseFloat(style.paddingBottom);
    const { state, shown, example } = this;
    const scale = this.lesson.present && innerWidth >= 860 ? presentScale : 1;
    this.figure.draw({ state, figures: shown, numbers: numbersOf(shown, state), example, width, height, scale });
  }

  /** Shows or removes the drawing that covers the stage. */
  private showFigure(step: Step | undefined): void {
    this.figure?.dispose?.();
    const name = step?.figure;
    this.figure =
      name &&
      makeFigure(name, { redraw: () => this.drawFigure(), anotherExample: () => this.actions.anotherExample() });
    this.root.toggleAttribute('data-figure', name !== undefined);
    if (name) this.root.dataset.figure = name;
    this.figureSection.hidden = !this.figure;
    this.figureSection.replaceChildren(...(this.figure ? [this.figure.element] : []));
  }

  /** Highlights the text that names a part of the stage under the pointer. */
  point(target: string): void {
    this.highlights.point(target);
  }

  /** Opens a step; undefined leaves the lecture and keeps the page's state. */
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

  /** Opens the list of all steps. */
  contents(): void {
    this.bar.open(this.lesson.step, this.quiz.right);
  }

  /** Opens the glossary, at a term if it has one of that name. */
  glossary(term?: string): void {
    this.terms.open(term);
  }

  /** Opens the dialog that makes a link for a lesson. */
  makeLink(): void {
    this.link.open(this.lesson, this.state);
  }

  private turn(by: number): void {
    const { step } = this.lesson;
    const next = step === undefined ? undefined : stepAfter(step, by);
    if (next) this.go(next.id);
  }

  /** Enters or leaves presentation mode. */
  present(on: boolean): void {
    if (this.lesson.step === undefined && on) this.go(steps[0].id);
    this.lesson.present = on;
    this.showBar();
    this.actions.rewrite();
  }

  /** Shows or hides the text of the step. */
  private toggleText(): void {
    const isFolded = this.root.dataset.words === 'folded';
    const isPresent = this.lesson.present;
    // In presentation mode the text is hidden at first, otherwise it is shown.
    if (isPresent) this.root.dataset.words = this.root.dataset.words === 'shown' ? '' : 'shown';
    else this.root.dataset.words = isFolded ? '' : 'folded';
  }

  private toggleFullScreen(): void {
    // A frame may not allow it.
    const change = document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen();
    change.catch(() => {});
  }

  private key(event: KeyboardEvent): void {
    if (!isCommand(event)) return;
    const target = event.target instanceof Element ? event.target : undefined;
    if (document.querySelector('dialog[open]') || target?.closest('input[type="text"], textarea, select')) return;
    const { step, present } = this.lesson;
    const acts: Record<string, (() => void) | false> = {
      PageDown: step !== undefined && (() => this.turn(1)),
      PageUp: step !== undefined && (() => this.turn(-1)),
      p: () => this.present(!present),
      w: step !== undefined && (() => this.toggleText()),
      b: present && (() => this.root.toggleAttribute('data-blank')),
      f: present && (() => this.toggleFullScreen()),
      d: present && (() => this.section.querySelector<HTMLElement>('.do')?.click()),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  private showBar(): void {
    const { step, present } = this.lesson;
    this.root.toggleAttribute('data-present', present);
    if (!present) this.root.removeAttribute('data-blank');
    if (!present && this.root.dataset.words === 'shown') this.root.dataset.words = '';
    this.bar.show(step, present, this.quiz.right);
  }

  private showStep(): void {
    const id = this.lesson.step;
    const step = id === undefined ? undefined : stepOf(id);
    this.root.toggleAttribute('data-step', step !== undefined);
    if (step) this.root.dataset.step = step.id;
    this.showBar();
    this.root.toggleAttribute('data-board', step !== undefined && hasBoard(step));
    this.showFigure(step);
    this.section.hidden = !step;
    this.section.replaceChildren(...(step ? this.content(step) : []));
    this.highlights.look(step?.look ?? []);
    this.actions.reveal((step?.look ?? []).filter(isControl) as Key[]);
  }

  /** The content of the column beside the stage. */
  private content(step: Step): Node[] {
    const chapter = chapterOf(step.id) as NonNullable<ReturnType<typeof chapterOf>>;
    const at = chapter.steps.indexOf(step) + 1;
    const question = questionOf(step.id);
    const isEnd = step.id === endId;
    const { text, attempt, after } = question
      ? { ...questionTexts[step.id], attempt: undefined, after: undefined }
      : isEnd
        ? { text: endText, attempt: undefined, after: undefined }
        : stepTexts[step.id];
    this.text = question || isEnd ? undefined : new StepText(step, text, after);
    const paragraphs = this.text?.elements ?? { text: paragraphsOf(text), after: [] };
    const before = button(words.previous, () => this.turn(-1), '', { disabled: !stepAfter(step.id, -1) });
    const next = button(words.next, () => this.turn(1), 'main', { disabled: !stepAfter(step.id, 1) });
    const facts = factsIn(text, attempt, after).map(({ text: figure, source }) =>
      make('li', {}, words.source(figure, source)),
    );
    const sources = make(
      'details',
      { className: 'sources' },
      make('summary', {}, words.sources),
      make('ul', {}, ...facts),
    );
    return [
      make(
        'p',
        { className: 'where' },
        ...words.where(lineOf(chapterTitles[chapter.id]), at, chapter.steps.length).flat(),
      ),
      make('h2', {}, ...lineOf(titleOf(step.id))),
      ...(question || isEnd ? [] : this.quiz.wayBack()),
      ...(isEnd ? this.quiz.summary() : []),
      ...paragraphs.text,
      ...(question ? this.quiz.fields(question) : []),
      ...(attempt ? [this.attempt(step, attempt)] : []),
      ...paragraphs.after,
      this.changedNotice,
      make('p', { className: 'turn' }, before, next),
      ...(facts.length ? [sources] : []),
    ];
  }

  /** The proposal of a step, with a button that does it. */
  private attempt({ attempt }: Step, text: string): HTMLElement {
    const title = make('b', { textContent: `${words.attempt} ` });
    const proposal = make('p', { className: 'attempt' }, title, ...lineOf(text));
    if (!attempt) return proposal;
    const act = () => {
      if ('set' in attempt) this.actions.change(attempt.set);
      else document.querySelector<HTMLElement>(`${selectorOf(attempt.press)} button`)?.click();
    };
    proposal.append(' ', button(words.doIt, act, 'do'));
    return proposal;
  }
}
