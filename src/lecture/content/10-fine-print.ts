import { base } from './base';
import type { Chapter } from './chapter';

/** What the method costs, misses, and what became of it. */
export const finePrint: Chapter = {
  id: '10',
  steps: [
    { id: '10.1', state: base, look: ['times'], attempt: { press: 'measure' } },
    {
      id: '10.2',
      state: { ...base, rounds: 8, token: 55, length: 2 },
      look: ['missed-keys', 'length'],
      attempt: { set: { length: 8 } },
    },
    { id: '10.3', state: { ...base, preset: 'trax' }, look: ['preset'], attempt: { set: { bucketMask: true } } },
    { id: '10.4', state: { ...base, rounds: 8, scene: 'matrix' }, look: ['matrix'], attempt: { set: { rounds: 1 } } },
  ],
};
