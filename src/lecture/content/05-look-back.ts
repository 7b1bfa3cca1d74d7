import { base } from './base';
import type { Chapter } from './chapter';

const split = { ...base, rounds: 1, buckets: '8', scene: 'loom' } as const;

/** A bucket may be split by the edge of a chunk. */
export const lookBack: Chapter = {
  id: '05',
  steps: [
    { id: '05.1', state: split, look: ['window', 'readout'], attempt: { set: { token: 42 } } },
    {
      id: '05.2',
      state: { ...split, lookBack: 0, scene: 'both' },
      look: ['lookBack', 'readout'],
      attempt: { set: { lookBack: 1 } },
    },
    {
      id: '05.3',
      state: { ...split, buckets: '4', token: 39 },
      look: ['buckets-chart'],
      attempt: { set: { buckets: '16' } },
    },
    {
      id: '05.4',
      state: { ...base, preset: 'trax', round: 4, scene: 'loom' },
      look: ['preset', 'window'],
      attempt: { set: { preset: 'paper' } },
    },
  ],
};
