import { base } from './base';
import type { Chapter } from './chapter';

const once = { ...base, rounds: 1, scene: 'loom' } as const;

/** Buckets are uneven, chunks are equal. */
export const sortAndChunk: Chapter = {
  id: '04',
  steps: [
    { id: '04.1', state: once, look: ['sorted'], attempt: { set: { token: 9 } } },
    {
      id: '04.2',
      state: { ...once, buckets: '8' },
      look: ['buckets-chart', 'buckets'],
      attempt: { set: { buckets: '4' } },
    },
    { id: '04.3', state: once, look: ['window', 'chunk'], attempt: { set: { chunk: 16 } } },
    {
      id: '04.4',
      state: { ...once, scene: 'matrix', matrixOrder: 'sorted', matrixRounds: 'one' },
      look: ['matrix'],
      attempt: { set: { matrixOrder: 'original' } },
    },
    { id: '04.5', state: once, look: ['sorted'], attempt: { press: 'sort-yourself' } },
  ],
};
