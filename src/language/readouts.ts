import { readouts as en } from './en/readouts';
import type { Language } from './language';

/** The words of the read-outs beside the stage and its tooltips, in the page's language. */
export const readouts: Language['readouts'] = en;
