import type { Chapter } from './chapter';

/** What the method costs, misses, and what became of it. */
export const finePrint: Chapter = {
  id: '10',
  steps: [
    { id: '10.1', state: {}, look: ['times'], attempt: { press: 'measure' } },
    { id: '10.2', state: { rounds: 2, token: 55 }, look: ['missed-keys', 'missed'], attempt: { set: { rounds: 8 } } },
    { id: '10.3', state: { preset: 'trax' }, look: ['preset'], attempt: { set: { bucketMask: true } } },
    { id: '10.4', state: { rounds: 8, scene: 'matrix' }, look: ['matrix'], attempt: { set: { rounds: 1 } } },
  ],
};
