import type { State } from '../../state/schema';
import { type Shown, twinOf } from './live';

/** A part of an answer: one of some options, any of them, a number, or all pieces in order. */
export type QuestionPart =
  | { kind: 'one' | 'some'; id: string; options: readonly string[] }
  | { kind: 'number'; id: string }
  | { kind: 'order'; id: string; options: readonly string[] };

/** What was answered, by part: an option, options, pieces in order, or the text of a number. */
export type Answer = Readonly<Record<string, string | readonly string[]>>;

export interface Judgement {
  verdict: 'right' | 'wrong' | 'not yet';
  /** The id of the words that say why. */
  because: string;
}

export interface Attempted {
  state: State;
  /** The numbers that the page shows for that state. */
  shown: Shown;
  answer: Answer;
}

/** A question that is answered by doing: by settings, by numbers read, and by reasons. */
export interface Question {
  id: string;
  /** Where it begins. */
  state: Partial<State>;
  look: string[];
  /** The step that shows it. */
  back: string;
  parts: readonly QuestionPart[];
  judge(attempted: Attempted): Judgement;
}

const right: Judgement = { verdict: 'right', because: 'right' };
const wrong = (because: string): Judgement => ({ verdict: 'wrong', because });
const notYet = (because: string): Judgement => ({ verdict: 'not yet', because });

/** The first judgement that there is; right if there is none. */
const firstOf = (...found: (Judgement | false)[]): Judgement => found.find((one) => one !== false) ?? right;

/** A part with one right option: not yet, wrong with the words of the option, or false. */
function chosen(answer: Answer, part: string, rightOne: string): Judgement | false {
  const option = answer[part];
  if (typeof option !== 'string' || option === '') return notYet('choose');
  return option !== rightOne && wrong(`${part}.${option}`);
}

const numberOf = (answer: Answer, part: string): number => {
  const text = String(answer[part] ?? '').replaceAll(/[,\s]/g, '');
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
};

/** Share of full attention's weight that has to be captured in question 7. */
export const wanted = 0.75;

/** Tokens of question 8: with fewer, what does not grow weighs more than what does. */
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
        chosen(answer, 'kept', 'backpropagation'),
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
      const wantedSeen = shown.get('keys-seen 0');
      return firstOf(
        (Number.isNaN(seen) || wantedSeen === undefined) && notYet('number'),
        seen !== wantedSeen && wrong('seen'),
        chosen(answer, 'spared', 'faster'),
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
        chosen(answer, 'time', 'longer'),
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
        backOrder.some((piece, k) => order[k] !== piece) && wrong('back'),
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
        chosen(answer, 'square', 'lsh'),
        chosen(answer, 'depth', 'reversible'),
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
      const captured = (count: number) => shown.get(`curve-captured ${count}`);
      const now = captured(rounds);
      return firstOf(
        (now === undefined || now < wanted) && notYet('few'),
        (captured(rounds - 1) ?? 0) >= wanted && wrong('many'),
        chosen(answer, 'hashes', 'slower'),
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
        chosen(answer, 'growth', 'twofold'),
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
        !shown.has(`key-weight ${twinOf(state)}`) && notYet('twin'),
        !isSame && wrong('one'),
        chosen(answer, 'chunks', 'split'),
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
      const isTrained = shown.has('loss reversible') && shown.has('loss standard');
      return firstOf(
        (scene !== 'tower' || !standard || !isTrained) && notYet('train'),
        chosen(answer, 'bleu', 'tuning'),
      );
    },
  },
];

export const questionOf = (id: string): Question | undefined => questions.find((question) => question.id === id);
