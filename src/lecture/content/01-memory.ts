import type { Chapter } from './chapter';

const tower = { scene: 'tower', layers: 6, keep: 'activations' } as const;

/** Why a deep network fills the memory. */
export const memory: Chapter = {
  id: '01',
  steps: [
    { id: '01.1', state: { ...tower, towerPhase: 12 }, look: ['stage'], attempt: { press: 'play' } },
    { id: '01.2', state: { ...tower, towerPhase: 17 }, look: ['readout'], attempt: { set: { towerPhase: 24 } } },
    {
      id: '01.3',
      state: { ...tower, layers: 24, towerPhase: 48 },
      look: ['memory', 'layers'],
      attempt: { set: { layers: 8, towerPhase: 16 } },
    },
    { id: '01.4', state: {}, look: ['stage'], attempt: { set: { token: 50 } } },
  ],
};
