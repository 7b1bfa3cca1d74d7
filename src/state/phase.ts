/**
 * The play of the algorithm. A phase goes from 0, where nothing is done, to `lastPhase`, where all is done. Each mark stands at the end of
 * its step: the tokens are there at 1, all have their buckets at 2, and so on.
 */
export const marks = ['tokens', 'hash', 'sort', 'chunk', 'attend', 'combine'] as const;
export type Mark = (typeof marks)[number];

/** The phase at which all is done: the picture of a page that does not play. */
export const lastPhase = marks.length;

/** Seconds that each step takes. Together less than ten. */
const seconds: Record<Mark, number> = { tokens: 0.8, hash: 1.7, sort: 2.2, chunk: 1, attend: 2.7, combine: 1.3 };

/** The phase after a time of playing from `phase` on. */
export function phaseAfter(phase: number, milliseconds: number): number {
  let at = phase;
  let left = milliseconds / 1000;
  while (left > 0 && at < lastPhase) {
    const step = seconds[marks[Math.floor(at)] as Mark];
    const end = Math.floor(at) + 1;
    const needed = (end - at) * step;
    if (left < needed) return at + left / step;
    left -= needed;
    at = end;
  }
  return Math.min(at, lastPhase);
}

/** The next mark after a phase, or the last one. */
export const markAfter = (phase: number): number => Math.min(lastPhase, Math.floor(phase) + 1);

/** The mark before a phase, or 0. */
export const markBefore = (phase: number): number => Math.max(0, Math.ceil(phase) - 1);
