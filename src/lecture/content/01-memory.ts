import { everyPair } from './02-every-pair';
import { base, tower } from './base';
import type { Chapter } from './chapter';

const standard = { ...tower, layers: 6, keep: 'activations' } as const;

/** Why a deep network fills the memory. */
export const memory: Chapter = {
  id: '01',
  steps: [
    {
      id: '01.1',
      state: { ...standard, towerPhase: 12 },
      look: [],
      figure: 'standard-layers',
      attempt: { press: 'play', reaches: { towerPhase: 24 } },
    },
    {
      id: '01.2',
      state: { ...standard, towerPhase: 18 },
      look: [],
      figure: 'standard-layers',
      attempt: { set: { towerPhase: 24 } },
    },
    {
      id: '01.3',
      state: { ...standard, layers: 24, towerPhase: 48 },
      look: ['memory', 'layers'],
      figure: 'standard-layers',
      attempt: { set: { layers: 8, towerPhase: 16 } },
    },
    { id: '01.4', state: { ...base, ...everyPair }, look: ['matrix'], attempt: { set: { token: 50 } } },
  ],
};
