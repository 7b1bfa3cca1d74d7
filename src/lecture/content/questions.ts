import type { State } from '../../state/schema';
import type { ShownFigures } from '../../ui/figures';
import { twinOf } from './twin';

/** A part of an answer: one option, any options, a number, or all options in order. */
export type QuestionPart =
  | { kind: 'one' | 'some'; id: string; options: readonly string[] }
  | { kind: 'number'; id: string }
  | { kind: 'order'; id: string; options: readonly string[] };

/** The answer by part: an option, options, ordered options, or the text of a number. */
export type Answer = Readonly<Record<string, string | readonly string[]>>;

export interface Judgement {
  verdict: 'right' | 'wrong' | 'not yet';
  /** The id of the sentence that explains the verdict. */
  reason: string;
}

export interface Attempted {
  state: State;
  /** The numbers that the page shows for that state. */
  shown: ShownFigures;
  answer: Answer;
}

/** A question that is answered on the page: by settings, by numbers read from it, and by choices. */
export interface Question {
  id: string;
  /** The page's state when the question opens. */
  state: Partial<State>;
  look: string[];
  /** The id of the step that shows the answer. */
  back: string;
  parts: readonly QuestionPart[];
  judge(attempted: Attempted): Judgement;
}

const right: Judgement = { verdict: 'right', reason: 'right' };
const wrong = (reason: string): Judgement => ({ verdict: 'wrong', reason });
const notYet = (reason: string): Judgement => ({ verdict: 'not yet', reason });

/** The first judgement, or `right` if all are false. */
const firstOf = (...judgements: (Judgement | false)[]): Judgement =>
  judgements.find((judgement) => judgement !== false) ?? right;

/** Judges a part with one right option: not yet, wrong with the option's sentence, or false if it is right. */
function judgeChoice(answer: Answer, part: string, rightOption: string): Judgement | false {
  const option = answer[part];
  if (typeof option !== 'string' || option === '') return notYet('choose');
  return option !== rightOption && wrong(`${part}.${option}`);
}

const numberOf = (answer: Answer, part: string): number => {
  const text = String(answer[part] ?? '').trim();
  // Commas and blanks part thousands, as in 1,000,000. Any other comma is a decimal comma.
  const plain = /^\d{1,3}([,\s]\d{3})+$/.test(text) ? text.replaceAll(/[,\s]/g, '') : text.replace(',', '.');
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : Number.NaN;
};

/** Share of full attention's weight that question 7 asks to capture. */
export const leastCaptured = 0.75;

/** Tokens at the start of question 8. With fewer, buffers of fixed size would outweigh those that grow. */
const doubledFrom = 16384;

const tower = { scene: 'tower' } as const;
const split = { rounds: 1, buckets: '8', lookBack: 0 } as const;
const backOrder = ['feedForward', 'x2', 'attention', 'x1'];

/** The ten questions that a visitor should be able to answer. */
export const questions: readonly Question[] = [
  {
    id: 'q1',
    state: { ...tower, layers: 6, towerPhase: 3 },
    look: ['towerPhase', 'keep'],
    back: '01.3',
    parts: [{ kind: 'some', id: 'costs', options: ['parallel', 'activations', 'pairs'] }],
    judge({ state: { scene, keep, towerPhase, layers }, answer }) {
      const costs = answer.costs ?? [];
      return firstOf(
        !(scene === 'tower' && keep === 'activations' && towerPhase === 2 * layers) && notYet('most'),
        costs.length === 0 && notYet('choose'),
        costs.includes('parallel') && wrong('costs.parallel'),
        costs.length < 2 && wrong('costs.missing'),
      );
    },
  },
  {
    id: 'q2',
    state: { ...tower, layers: 3, keep: 'activations', towerPhase: 0 },
    look: ['towerPhase'],
    back: '01.2',
    parts: [{ kind: 'one', id: 'kept', options: ['again', 'backpropagation', 'text'] }],
    judge({ state: { scene, towerPhase, layers, keep }, answer }) {
      return firstOf(
        (scene !== 'tower' || keep !== 'activations' || towerPhase === 0) && notYet('run'),
        towerPhase <= 2 * layers && wrong('up'),
        towerPhase > 2 * layers + 1 && wrong('late'),
        judgeChoice(answer, 'kept', 'backpropagation'),
      );
    },
  },
  {
    id: 'q3',
    state: { rounds: 2, token: 50 },
    look: ['readout'],
    back: '03.4',
    parts: [
      { kind: 'number', id: 'seen' },
      { kind: 'one', id: 'spared', options: ['accurate', 'faster', 'layers'] },
    ],
    judge({ shown, answer }) {
      const seen = numberOf(answer, 'seen');
      const shownSeen = shown.get('keys-seen');
      return firstOf(
        (Number.isNaN(seen) || shownSeen === undefined) && notYet('number'),
        seen !== shownSeen && wrong('seen'),
        judgeChoice(answer, 'spared', 'faster'),
      );
    },
  },
  {
    id: 'q4',
    state: { ...tower, layers: 24, towerPhase: 48, keep: 'activations' },
    look: ['keep', 'memory'],
    back: '07.4',
    parts: [{ kind: 'one', id: 'time', options: ['shorter', 'same', 'longer'] }],
    judge({ state: { scene, layers, towerPhase, keep }, answer }) {
      return firstOf(
        (scene !== 'tower' || layers !== 24 || towerPhase !== 48) && wrong('others'),
        keep !== 'buckets' && notYet('least'),
        judgeChoice(answer, 'time', 'longer'),
      );
    },
  },
  {
    id: 'q5',
    state: { ...tower, layers: 1, towerPhase: 2 },
    look: ['stage'],
    back: '07.3',
    parts: [{ kind: 'order', id: 'back', options: ['x1', 'attention', 'x2', 'feedForward'] }],
    judge({ state: { scene, layers, towerPhase }, answer }) {
      const order = answer.back ?? [];
      return firstOf(
        (scene !== 'tower' || towerPhase < 4 * layers) && notYet('bottom'),
        order.length < backOrder.length && notYet('choose'),
        backOrder.some((option, k) => order[k] !== option) && wrong('back'),
      );
    },
  },
  {
    id: 'q6',
    state: { ...tower, layers: 2, towerPhase: 4, keep: 'activations', trainRounds: 0 },
    look: ['keep', 'trainRounds'],
    back: '08.1',
    parts: [
      { kind: 'one', id: 'square', options: ['reversible', 'lsh', 'slices'] },
      { kind: 'one', id: 'depth', options: ['slices', 'lsh', 'reversible'] },
    ],
    judge({ state: { scene, keep, trainRounds }, answer }) {
      return firstOf(
        (scene !== 'tower' || keep !== 'buckets' || trainRounds === 0) && notYet('both'),
        judgeChoice(answer, 'square', 'lsh'),
        judgeChoice(answer, 'depth', 'reversible'),
      );
    },
  },
  {
    id: 'q7',
    state: { rounds: 1 },
    look: ['rounds', 'curve'],
    back: '06.3',
    parts: [{ kind: 'one', id: 'hashes', options: ['free', 'slower', 'worse'] }],
    judge({ state: { rounds }, shown, answer }) {
      const captured = (count: number) => shown.get('curve-captured', count);
      const now = captured(rounds);
      return firstOf(
        (now === undefined || now < leastCaptured) && notYet('few'),
        (captured(rounds - 1) ?? 0) >= leastCaptured && wrong('many'),
        judgeChoice(answer, 'hashes', 'slower'),
      );
    },
  },
  {
    id: 'q8',
    state: { n: doubledFrom, chunk: 64, rounds: 1 },
    look: ['n', 'device'],
    back: '09.4',
    parts: [
      { kind: 'number', id: 'words' },
      { kind: 'one', id: 'growth', options: ['fourfold', 'constant', 'twofold'] },
    ],
    judge({ state: { n }, answer }) {
      const count = numberOf(answer, 'words');
      return firstOf(
        n < 4 * doubledFrom && notYet('doubled'),
        Number.isNaN(count) && notYet('number'),
        !(count >= 9e5 && count <= 1.1e6) && wrong('words'),
        judgeChoice(answer, 'growth', 'twofold'),
      );
    },
  },
  {
    id: 'q9',
    state: split,
    look: ['lookBack', 'readout'],
    back: '05.2',
    parts: [{ kind: 'one', id: 'chunks', options: ['future', 'split', 'first'] }],
    judge({ state, shown, answer }) {
      const { rounds, buckets, chunk, token, seed, noise } = state;
      const isSame =
        rounds === 1 && buckets === '8' && chunk === 8 && token === 41 && seed === 5 && Math.abs(noise - 0.3) < 1e-9;
      return firstOf(
        shown.get('key-weight', twinOf(state)) === undefined && notYet('twin'),
        !isSame && wrong('one'),
        judgeChoice(answer, 'chunks', 'split'),
      );
    },
  },
  {
    id: 'q10',
    state: { ...tower, layers: 1, towerPhase: 2, standard: true },
    look: ['train', 'loss'],
    back: '08.5',
    parts: [{ kind: 'one', id: 'bleu', options: ['layers', 'hashing', 'tuning'] }],
    judge({ state: { scene, standard }, shown, answer }) {
      const isTrained = ['reversible', 'standard'].every((model) => shown.get('loss', model) !== undefined);
      return firstOf(
        (scene !== 'tower' || !standard || !isTrained) && notYet('train'),
        judgeChoice(answer, 'bleu', 'tuning'),
      );
    },
  },
];

export const questionOf = (id: string): Question | undefined => questions.find((question) => question.id === id);
