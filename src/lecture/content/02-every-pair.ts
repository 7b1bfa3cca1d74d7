import { base } from './base';
import type { Chapter } from './chapter';

/** One chunk holds all tokens and nothing is masked: this is full attention. */
export const everyPair = { scene: 'matrix', chunk: 64, bucketMask: false, rounds: 1 } as const;
/** The same for up to 256 tokens, in two chunks that see each other. */
const longer = { ...base, ...everyPair, n: 128, chunk: 128, lookAhead: 1 } as const;

/** Why attention costs n² in time and memory. */
export const everyPairs: Chapter = {
  id: '02',
  steps: [
    { id: '02.1', state: { ...base, ...everyPair }, look: ['matrix'], attempt: { set: { token: 60 } } },
    {
      id: '02.2',
      state: { ...base, ...everyPair, token: 53 },
      look: ['seen-keys'],
      attempt: { set: { length: 2 } },
    },
    { id: '02.3', state: longer, look: ['matrix', 'n'], attempt: { set: { n: 256 } } },
    { id: '02.4', state: { ...longer, n: 256 }, look: ['matrix'], attempt: { press: 'measure' } },
  ],
};
