/** The structure of an explanation, and of the declarations that explanations are made from. */
import type { KernelName } from '../gpu/runtime/kernels';
// Only the type: the page's first load has this file without the words.
import type { explain as words } from '../language/explain';

/** A kind of number that has words, by its `data-kind`. */
export type FigureKind = keyof typeof words.figures;

/** A kind of number, or a tensor, from which others are computed. */
export type SourceName = keyof typeof words.sources;

/** A number from which another is computed. */
export interface Operand {
  name: string;
  value: number | string;
  /** `data-kind` and `data-index` of the operand's own place on the page, if it has one. */
  at?: { kind: FigureKind; index: string } | undefined;
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
  /** `index` is the element's `data-index`. Undefined if the evidence no longer has this number. */
  explain(
    evidence: E,
    index: string,
  ): (Pick<Explanation, 'title' | 'operands' | 'note'> & Partial<Pick<Explanation, 'formula' | 'kernel'>>) | undefined;
}

/** Declarations by kind. A kind without words does not compile. */
export type Declarations<E> = Partial<Record<FigureKind, Declaration<E>>>;

/** Formats a number with six significant digits. */
export function precise(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? '−∞' : String(value);
  const text = Number.isInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(6)));
  return text.replace('-', '−');
}
