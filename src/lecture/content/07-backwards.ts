import type { Chapter } from './chapter';

const tower = { scene: 'tower', layers: 3 } as const;

/** Reversible layers: activations are computed again, not kept. */
export const backwards: Chapter = {
  id: '07',
  steps: [
    { id: '07.1', state: { ...tower, moment: 2 }, look: ['stage', 'readout'], attempt: { press: 'play' } },
    { id: '07.2', state: { ...tower, moment: 7 }, look: ['stage', 'readout'], attempt: { set: { moment: 6 } } },
    { id: '07.3', state: { ...tower, moment: 8 }, look: ['stage', 'readout'], attempt: { set: { moment: 12 } } },
    {
      id: '07.4',
      state: { ...tower, layers: 24, moment: 48 },
      look: ['memory', 'keep'],
      attempt: { set: { keep: 'activations' } },
    },
    { id: '07.5', state: { ...tower, layers: 8, moment: 32 }, look: ['readout'], attempt: { set: { moment: 17 } } },
  ],
};
