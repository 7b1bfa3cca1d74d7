import type { State } from '../../state/schema';
import { base, tower } from './base';

/** A part of an answer: one option, any options, a number, or all options in order. */
export type QuestionPart =
  | { kind: 'one' | 'some'; id: string; options: readonly string[] }
  | { kind: 'number'; id: string }
  | { kind: 'order'; id: string; options: readonly string[] };

/** The answer by part: an option, options, ordered options, or the text of a number. */
export type Answer = Readonly<Record<string, string | readonly string[]>>;

/** A question that is answered on the page: by settings, by numbers read from it, and by choices. */
export interface Question {
  id: string;
  /** The page's state when the question opens. */
  state: Partial<State>;
  look: string[];
  /** The id of the step that shows the answer. */
  back: string;
  parts: readonly QuestionPart[];
}

/** Share of full attention's weight that question 7 asks to capture. */
export const leastCaptured = 0.75;

/** Tokens at the start of question 8. With fewer, buffers of fixed size would outweigh those that grow. */
export const doubledFrom = 16384;

const split = { ...base, rounds: 1, buckets: '8', lookBack: 0 } as const;

/** A loss by which a model has found the word again, in nats; guessing among 31 symbols loses 3.4. */
export const learntLoss = 1;

/** The ten questions that a visitor should be able to answer. */
export const questions: readonly Question[] = [
  {
    id: 'q1',
    state: { ...tower, layers: 6, towerPhase: 3 },
    look: ['towerPhase', 'keep'],
    back: '01.3',
    parts: [{ kind: 'some', id: 'costs', options: ['parallel', 'activations', 'pairs'] }],
  },
  {
    id: 'q2',
    state: { ...tower, layers: 3, keep: 'activations', towerPhase: 0 },
    look: ['towerPhase'],
    back: '01.2',
    parts: [{ kind: 'one', id: 'kept', options: ['again', 'backpropagation', 'text'] }],
  },
  {
    id: 'q3',
    state: { ...base, rounds: 2, token: 50 },
    look: ['readout'],
    back: '03.4',
    parts: [
      { kind: 'number', id: 'seen' },
      { kind: 'one', id: 'spared', options: ['accurate', 'faster', 'layers'] },
    ],
  },
  {
    id: 'q4',
    state: { ...tower, layers: 24, towerPhase: 48, keep: 'activations' },
    look: ['keep', 'memory'],
    back: '07.4',
    parts: [{ kind: 'one', id: 'time', options: ['shorter', 'same', 'longer'] }],
  },
  {
    id: 'q5',
    state: { ...tower, layers: 1, towerPhase: 2 },
    look: ['stage'],
    back: '07.3',
    parts: [{ kind: 'order', id: 'back', options: ['attention', 'x2', 'x1', 'feedForward'] }],
  },
  {
    id: 'q6',
    state: { ...tower, layers: 2, towerPhase: 4, keep: 'activations', trainRounds: 0, taskLength: 256 },
    look: ['keep', 'trainRounds'],
    back: '08.1',
    parts: [
      { kind: 'one', id: 'square', options: ['reversible', 'lsh', 'slices'] },
      { kind: 'one', id: 'depth', options: ['slices', 'lsh', 'reversible'] },
    ],
  },
  {
    id: 'q7',
    state: { ...base, rounds: 1 },
    look: ['rounds', 'curve'],
    back: '06.3',
    parts: [{ kind: 'one', id: 'hashes', options: ['free', 'slower', 'worse'] }],
  },
  {
    id: 'q8',
    state: { ...base, n: doubledFrom, chunk: 64, rounds: 1 },
    look: ['n', 'device'],
    back: '09.4',
    parts: [
      { kind: 'number', id: 'words' },
      { kind: 'one', id: 'growth', options: ['fourfold', 'constant', 'twofold'] },
    ],
  },
  {
    id: 'q9',
    state: split,
    look: ['lookBack', 'readout'],
    back: '05.2',
    parts: [{ kind: 'one', id: 'chunks', options: ['future', 'split', 'first'] }],
  },
  {
    id: 'q10',
    state: { ...tower, layers: 1, towerPhase: 2, standard: true },
    look: ['train', 'loss'],
    back: '08.5',
    parts: [{ kind: 'one', id: 'bleu', options: ['layers', 'hashing', 'tuning'] }],
  },
];

export const questionOf = (id: string): Question | undefined => questions.find((question) => question.id === id);
