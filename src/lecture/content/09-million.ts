import { base } from './base';
import type { Chapter } from './chapter';

const long = { ...base, n: 1024, chunk: 64, rounds: 1 } as const;

/** What 16 GB hold: by formula, and as allocated. */
export const million: Chapter = {
  id: '09',
  steps: [
    { id: '09.1', state: long, look: [], figure: 'memory-line', attempt: { press: 'figure-button' } },
    { id: '09.2', state: long, look: [], figure: 'memory-line', attempt: { press: 'figure-button' } },
    {
      id: '09.3',
      state: { ...long, n: 32768 },
      look: ['device', 'n'],
      figure: 'memory-line',
      attempt: { set: { n: 65536 } },
    },
    { id: '09.4', state: { ...long, n: 4096 }, look: ['n', 'curve'], attempt: { set: { n: 65536 } } },
  ],
};
