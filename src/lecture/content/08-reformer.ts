import type { Chapter } from './chapter';

const model = { scene: 'tower', layers: 1, towerPhase: 2 } as const;

/** Both ideas in one model, trained here. */
export const reformer: Chapter = {
  id: '08',
  steps: [
    { id: '08.1', state: model, look: ['stage'], attempt: { set: { towerPhase: 4 } } },
    { id: '08.2', state: model, look: ['loss', 'train'], attempt: { press: 'train' } },
    { id: '08.3', state: { ...model, standard: true }, look: ['standard', 'loss'], attempt: { press: 'train' } },
    { id: '08.4', state: model, look: ['accuracy', 'rounds'], attempt: { set: { rounds: 8 } } },
    { id: '08.5', state: { ...model, layers: 6, towerPhase: 12 }, look: [] },
  ],
};
