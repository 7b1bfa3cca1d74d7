/** How answers to the questions are judged: by settings, by numbers that the page shows, and by choices. */
import type { State } from '../../state/schema';
import type { ShownFigures } from '../../ui/figures';
import { type Answer, doubledFrom, learntLoss, leastCaptured } from './questions';
import { readCount } from './read-count';
import { twinOf } from './twin';

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

/** The right option of each part; of a part in order, all options in order. */
export const rightAnswers: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>> = {
  q1: { costs: ['activations', 'pairs'] },
  q2: { kept: 'backpropagation' },
  q3: { spared: 'faster' },
  q4: { time: 'longer' },
  q5: { back: ['feedForward', 'x2', 'attention', 'x1'] },
  q6: { square: 'lsh', depth: 'reversible' },
  q7: { hashes: 'slower' },
  q8: { growth: 'twofold' },
  q9: { chunks: 'split' },
  q10: { bleu: 'tuning' },
};

/** True if a part of an answer is right by itself, whatever the settings are. */
export function isRightPart(question: string, part: string, answer: Answer): boolean {
  const expected = rightAnswers[question]?.[part];
  const given = answer[part];
  if (expected === undefined || given === undefined) return false;
  if (typeof expected === 'string' || typeof given === 'string') return expected === given;
  const isOrdered = question === 'q5';
  const list = isOrdered ? given : [...given].sort();
  return list.length === expected.length && expected.every((option, k) => list[k] === option);
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

const numberOf = (answer: Answer, part: string): number => readCount(String(answer[part] ?? ''));

/** Judges the answer to each question, by its id. */
export const judges: Readonly<Record<string, (attempted: Attempted) => Judgement>> = {
  q1({ state: { scene, keep, towerPhase, layers }, answer }) {
    const costs = answer.costs ?? [];
    return firstOf(
      !(scene === 'tower' && keep === 'activations' && towerPhase === 2 * layers) && notYet('most'),
      costs.length === 0 && notYet('choose'),
      costs.includes('parallel') && wrong('costs.parallel'),
      costs.length < 2 && wrong('costs.missing'),
    );
  },

  q2({ state: { scene, towerPhase, layers, keep }, answer }) {
    return firstOf(
      (scene !== 'tower' || keep !== 'activations' || towerPhase === 0) && notYet('run'),
      towerPhase <= 2 * layers && wrong('up'),
      towerPhase > 2 * layers + 1 && wrong('late'),
      judgeChoice(answer, 'kept', 'backpropagation'),
    );
  },

  q3({ shown, answer }) {
    const seen = numberOf(answer, 'seen');
    const shownSeen = shown.get('keys-seen');
    return firstOf(
      (Number.isNaN(seen) || shownSeen === undefined) && notYet('number'),
      seen !== shownSeen && wrong('seen'),
      judgeChoice(answer, 'spared', 'faster'),
    );
  },

  q4({ state: { scene, layers, towerPhase, keep }, answer }) {
    return firstOf(
      (scene !== 'tower' || layers !== 24 || towerPhase !== 48) && wrong('others'),
      keep !== 'buckets' && notYet('least'),
      judgeChoice(answer, 'time', 'longer'),
    );
  },

  q5({ state: { scene, layers, towerPhase }, answer }) {
    const order = answer.back ?? [];
    return firstOf(
      (scene !== 'tower' || towerPhase < 4 * layers) && notYet('bottom'),
      order.length === 0 && notYet('choose'),
      !isRightPart('q5', 'back', answer) && wrong('back'),
    );
  },

  q6({ state: { scene, keep, trainRounds }, answer }) {
    return firstOf(
      (scene !== 'tower' || keep !== 'buckets' || trainRounds === 0) && notYet('both'),
      judgeChoice(answer, 'square', 'lsh'),
      judgeChoice(answer, 'depth', 'reversible'),
    );
  },

  q7({ state: { rounds }, shown, answer }) {
    const captured = (count: number) => shown.get('curve-captured', count);
    const now = captured(rounds);
    return firstOf(
      (now === undefined || now < leastCaptured) && notYet('few'),
      (captured(rounds - 1) ?? 0) >= leastCaptured && wrong('many'),
      judgeChoice(answer, 'hashes', 'slower'),
    );
  },

  q8({ state: { n }, answer }) {
    const count = numberOf(answer, 'words');
    return firstOf(
      n < 4 * doubledFrom && notYet('doubled'),
      Number.isNaN(count) && notYet('number'),
      !(count >= 9e5 && count <= 1.1e6) && wrong('words'),
      judgeChoice(answer, 'growth', 'twofold'),
    );
  },

  q9({ state, shown, answer }) {
    const { rounds, buckets, chunk, token, seed, noise } = state;
    const isSame =
      rounds === 1 && buckets === '8' && chunk === 8 && token === 41 && seed === 5 && Math.abs(noise - 0.3) < 1e-9;
    return firstOf(
      shown.get('key-weight', twinOf(state)) === undefined && notYet('twin'),
      !isSame && wrong('one'),
      judgeChoice(answer, 'chunks', 'split'),
    );
  },

  q10({ state: { scene, standard }, shown, answer }) {
    const losses = ['reversible', 'standard'].map((model) => shown.get('loss', model));
    const isTrained = scene === 'tower' && standard && losses.every((loss) => loss !== undefined);
    return firstOf(
      !isTrained && notYet('train'),
      losses.some((loss) => loss !== undefined && loss > learntLoss) && notYet('longer'),
      judgeChoice(answer, 'bleu', 'tuning'),
    );
  },
};
