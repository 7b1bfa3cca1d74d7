import type { Chapter } from './chapter';

/** One chunk holds all tokens and nothing is masked: this is full attention. */
const everyPair = { scene: 'matrix', chunk: 64, bucketMask: false, rounds: 1 } as const;
const longer = { n: 512, chunk: 64, rounds: 1 } as const;

/** Why attention costs n² in time and memory. */
export const everyPairs: Chapter = {
  id: '02',
  steps: [
    { id: '02.1', state: everyPair, look: ['matrix'], attempt: { set: { token: 60 } } },
    { id: '02.2', state: { ...everyPair, token: 53 }, look: ['seen-keys'], attempt: { set: { length: 2 } } },
    { id: '02.3', state: { ...longer, scene: 'matrix' }, look: ['times', 'n'], attempt: { set: { n: 1024 } } },
    { id: '02.4', state: longer, look: ['times'], attempt: { press: 'measure' } },
  ],
};
