import { lecture as en } from './en/lecture';
import type { Language } from './language';

/** The words of the lecture: its interface and its steps, in the page's language. */
export const lecture: Language['lecture'] = en;
