/** What an explanation of a number is made of. */
import type { KernelName } from '../gpu/runtime/kernels';

/** A number that another was made from. */
export interface Operand {
  name: string;
  value: number | string;
  /** Where on the page it stands itself, if it does: `data-kind` and `data-index`. */
  at?: { kind: string; index: string } | undefined;
  /** It is the one that decides. */
  marked?: boolean;
}

export interface Explanation {
  /** Which number it is. */
  title: string;
  /** The number, as it is written. */
  value: string;
  /** The arithmetic, in symbols. */
  formula: string;
  operands: Operand[];
  /** Kinds of numbers, or tensors, that it is computed from. */
  from: readonly string[];
  /** What else there is to know, in a sentence. */
  note?: string | undefined;
  /** Name of the kernel that computes it on the GPU, or none. */
  kernel?: KernelName | undefined;
  /** Where it stands in the Reformer paper, or in another source. */
  source?: string | undefined;
}

/** What is said of every number of one kind: how it is computed, by which kernel, after which equation. */
export interface Declaration<E> {
  formula: string;
  /** Kinds of numbers, or tensors, that it is computed from. */
  from: readonly string[];
  kernel?: KernelName;
  source?: string;
  /** `index` is the element's `data-index`. Undefined if the evidence has no such number any more. */
  explain(
    evidence: E,
    index: string,
  ): (Pick<Explanation, 'title' | 'operands' | 'note'> & Partial<Pick<Explanation, 'formula' | 'kernel'>>) | undefined;
}

/** A number with six digits that count. */
export function precise(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? '−∞' : String(value);
  const text = Number.isInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(6)));
  return text.replace('-', '−');
}
