import { sortYourself as en } from './en/sort-yourself';
import type { Language } from './language';

/** The words of the exercise in which one sorts by hand, in the page's language. */
export const sortYourself: Language['sortYourself'] = en;
