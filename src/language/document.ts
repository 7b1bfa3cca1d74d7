import { document as en } from './en/document';
import type { Language } from './language';

/** The words that index.html holds before any script runs, in the page's language. The build puts them there. */
export const document: Language['document'] = en;
