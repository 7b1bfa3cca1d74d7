import { explain as en } from './en/explain';
import type { Language } from './language';

/** The words of the explanations of shown numbers, in the page's language. */
export const explain: Language['explain'] = en;
