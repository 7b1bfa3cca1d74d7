import { explainer as en } from './en/explainer';
import type { Language } from './language';

/** The words of the explainer's card, in the page's language. */
export const explainer: Language['explainer'] = en;
