import { windowLength } from '../../algorithm/settings';
import { formatBytes, formatNumber, formatPercent } from '../../shared/format';
import type { State } from '../../state/schema';
import { settingsOf } from '../../state/state';
import type { FigureKind, ShownFigures } from '../../ui/figures';
import { twinOf } from './twin';

export interface Live {
  of: (shown: ShownFigures, state: State) => number | undefined;
  write: (value: number) => string;
  /** True for a number that follows from the settings alone. It is right in any state, so that any sentence may contain it. */
  isSetting?: boolean;
}

/** Numbers by the names of live figures. */
export type Numbers = ReadonlyMap<string, number>;

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const milliseconds = (value: number): string => `${formatNumber(value)} ms`;
const shownNumber =
  (kind: FigureKind, index: string | ((state: State) => string | number) = '0'): Live['of'] =>
  (shown, state) =>
    shown.get(kind, typeof index === 'string' ? index : index(state));

/** Figures in the texts that follow the numbers and settings that the page shows now, by name. */
export const live: Record<string, Live> = {
  token: { of: (_, { token, n }) => Math.min(token, n - 1), write: String, isSetting: true },
  n: { of: (_, { n }) => n, write: whole, isSetting: true },
  pairs: { of: (_, { n }) => n ** 2, write: whole, isSetting: true },
  chunk: { of: (_, { chunk }) => chunk, write: String, isSetting: true },
  rounds: { of: (_, { rounds }) => rounds, write: String, isSetting: true },
  layers: { of: (_, { layers }) => layers, write: String, isSetting: true },
  window: { of: (_, state) => windowLength(settingsOf(state)), write: String, isSetting: true },
  slots: { of: (_, state) => state.rounds * windowLength(settingsOf(state)), write: whole, isSetting: true },
  twin: { of: (_, state) => twinOf(state), write: String, isSetting: true },
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
  smallestBucket: {
    of: (shown) => {
      const sizes = shown.all('bucket-size');
      return sizes.length ? Math.min(...sizes) : undefined;
    },
    write: whole,
  },
  mostWeight: {
    of: (shown) => {
      const weights = shown.all('round-weight');
      return weights.length ? Math.max(...weights) : undefined;
    },
    write: formatPercent,
  },
  fullTime: { of: shownNumber('step-milliseconds', 'full attention'), write: milliseconds },
  kept: { of: shownNumber('kept-bytes'), write: formatBytes },
  shared: { of: shownNumber('shared-bytes'), write: formatBytes },
  activationsAll: { of: shownNumber('activation-bytes', ({ layers }) => `activations ${layers}`), write: formatBytes },
  activationsReversible: {
    of: shownNumber('activation-bytes', ({ layers }) => `buckets ${layers}`),
    write: formatBytes,
  },
  drift: { of: (shown) => shown.all('drift')[0], write: formatNumber },
  flipped: { of: (shown) => shown.all('flipped')[0], write: (share) => `${formatNumber(100 * share)} %` },
  loss: { of: shownNumber('loss', 'reversible'), write: formatNumber },
  lossStandard: { of: shownNumber('loss', 'standard'), write: formatNumber },
  gpuBytes: { of: shownNumber('held'), write: formatBytes },
  bytesPerToken: {
    of: (shown, { n }) => {
      const held = shown.get('held');
      return held && held / n;
    },
    write: (value) => `${formatNumber(value)} B`,
  },
};

/** All live figures that are known in a state. */
export function numbersOf(shown: ShownFigures, state: State): Numbers {
  const known = Object.entries(live).map(([name, { of }]) => [name, of(shown, state)] as const);
  return new Map(known.filter((entry): entry is readonly [string, number] => entry[1] !== undefined));
}
