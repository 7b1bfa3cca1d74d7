import type { Chapter } from './chapter';

const long = { n: 1024, chunk: 64, rounds: 1 } as const;

/** What 16 GB hold: by formula, and as allocated. */
export const million: Chapter = {
  id: '09',
  steps: [
    { id: '09.1', state: long, look: ['stage'], attempt: { set: { rounds: 4 } } },
    { id: '09.2', state: long, look: [] },
    { id: '09.3', state: { ...long, n: 16384 }, look: ['device'], attempt: { set: { n: 32768 } } },
    { id: '09.4', state: { ...long, n: 4096 }, look: ['n'], attempt: { set: { n: 65536 } } },
  ],
};
