import { charts } from './en/charts';
import { dialogs } from './en/dialogs';
import { document } from './en/document';
import { experiments } from './en/experiments';
import { explain } from './en/explain';
import { explainer } from './en/explainer';
import { glossary } from './en/glossary';
import { invitation } from './en/invitation';
import { lecture } from './en/lecture';
import { ownText } from './en/own-text';
import { page } from './en/page';
import { panel } from './en/panel';
import { questions } from './en/questions';
import { readouts } from './en/readouts';
import { sortYourself } from './en/sort-yourself';
import { stage } from './en/stage';
import { steps } from './en/steps';
import { timeline } from './en/timeline';
import { words } from './en/words';

/**
 * English. The page does not import this table but its parts (charts.ts, page.ts … beside it), so that the words of a view come with its
 * script.
 */
export const en = {
  charts,
  dialogs,
  document,
  experiments,
  explain,
  explainer,
  glossary,
  invitation,
  lecture,
  ownText,
  page,
  panel,
  questions,
  readouts,
  sortYourself,
  stage,
  steps,
  timeline,
  words,
};
