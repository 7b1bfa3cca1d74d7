/** Idioms that plain English excludes, and alternatives. */
export const idioms: [idiom: RegExp, plain: string][];

/** All idioms in a text, in the order of lines. */
export function findIdioms(text: string): { line: number; words: string; plain: string }[];
