import type { KernelName } from '../runtime/kernels';

/** The longest sequence for which compiling the block kernels takes longer than they save, and which is sorted by counting. */
export const fewTokens = 256;

/** The longest sequence of a batch for which blocks of sorted positions would be mostly edges. */
export const shortSequence = 512;

/** The kernels that compute one attention, forward. */
export interface KernelChoice {
  /**
   * How the work is divided.
   * - `batch`: several short sequences; one thread a query, all rounds in one dispatch.
   * - `few`: one sequence of few tokens; one thread a query, which goes through all rounds.
   * - `blocks`: all others; blocks of queries share tiles of keys in workgroup memory, one round a dispatch.
   */
  way: 'batch' | 'few' | 'blocks';
  /** Sorts the tokens of a round by bucket. */
  sort: KernelName;
  /** Attends within the windows of the sorted order (LSH attention). */
  attend: KernelName;
  /** Attends to every key (full attention). */
  full: KernelName;
}

export interface ChoiceOptions {
  /** Number of sequences side by side. Default: 1. */
  sequences?: number;
  /** True if tensors of vectors are bound as two halves, which only the block kernels can read. Default: false. */
  halves?: boolean;
  /** True if sequences have pads: even one of them is computed as a batch. Default: false. */
  padded?: boolean;
  /** True uses the block kernels for few tokens too. Default: false. Tests set it. */
  blocks?: boolean;
}

/** Chooses the kernels for sequences of n tokens. Explanations on the page name the kernels that it returns. */
export function kernelChoice(
  n: number,
  { sequences = 1, halves = false, padded = false, blocks = false }: ChoiceOptions = {},
): KernelChoice {
  const isBatch = (sequences > 1 || padded) && n <= shortSequence && !halves;
  const isFew = sequences === 1 && !padded && n <= fewTokens && !halves && !blocks;
  return {
    way: isBatch ? 'batch' : isFew ? 'few' : 'blocks',
    sort: isBatch || n <= fewTokens ? 'sort-short' : 'sort-scatter',
    attend: isBatch || isFew ? 'attend-short' : 'attend',
    full: isFew ? 'full-short' : 'full',
  };
}
