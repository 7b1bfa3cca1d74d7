import { page as en } from './en/page';
import type { Language } from './language';

/** The words of the page itself: header, introduction, notices and errors, in the page's language. */
export const page: Language['page'] = en;
