import { questions as en } from './en/questions';
import type { Language } from './language';

/** The words of the ten questions and their answers, in the page's language. */
export const questions: Language['questions'] = en;
