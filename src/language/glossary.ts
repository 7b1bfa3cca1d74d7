import { glossary as en } from './en/glossary';
import type { Language } from './language';

/** The words of the glossary, in the page's language. */
export const glossary: Language['glossary'] = en;
