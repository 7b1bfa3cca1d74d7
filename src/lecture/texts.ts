import { lecture } from '../language/lecture';
import { questions } from '../language/questions';
import { steps } from '../language/steps';
import { endId } from './content';

/** The text of a step, marked up as content/markup.ts reads it. */
export interface StepText {
  title: string;
  text: string;
  /** What to try, if the step has an attempt. */
  attempt?: string;
  /** What the page then shows. */
  after?: string;
}

export interface QuestionText {
  title: string;
  /** What to do. */
  text: string;
  parts: Record<string, { label: string; options?: Record<string, string> }>;
  /** What a right answer says, as a sentence to remember. */
  learnt: string;
  /** The sentence for each id that its judge returns. */
  judgements: Record<string, string>;
}

export const chapterTitles: Record<string, string> = lecture.chapters;
export const stepTexts: Record<string, StepText> = steps;
export const questionTexts: Record<string, QuestionText> = questions.byId;
export const commonJudgements: Record<string, string> = questions.common;

/** What stands below the list at the end. */
export const endText: string = questions.end.text;

/** The title of a step or a question. */
export const titleOf = (id: string): string =>
  (id === endId ? questions.end : (stepTexts[id] ?? questionTexts[id])).title;
