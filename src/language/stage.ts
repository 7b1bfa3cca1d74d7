import { stage as en } from './en/stage';
import type { Language } from './language';

/** The words of the labels on the stage, in the page's language. */
export const stage: Language['stage'] = en;
