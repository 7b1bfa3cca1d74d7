import { ownText as en } from './en/own-text';
import type { Language } from './language';

/** The words of the dialog in which a model learns a person's text, in the page's language. */
export const ownText: Language['ownText'] = en;
