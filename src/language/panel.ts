import { panel as en } from './en/panel';
import type { Language } from './language';

/** The words of the settings panel: labels, help and choices of every control, in the page's language. */
export const panel: Language['panel'] = en;
