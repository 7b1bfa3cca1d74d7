import { type Key, keys, type State } from '../../state/schema';
import { defaults } from '../../state/state';
import { memory } from './01-memory';
import { everyPairs } from './02-every-pair';
import { hash } from './03-hash';
import { sortAndChunk } from './04-sort-and-chunk';
import { lookBack } from './05-look-back';
import { moreHashes } from './06-more-hashes';
import { backwards } from './07-backwards';
import { reformer } from './08-reformer';
import { million } from './09-million';
import { finePrint } from './10-fine-print';
import type { Chapter, Step } from './chapter';
import { questions } from './questions';

/** The questions stand at the end as a chapter of their own. */
export const questionChapter: Chapter = {
  id: 'q',
  steps: questions.map(({ id, state, look }) => ({ id, state, look })),
};

export const lectureChapters: readonly Chapter[] = [
  memory,
  everyPairs,
  hash,
  sortAndChunk,
  lookBack,
  moreHashes,
  backwards,
  reformer,
  million,
  finePrint,
];

export const chapters: readonly Chapter[] = [...lectureChapters, questionChapter];

/** All steps in order, questions last. */
export const steps: readonly Step[] = chapters.flatMap((chapter) => chapter.steps);

export const stepOf = (id: string): Step | undefined => steps.find((step) => step.id === id);

export const chapterOf = (id: string): Chapter | undefined =>
  chapters.find((chapter) => chapter.steps.some((step) => step.id === id));

/** The step some places after another; undefined beyond either end. */
export const stepAfter = (id: string, by: number): Step | undefined =>
  steps[steps.findIndex((step) => step.id === id) + by];

/** How the page looks is the person's choice: no step changes it. */
export const personal: readonly Key[] = ['theme'];

/** The state of a step: a function of the step and of what is personal, whatever was shown before. */
export function stateOf(step: Step, before: State): State {
  return { ...defaults(step.state), ...Object.fromEntries(personal.map((key) => [key, before[key]])) };
}

/** Whether a state is still the step's own, as it was when the step was entered. */
export const isUntouched = (step: Step, state: State): boolean => {
  const own = stateOf(step, state);
  return keys.every((key) => own[key] === state[key]);
};
