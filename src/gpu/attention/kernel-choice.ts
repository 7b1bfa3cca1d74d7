import type { KernelName } from '../runtime/kernels';

/** Tokens of one sequence up to which kernels on blocks of queries take longer to compile than they save. */
export const fewTokens = 256;

/** Tokens of a sequence of a batch up to which a block of sorted positions would mostly be edges. */
const shortSequence = 512;

/** The kernels that compute one attention. */
export interface KernelChoice {
  /**
   * `batch`: many short sequences, a thread a query, all rounds in one dispatch. `few`: one sequence of few tokens, a thread a query.
   * `blocks`: blocks of queries share tiles of keys in workgroup memory, a dispatch a round.
   */
  way: 'batch' | 'few' | 'blocks';
  sort: KernelName;
  /** Attends within windows. */
  attend: KernelName;
  /** Attends to every key. */
  full: KernelName;
}

export interface ChoiceOptions {
  /** Sequences that are attended to side by side. */
  sequences?: number;
  /** Whether tensors of vectors are bound as two halves, which only the block kernels read. */
  halves?: boolean;
  /** Whether few tokens, too, go through the block kernels. For tests. */
  blocks?: boolean;
}

/** Chooses the kernels for sequences of n tokens. */
export function kernelChoice(
  n: number,
  { sequences = 1, halves = false, blocks = false }: ChoiceOptions = {},
): KernelChoice {
  const isBatch = sequences > 1 && n <= shortSequence && !halves;
  const isFew = sequences === 1 && n <= fewTokens && !halves && !blocks;
  return {
    way: isBatch ? 'batch' : isFew ? 'few' : 'blocks',
    sort: isBatch || n <= fewTokens ? 'sort-short' : 'sort-scatter',
    attend: isBatch || isFew ? 'attend-short' : 'attend',
    full: isFew ? 'full-short' : 'full',
  };
}
