import { invitation as en } from './en/invitation';
import type { Language } from './language';

/** The words that invite to the lecture, in the page's language. */
export const invitation: Language['invitation'] = en;
