import { lecture } from '../language/lecture';
import { questions } from '../language/questions';

/** The text of a step, marked up as content/markup.ts reads it. */
export interface StepText {
  title: string;
  text: string;
  /** What to try, if the step has an attempt. */
  attempt?: string;
}

export interface QuestionText {
  title: string;
  /** What to do. */
  text: string;
  parts: Record<string, { label: string; options?: Record<string, string> }>;
  /** The sentence for each id that `judge` returns. */
  judgements: Record<string, string>;
}

export const chapterTitles: Record<string, string> = lecture.chapters;
export const stepTexts: Record<string, StepText> = lecture.steps;
export const questionTexts: Record<string, QuestionText> = questions.byId;
export const commonJudgements: Record<string, string> = questions.common;

/** The title of a step or a question. */
export const titleOf = (id: string): string => (stepTexts[id] ?? questionTexts[id]).title;
