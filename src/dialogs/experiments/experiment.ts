import type { ExperimentKind, MeasuredExplanation } from '../../explain/experiments';
import type { Operand } from '../../explain/explanation';
import { experiments as words } from '../../language/experiments';
import { formatPercent } from '../../shared/format';
import type { State } from '../../state/schema';
import type { TrialResult, Trials } from './trials';

/** A number that an experiment measured. */
export interface Figure {
  kind: ExperimentKind;
  index: string;
  value: number;
  text: string;
  explanation: MeasuredExplanation;
}

/** One side of a switch, with the numbers measured on it. */
export interface Side {
  name: string;
  figures: Figure[];
  /** The change of the page's setting that leads to this side, if the page has that switch. */
  change?: Partial<State>;
}

export interface ExperimentResult {
  columns: string[];
  sides: Side[];
  /** More numbers of each side by hash rounds, drawn as lines: [sides][rounds]. */
  lines?: Figure[][];
  /** One or two sentences that state the result, with measured numbers in them. */
  finding: (string | Figure)[];
}

export interface Experiment {
  id: string;
  title: string;
  /** Why the experiment matters, in one to three sentences. */
  why: string;
  run(trials: Trials): Promise<ExperimentResult>;
}

/** A function that makes the figures of one experiment. A figure's `key` is unique among those of its kind. */
export function figureMaker(experimentId: string) {
  return (
    kind: ExperimentKind,
    key: string,
    value: number,
    format: (value: number) => string,
    explanation: MeasuredExplanation,
  ): Figure => ({ kind, index: `${experimentId} ${key}`, value, text: format(value), explanation });
}

export const formatCount = (value: number): string => value.toLocaleString('en');

/** A share as a percentage. Zero has no decimals. */
export const formatShare = (value: number): string => (value === 0 ? '0 %' : formatPercent(value));

const duplicateNames: Record<State['duplicates'], string> = words.duplicates;

/** The settings of a run, as operands of a number that it produced. */
export function settingOperands({ job: { settings, vectors } }: TrialResult): Operand[] {
  const { heads, n, d } = vectors.shape;
  const names = words.operands;
  return [
    { name: names.shape, value: `${heads} × ${formatCount(n)} × ${d}` },
    { name: names.rounds, value: settings.rounds },
    { name: names.buckets, value: settings.factors.join(' · ') },
    { name: names.window, value: `${settings.chunk}, ${settings.lookBack}` },
    { name: names.bucketMask, value: settings.bucketMask ? names.yes : names.no },
    { name: names.duplicates, value: duplicateNames[settings.duplicates] },
  ];
}
