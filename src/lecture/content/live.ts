import { windowLength } from '../../algorithm/settings';
import { lecture as words } from '../../language/lecture';
import { formatBytes, formatNumber, formatPercent } from '../../shared/format';
import type { State } from '../../state/schema';
import { settingsOf } from '../../state/state';
import type { FigureKind, ShownFigures } from '../../ui/figures';
import { twinOf } from './twin';

export interface Live {
  of: (shown: ShownFigures, state: State) => number | undefined;
  write: (value: number) => string;
  /** A measured time, which differs with each run. */
  isTime?: boolean;
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const milliseconds = (value: number): string => `${formatNumber(value)} ms`;
const shownNumber =
  (kind: FigureKind, index: string | ((state: State) => string | number) = '0'): Live['of'] =>
  (shown, state) =>
    shown.get(kind, typeof index === 'string' ? index : index(state));

const lshSteps = ['hash', 'sort', 'attend + combine'];

/** The shown milliseconds of all LSH attention; undefined while a part of it is not shown. */
export function lshTime(shown: ShownFigures): number | undefined {
  const times = lshSteps.map((step) => shown.get('step-milliseconds', step));
  return times.every((time) => time !== undefined) ? times.reduce((sum, time) => sum + time, 0) : undefined;
}

const budget = 16e9;

/** Figures in the texts that follow the numbers and settings that the page shows now, by name. */
export const live: Record<string, Live> = {
  token: { of: (_, { token, n }) => Math.min(token, n - 1), write: String },
  n: { of: (_, { n }) => n, write: whole },
  pairs: { of: (_, { n }) => n ** 2, write: whole },
  chunk: { of: (_, { chunk }) => chunk, write: String },
  rounds: { of: (_, { rounds }) => rounds, write: String },
  layers: { of: (_, { layers }) => layers, write: String },
  window: { of: (_, state) => windowLength(settingsOf(state)), write: String },
  slots: { of: (_, state) => state.rounds * windowLength(settingsOf(state)), write: whole },
  seen: { of: shownNumber('keys-seen'), write: whole },
  captured: { of: shownNumber('token-captured'), write: formatPercent },
  bucket: { of: shownNumber('bucket', ({ round, rounds }) => Math.min(round, rounds) - 1), write: String },
  twinWeight: { of: shownNumber('key-full', (state) => twinOf(state)), write: formatPercent },
  missedFull: { of: (shown) => shown.all('missed-full')[0], write: formatPercent },
  error: { of: shownNumber('curve-error', ({ rounds }) => rounds), write: formatNumber },
  errorOne: { of: shownNumber('curve-error', '1'), write: formatNumber },
  capturedAll: { of: shownNumber('curve-captured', ({ rounds }) => rounds), write: formatPercent },
  capturedOne: { of: shownNumber('curve-captured', '1'), write: formatPercent },
  largestBucket: {
    of: (shown) => {
      const sizes = shown.all('bucket-size');
      return sizes.length ? Math.max(...sizes) : undefined;
    },
    write: whole,
  },
  fullTime: { of: shownNumber('step-milliseconds', 'full attention'), write: milliseconds, isTime: true },
  lshTime: { of: lshTime, write: milliseconds, isTime: true },
  kept: { of: shownNumber('kept-bytes'), write: formatBytes },
  activationsAll: { of: shownNumber('activation-bytes', ({ layers }) => `activations ${layers}`), write: formatBytes },
  activationsReversible: {
    of: shownNumber('activation-bytes', ({ layers }) => `buckets ${layers}`),
    write: formatBytes,
  },
  drift: { of: (shown) => shown.all('drift')[0], write: formatNumber },
  flipped: { of: (shown) => shown.all('flipped')[0], write: formatPercent },
  gpuBytes: { of: shownNumber('held'), write: formatBytes },
  bytesPerToken: {
    of: (shown, { n }) => {
      const held = shown.get('held');
      return held && held / n;
    },
    write: (value) => `${formatNumber(value)} B`,
  },
  fitsHere: {
    of: (shown, { n }) => {
      const held = shown.get('held');
      return held && Math.floor(budget / (held / n));
    },
    write: (value) => words.figures.millions((value / 1e6).toFixed(0)),
  },
};
