import { charts as en } from './en/charts';
import type { Language } from './language';

/** The words of the charts below the stage, in the page's language. */
export const charts: Language['charts'] = en;
