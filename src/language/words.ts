import { words as en } from './en/words';
import type { Language } from './language';

/** The words of the view in which a language model reads and continues text, in the page's language. */
export const words: Language['words'] = en;
