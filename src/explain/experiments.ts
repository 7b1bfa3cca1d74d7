/** Every kind of number of the sweep and the experiments, and what it was made from. */
import type { Declaration, Explanation } from './explanation';

/** What is said of one number: told when it was measured, since no later state can tell it. */
export type Said = Pick<Explanation, 'title' | 'operands' | 'note'>;

/** By `data-kind` and `data-index`, with a space between. */
export type ExperimentsEvidence = ReadonlyMap<string, Said>;

type ExperimentsFigure = Declaration<ExperimentsEvidence>;

const told = (kind: string, declared: Omit<ExperimentsFigure, 'explain'>): ExperimentsFigure => ({
  ...declared,
  explain: (evidence, index) => evidence.get(`${kind} ${index}`),
});

const table = {
  'sweep-error': { formula: 'mean over seeds of ‖out − full‖ / ‖full‖', from: ['out', 'full out'], kernel: 'curve' },
  'sweep-captured': {
    formula: 'mean over seeds of the full weight of seen pairs',
    from: ['lse', 'full lse'],
    kernel: 'curve',
  },
  'sweep-milliseconds': { formula: 'mean over seeds of end − begin', from: ['clock of the device'] },
  'trial-error': { formula: '‖out − full‖ / ‖full‖', from: ['out', 'full out'], kernel: 'curve' },
  'trial-captured': {
    formula: 'mean over queries of exp(lse of seen pairs − lse of all)',
    from: ['lse', 'full lse'],
    kernel: 'curve',
  },
  'trial-slots': { formula: 'R · m · (1 + look-back + look-ahead)', from: ['settings'], source: 'Table 3' },
  'trial-milliseconds': { formula: 'median of end − begin', from: ['clock of the device'] },
  'trial-changed': {
    formula: '| rows that differ | / | rows before the edit |',
    from: ['out', 'out after the edit'],
    kernel: 'attend',
  },
  'trial-largest': { formula: 'max over rounds of tokens in a bucket', from: ['bucket'], kernel: 'histogram' },
  'trial-edge-error': {
    formula: '‖out − full‖ / ‖full‖ over rows of first chunks',
    from: ['out', 'full out', 'order'],
    kernel: 'attend',
  },
  'trial-multiply-adds': { formula: 'h · n · d · R · Σ B_f / 2', from: ['settings'], kernel: 'hash' },
  'trial-hash-milliseconds': { formula: 'median of end − begin', from: ['clock of the device'], kernel: 'hash' },
  'trial-crowded': { formula: '| tokens in such buckets | / | tokens |', from: ['bucket'], kernel: 'histogram' },
  'trial-own-score': { formula: 'mean over tokens of q·q̂', from: ['qk'], source: '§2, shared-QK' },
  'trial-own-weight': {
    formula: 'mean over tokens of 1 / (1 + exp(lse − score))',
    from: ['qk', 'full lse'],
    kernel: 'full',
    source: '§2, shared-QK',
  },
} satisfies Record<string, Omit<ExperimentsFigure, 'explain'>>;

export type ExperimentKind = keyof typeof table;

/** Kinds of numbers shown by the sweep and the experiments, by their `data-kind`. */
export const experimentKinds = Object.fromEntries(
  Object.entries(table).map(([kind, declared]) => [kind, told(kind, declared)]),
) as Record<ExperimentKind, ExperimentsFigure>;
