import type { Chapter } from './chapter';

/** Buckets are uneven, chunks are equal. */
export const sortAndChunk: Chapter = {
  id: '04',
  steps: [
    { id: '04.1', state: { rounds: 1, scene: 'loom' }, look: ['sorted'], attempt: { set: { token: 9 } } },
    {
      id: '04.2',
      state: { rounds: 1, scene: 'loom', buckets: '8' },
      look: ['buckets-chart', 'buckets'],
      attempt: { set: { buckets: '4' } },
    },
    { id: '04.3', state: { rounds: 1, scene: 'loom' }, look: ['window', 'chunk'], attempt: { set: { chunk: 16 } } },
    {
      id: '04.4',
      state: { rounds: 1, scene: 'matrix', matrixOrder: 'sorted', matrixRounds: 'one' },
      look: ['matrix'],
      attempt: { set: { matrixOrder: 'original' } },
    },
  ],
};
