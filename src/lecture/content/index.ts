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
import { base } from './base';
import type { Chapter, Step } from './chapter';
import { questions } from './questions';

/** The step behind the questions. */
export const endId = 'end';

/** The questions as the last chapter, with an end. */
export const questionChapter: Chapter = {
  id: 'q',
  steps: [...questions.map(({ id, state, look }) => ({ id, state, look })), { id: endId, state: base, look: [] }],
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

/** The step that comes `by` steps after another; undefined beyond either end. */
export const stepAfter = (id: string, by: number): Step | undefined =>
  steps[steps.findIndex((step) => step.id === id) + by];

/** Settings of taste, which no step changes. */
export const personal: readonly Key[] = ['theme'];

/** The state of a step. Of the state before it, it keeps personal settings only. */
export function stateOf(step: Step, before: State): State {
  return { ...defaults(step.state), ...Object.fromEntries(personal.map((key) => [key, before[key]])) };
}

/** True for the state with which a step opens. */
export const isUntouched = (step: Step, state: State): boolean => {
  const first = stateOf(step, state);
  return keys.every((key) => first[key] === state[key]);
};
