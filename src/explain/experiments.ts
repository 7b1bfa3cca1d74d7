/** Every kind of number of the rounds sweep and the experiments. */
import { explain as words } from '../language/explain';
import type { Declaration, ExplainedKind, Explanation } from './explanation';

/** The explanation of one measured number, written when it was measured: the page's later state does not have its operands. */
export type MeasuredExplanation = Pick<Explanation, 'title' | 'operands' | 'note'>;

/** By kind and index, with a space between. */
export type ExperimentsEvidence = ReadonlyMap<string, MeasuredExplanation>;

type ExperimentsFigure = Declaration<ExperimentsEvidence>;

const { paper } = words;

const declarations = {
  'sweep-error': { from: ['out', 'full-out'], kernel: 'curve' },
  'sweep-captured': { from: ['lse', 'full-lse'], kernel: 'curve' },
  'sweep-milliseconds': { from: ['clock'] },
  'trial-error': { from: ['out', 'full-out'], kernel: 'curve' },
  'trial-captured': { from: ['lse', 'full-lse'], kernel: 'curve' },
  'trial-slots': { from: ['settings'], source: paper.memory },
  'trial-milliseconds': { from: ['clock'] },
  'trial-changed': { from: ['out', 'out-after'], kernel: 'attend' },
  'trial-largest': { from: ['bucket'], kernel: 'histogram' },
  'trial-edge-error': { from: ['out', 'full-out', 'order'], kernel: 'attend' },
  'trial-multiply-adds': { from: ['settings'], kernel: 'hash' },
  'trial-hash-milliseconds': { from: ['clock'], kernel: 'hash' },
  'trial-crowded': { from: ['bucket'], kernel: 'histogram' },
  'trial-own-score': { from: ['qk'], source: paper.sharedQk },
  'text-loss': { from: ['logits', 'targets'] },
  'trial-own-weight': { from: ['qk', 'full-lse'], kernel: 'full', source: paper.sharedQk },
} satisfies Partial<Record<ExplainedKind, Omit<ExperimentsFigure, 'formula' | 'explain'>>>;

export type ExperimentKind = keyof typeof declarations;

const declare = (kind: ExperimentKind): ExperimentsFigure => ({
  ...declarations[kind],
  formula: words.figures[kind].formula,
  explain: (evidence, index) => evidence.get(`${kind} ${index}`),
});

/** Kinds of numbers that the rounds sweep and the experiments show. */
export const experimentKinds = Object.fromEntries(
  (Object.keys(declarations) as ExperimentKind[]).map((kind) => [kind, declare(kind)]),
) as Record<ExperimentKind, ExperimentsFigure>;
