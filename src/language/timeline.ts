import { timeline as en } from './en/timeline';
import type { Language } from './language';

/** The words of the timeline, in the page's language. */
export const timeline: Language['timeline'] = en;
