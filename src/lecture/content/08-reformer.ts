import { tower } from './base';
import type { Chapter } from './chapter';

const model = { ...tower, layers: 1, towerPhase: 2 } as const;
/** A loss far below that of guessing, in nats. */
const learnt = 0.5;

/** Both ideas in one model, trained here. */
export const reformer: Chapter = {
  id: '08',
  steps: [
    { id: '08.1', state: model, look: [], figure: 'task', attempt: { press: 'figure-button' } },
    {
      id: '08.2',
      state: model,
      look: ['loss', 'train'],
      figure: 'task',
      attempt: { press: 'train', below: ['loss', learnt] },
    },
    {
      id: '08.3',
      state: { ...model, standard: true },
      look: ['standard', 'loss'],
      figure: 'task',
      attempt: { press: 'train', below: ['lossStandard', learnt] },
    },
    {
      id: '08.4',
      state: { ...model, standard: true },
      look: ['accuracy', 'rounds'],
      attempt: { set: { rounds: 8 } },
    },
    {
      id: '08.5',
      state: { ...model, layers: 6, towerPhase: 12 },
      look: [],
      figure: 'bleu',
      attempt: { press: 'figure-button' },
    },
  ],
};
