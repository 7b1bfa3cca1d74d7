import { dialogs as en } from './en/dialogs';
import type { Language } from './language';

/** The words of the dialogs: benchmark, rounds sweep, export, source, in the page's language. */
export const dialogs: Language['dialogs'] = en;
