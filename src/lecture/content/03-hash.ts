import { base } from './base';
import type { Chapter } from './chapter';

const once = { ...base, rounds: 1 } as const;
const ball = { ...once, scene: 'sphere', d: 3, buckets: '8', turn: 0 } as const;

/** Random directions put similar vectors into one bucket. */
export const hash: Chapter = {
  id: '03',
  steps: [
    { id: '03.1', state: once, look: ['stage', 'rounds-table'], attempt: { set: { token: 52 } } },
    { id: '03.2', state: { ...ball, input: 'sphere' }, look: ['stage'], attempt: { set: { turn: 40 } } },
    { id: '03.3', state: { ...once, noise: 0.05 }, look: ['noise', 'curve'], attempt: { set: { noise: 1.5 } } },
    {
      id: '03.4',
      state: { ...ball, noise: 0.1, token: 48 },
      look: ['stage', 'missed-keys'],
      attempt: { set: { turn: 10 } },
    },
  ],
};
