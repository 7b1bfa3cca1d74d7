import { windowLength } from '../../algorithm/settings';
import { bytes, percent, short } from '../../shared/format';
import type { State } from '../../state/schema';
import { settingsOf } from '../../state/state';

/** The numbers that the page shows, by their kind and index. */
export type Shown = ReadonlyMap<string, number>;

export interface Live {
  of: (shown: Shown, state: State) => number | undefined;
  write: (value: number) => string;
  /** Differs each time it is measured. */
  isTime?: boolean;
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const milliseconds = (value: number): string => `${short(value)} ms`;
const one =
  (kind: string, index: string | ((state: State) => string | number) = '0'): Live['of'] =>
  (shown, state) =>
    shown.get(`${kind} ${typeof index === 'string' ? index : index(state)}`);

/** All numbers of a kind. */
export const every = (shown: Shown, kind: string): number[] =>
  [...shown].filter(([name]) => name.startsWith(`${kind} `)).map(([, value]) => value);

/** The early token that a late one repeats, with twins. */
export const twinOf = ({ token, n }: Pick<State, 'token' | 'n'>): number => Math.min(token, n - 1) - Math.ceil(n / 2);

const lshSteps = ['hash', 'sort', 'attend + combine'];

/** The shown milliseconds of LSH attention as a whole. */
export function lshTime(shown: Shown): number | undefined {
  const times = lshSteps.map((step) => shown.get(`step-milliseconds ${step}`));
  return times.every((time) => time !== undefined) ? times.reduce((sum, time) => sum + time, 0) : undefined;
}

const budget = 16e9;

/** Figures in the words that are taken from what the page shows at this moment, or from its settings. */
export const live: Record<string, Live> = {
  token: { of: (_, { token, n }) => Math.min(token, n - 1), write: String },
  n: { of: (_, { n }) => n, write: whole },
  pairs: { of: (_, { n }) => n ** 2, write: whole },
  chunk: { of: (_, { chunk }) => chunk, write: String },
  rounds: { of: (_, { rounds }) => rounds, write: String },
  layers: { of: (_, { layers }) => layers, write: String },
  window: { of: (_, state) => windowLength(settingsOf(state)), write: String },
  slots: { of: (_, state) => state.rounds * windowLength(settingsOf(state)), write: whole },
  seen: { of: one('keys-seen'), write: whole },
  captured: { of: one('token-captured'), write: percent },
  bucket: { of: one('bucket', ({ round, rounds }) => Math.min(round, rounds) - 1), write: String },
  twinWeight: { of: one('key-full', (state) => twinOf(state)), write: percent },
  missedFull: { of: (shown) => every(shown, 'missed-full')[0], write: percent },
  error: { of: one('curve-error', ({ rounds }) => rounds), write: short },
  errorOne: { of: one('curve-error', '1'), write: short },
  capturedAll: { of: one('curve-captured', ({ rounds }) => rounds), write: percent },
  capturedOne: { of: one('curve-captured', '1'), write: percent },
  largestBucket: {
    of: (shown) => {
      const sizes = every(shown, 'bucket-size');
      return sizes.length ? Math.max(...sizes) : undefined;
    },
    write: whole,
  },
  fullTime: { of: one('step-milliseconds', 'full attention'), write: milliseconds, isTime: true },
  lshTime: { of: lshTime, write: milliseconds, isTime: true },
  kept: { of: one('kept-bytes'), write: bytes },
  activationsAll: { of: one('activation-bytes', ({ layers }) => `activations ${layers}`), write: bytes },
  activationsReversible: { of: one('activation-bytes', ({ layers }) => `buckets ${layers}`), write: bytes },
  drift: { of: (shown) => every(shown, 'drift')[0], write: short },
  flipped: { of: (shown) => every(shown, 'flipped')[0], write: percent },
  gpuBytes: { of: one('held'), write: bytes },
  bytesPerToken: {
    of: (shown, { n }) => {
      const held = shown.get('held 0');
      return held && held / n;
    },
    write: (value) => `${short(value)} B`,
  },
  fitsHere: {
    of: (shown, { n }) => {
      const held = shown.get('held 0');
      return held && Math.floor(budget / (held / n));
    },
    write: (value) => `${(value / 1e6).toFixed(0)} million`,
  },
};
