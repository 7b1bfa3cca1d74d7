import { steps as en } from './en/steps';
import type { Language } from './language';

/** The texts of the lecture's steps, in the page's language. */
export const steps: Language['steps'] = en;
