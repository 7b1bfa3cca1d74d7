/** The structure of an explanation, and of the declarations that explanations are made from. */
import type { KernelName } from '../gpu/runtime/kernels';
// Only the type: the page's first load has this file without the words.
import type { explain as words } from '../language/explain';
import type { FigureKind } from '../ui/figures';

/** A kind of number that has an explanation. */
export type ExplainedKind = keyof typeof words.figures & FigureKind;

/** A kind of number, or a tensor, from which others are computed. */
export type SourceName = keyof typeof words.sources;

/** A number from which another is computed. */
export interface Operand {
  name: string;
  value: number | string;
  /** Kind and index of the operand, if the page shows it too. */
  at?: { kind: ExplainedKind; index: string } | undefined;
  /** True for the operand that decides the result. */
  marked?: boolean;
}

export interface Explanation {
  title: string;
  /** The number as the card shows it. */
  value: string;
  /** The arithmetic, in symbols. */
  formula: string;
  operands: Operand[];
  /** Names of the kinds of numbers, or tensors, from which it is computed. */
  from: string[];
  /** A sentence of background. */
  note?: string | undefined;
  /** Name of the kernel that computes it on the GPU. */
  kernel?: KernelName | undefined;
  /** Place in the Reformer paper. */
  source?: string | undefined;
}

/** How every number of one kind is computed, by which kernel and after which equation. `E` is the evidence that its explanations read. */
export interface Declaration<E> {
  formula: string;
  /** Kinds of numbers, or tensors, from which it is computed. */
  from: readonly SourceName[];
  kernel?: KernelName;
  /** Place in the Reformer paper. */
  source?: string;
  /** `index` is the figure's index. Undefined if the evidence no longer has this number. */
  explain(
    evidence: E,
    index: string,
  ): (Pick<Explanation, 'title' | 'operands' | 'note'> & Partial<Pick<Explanation, 'formula' | 'kernel'>>) | undefined;
}

/** Declarations by kind. A kind without words does not compile. */
export type Declarations<E> = Partial<Record<ExplainedKind, Declaration<E>>>;

/** Formats a number with six significant digits. */
export function precise(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? '−∞' : String(value);
  const text = Number.isInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(6)));
  return text.replace('-', '−');
}
