import { document as en } from './en/document.ts';
import type { Language } from './language';

/**
 * The words that index.html holds before any script runs, in the page's language. The build puts them there.
 * vite.config.ts imports this file, so its import names the extension.
 */
export const document: Language['document'] = en;
