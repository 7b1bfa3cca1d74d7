import { experiments as en } from './en/experiments';
import type { Language } from './language';

/** The words of the experiments, in the page's language. */
export const experiments: Language['experiments'] = en;
