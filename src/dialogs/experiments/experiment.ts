import type { ExperimentKind, Said } from '../../explain/experiments';
import type { Operand } from '../../explain/explanation';
import { formatPercent } from '../../shared/format';
import type { State } from '../../state/schema';
import type { TrialResult, Trials } from './trials';

/** A number that an experiment measured. */
export interface Figure {
  kind: ExperimentKind;
  index: string;
  value: number;
  text: string;
  said: Said;
}

/** One side of a switch, and what was measured of it. */
export interface Side {
  name: string;
  figures: Figure[];
  /** What puts it into the page, if the page has that switch. */
  change?: Partial<State>;
}

/** What an experiment found. */
export interface Found {
  columns: string[];
  sides: Side[];
  /** More numbers of each side by hash rounds, drawn as lines: [sides][rounds]. */
  lines?: Figure[][];
  /** One or two sentences, made from the numbers measured. */
  finding: (string | Figure)[];
}

export interface Experiment {
  id: string;
  title: string;
  /** What it is about, in a sentence. */
  why: string;
  run(trials: Trials): Promise<Found>;
}

/** Makes the figures of one experiment; they are named by it. */
export function figures(id: string) {
  return (
    kind: ExperimentKind,
    name: string,
    value: number,
    write: (value: number) => string,
    { title, operands, note }: Said,
  ): Figure => ({ kind, index: `${id} ${name}`, value, text: write(value), said: { title, operands, note } });
}

export const whole = (value: number): string => value.toLocaleString('en');

export const share = (value: number): string => (value === 0 ? '0 %' : formatPercent(value));

/** What a run was made with. */
export function madeWith({ job: { settings, vectors } }: TrialResult): Operand[] {
  const { heads, n, d } = vectors.shape;
  return [
    { name: 'heads × tokens × head size', value: `${heads} × ${whole(n)} × ${d}` },
    { name: 'hash rounds', value: settings.rounds },
    { name: 'buckets', value: settings.factors.join(' · ') },
    { name: 'chunk m, look-back', value: `${settings.chunk}, ${settings.lookBack}` },
    { name: 'own bucket only', value: settings.bucketMask ? 'yes' : 'no' },
    { name: 'repeated pairs', value: settings.duplicates },
  ];
}
