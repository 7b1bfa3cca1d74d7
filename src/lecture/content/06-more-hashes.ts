import { base } from './base';
import type { Chapter } from './chapter';

/** What each further hash round catches, and costs. */
export const moreHashes: Chapter = {
  id: '06',
  steps: [
    { id: '06.1', state: { ...base, rounds: 1, token: 55 }, look: ['missed-keys'], attempt: { set: { rounds: 2 } } },
    { id: '06.2', state: { ...base, round: 4, token: 55 }, look: ['seen-keys'], attempt: { set: { round: 1 } } },
    { id: '06.3', state: { ...base, rounds: 8 }, look: ['curve', 'rounds'], attempt: { set: { rounds: 16 } } },
    { id: '06.4', state: { ...base, rounds: 8 }, look: ['rounds'], attempt: { set: { rounds: 2 } } },
    { id: '06.5', state: base, look: ['rounds-table'], attempt: { set: { token: 55 } } },
    {
      id: '06.6',
      state: { ...base, rounds: 16, duplicates: 'counted' },
      look: ['curve', 'duplicates'],
      attempt: { set: { duplicates: 'divided' } },
    },
  ],
};
