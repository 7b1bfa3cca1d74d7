import { tower } from './base';
import type { Chapter } from './chapter';

/** Reversible layers: activations are computed again, not kept. */
export const backwards: Chapter = {
  id: '07',
  steps: [
    {
      id: '07.1',
      state: { ...tower, towerPhase: 6 },
      look: [],
      figure: 'two-layers',
      attempt: { set: { towerPhase: 8 } },
    },
    { id: '07.2', state: { ...tower, towerPhase: 7 }, look: ['stage', 'readout'], attempt: { set: { towerPhase: 6 } } },
    {
      id: '07.3',
      state: { ...tower, towerPhase: 8 },
      look: ['stage', 'readout'],
      attempt: { set: { towerPhase: 12 } },
    },
    {
      id: '07.4',
      state: { ...tower, layers: 24, towerPhase: 48 },
      look: ['memory', 'keep'],
      attempt: { set: { keep: 'activations' } },
    },
    {
      id: '07.5',
      state: { ...tower, layers: 8, towerPhase: 32 },
      look: ['readout'],
      attempt: { set: { towerPhase: 17 } },
    },
  ],
};
