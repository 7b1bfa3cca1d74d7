import type { en } from './en';

/** Every word that a person sees. A table of this type is one language; it does not compile while anything is missing. */
export type Language = typeof en;
