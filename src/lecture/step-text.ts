import { lecture } from '../language/lecture';
import type { State } from '../state/schema';
import { applyChange } from '../state/state';
import { make } from '../ui/dom';
import type { ShownFigures } from '../ui/figures';
import { isUntouched, stateOf } from './content';
import type { Step } from './content/chapter';
import { claims, holds, shownIn } from './content/claims';
import { type Numbers, numbersOf } from './content/live';
import { paragraphsIn } from './content/markup';
import { fill, paragraphOf } from './prose';

const words = lecture.step;

/** Whether the page shows the step's own state, that of its proposal once it is done, or another. */
type Stage = 'step' | 'done' | 'other';

interface ShownParagraph {
  about: 'any' | 'step' | 'done';
  /** The text, by which its claims are found. */
  line: string;
  element: HTMLElement;
  /** "Before:" or "Now:". */
  tense: HTMLElement;
}

/**
 * The paragraphs of a step. Those about the step's own settings keep its numbers when a person changes settings. Those about the finished
 * proposal appear when it is done. A paragraph is hidden while one of its claims is false.
 */
export class StepText {
  private readonly paragraphs: readonly ShownParagraph[];
  private before: { numbers: Numbers; figures: ShownFigures } | undefined;

  constructor(
    private readonly step: Step,
    text: string,
    after: string | undefined,
  ) {
    const shown = (line: ReturnType<typeof paragraphsIn>[number], about: ShownParagraph['about']): ShownParagraph => {
      const tense = make('b', { className: 'tense', hidden: true });
      const element = paragraphOf(line);
      element.prepend(tense);
      element.dataset.about = about;
      element.hidden = about === 'done';
      return { about, line: line.line, element, tense };
    };
    this.paragraphs = [
      ...paragraphsIn(text).map((line) => shown(line, line.about)),
      ...(after === undefined ? [] : paragraphsIn(after).map((line) => shown(line, 'done'))),
    ];
  }

  /** The paragraphs of the text, and those that follow the proposal. */
  get elements(): { text: HTMLElement[]; after: HTMLElement[] } {
    const of = (isAfter: boolean) =>
      this.paragraphs.filter(({ about }) => (about === 'done') === isAfter).map(({ element }) => element);
    return { text: of(false), after: of(true) };
  }

  /** Shows what is true in a state and the numbers that the page shows for it. */
  show(figures: ShownFigures, state: State): void {
    const numbers = numbersOf(figures, state);
    const stage = stageOf(this.step, state, numbers);
    if (stage === 'step') this.before = { numbers, figures };
    const before = this.before ?? { numbers: new Map(), figures };
    for (const { about, line, element, tense } of this.paragraphs) {
      const isOfStep = about === 'step';
      fill(element, isOfStep ? before.numbers : numbers, before.numbers);
      const now = isOfStep ? shownIn(before.figures, before.numbers) : shownIn(figures, numbers);
      const ownClaims = (claims[this.step.id] ?? []).filter(({ says }) => line.includes(says));
      const isFalse = ownClaims.some((claim) => holds(claim, now, shownIn(before.figures, before.numbers)) === false);
      const isPast = isOfStep && stage !== 'step';
      tense.hidden = !(isPast || about === 'done');
      tense.textContent = tense.hidden ? '' : `${isPast ? words.before : words.now} `;
      element.classList.toggle('past', isPast);
      element.toggleAttribute('data-false', isFalse && (about !== 'done' || stage === 'done'));
      element.hidden = isFalse || (about === 'done' && stage !== 'done') || (isPast && !this.before);
    }
  }
}

function stageOf(step: Step, state: State, numbers: Numbers): Stage {
  const { attempt } = step;
  const own = stateOf(step, state);
  const isOwn = isUntouched(step, state);
  if (attempt && 'press' in attempt) {
    const { below, reaches } = attempt;
    if (below) {
      const value = numbers.get(below[0]);
      if (isOwn && value !== undefined && value < below[1]) return 'done';
    }
    if (reaches && isSame(applyChange(own, reaches), state)) return 'done';
  } else if (attempt && isSame(applyChange(own, attempt.set), state)) return 'done';
  return isOwn ? 'step' : 'other';
}

const isSame = (a: State, b: State): boolean => (Object.keys(a) as (keyof State)[]).every((key) => a[key] === b[key]);
