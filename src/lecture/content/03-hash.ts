import type { Chapter } from './chapter';

const ball = { scene: 'sphere', d: 3, rounds: 1, buckets: '8' } as const;

/** Random directions put similar vectors into one bucket. */
export const hash: Chapter = {
  id: '03',
  steps: [
    { id: '03.1', state: { rounds: 1 }, look: ['stage', 'rounds-table'], attempt: { set: { token: 52 } } },
    { id: '03.2', state: { ...ball, input: 'sphere' }, look: ['stage'], attempt: { set: { turn: 40 } } },
    { id: '03.3', state: { ...ball, noise: 0.1 }, look: ['noise', 'curve'], attempt: { set: { noise: 1 } } },
    { id: '03.4', state: { rounds: 1, token: 37 }, look: ['missed-keys'], attempt: { set: { seed: 6 } } },
  ],
};
