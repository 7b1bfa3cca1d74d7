import type { Chapter } from './chapter';

/** What each further hash round catches, and costs. */
export const moreHashes: Chapter = {
  id: '06',
  steps: [
    { id: '06.1', state: { rounds: 1, token: 55 }, look: ['missed-keys'], attempt: { set: { rounds: 2 } } },
    { id: '06.2', state: { rounds: 4, round: 4, token: 55 }, look: ['seen-keys'], attempt: { set: { round: 1 } } },
    { id: '06.3', state: { rounds: 8 }, look: ['curve', 'rounds'], attempt: { set: { rounds: 16 } } },
    { id: '06.4', state: { rounds: 8 }, look: ['times'], attempt: { set: { rounds: 2 } } },
    { id: '06.5', state: { rounds: 4 }, look: ['rounds-table'], attempt: { set: { token: 55 } } },
    {
      id: '06.6',
      state: { rounds: 16, duplicates: 'counted' },
      look: ['curve', 'duplicates'],
      attempt: { set: { duplicates: 'divided' } },
    },
  ],
};
