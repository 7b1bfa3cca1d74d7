import { bucketCount, type Settings, type Shape } from '../../algorithm/settings';
import type { Context, Dispatch, GpuTensor } from '../runtime/context';
import { keyStep } from './params';

/** What is sorted: the buckets of one round, into the placement. */
export interface SortInput {
  context: Context;
  shape: Shape;
  settings: Settings;
  /** Of all rounds [h, R, n], or of one at a time [h, 1, n]. */
  buckets: GpuTensor;
  /** Key of each token, then token at each sorted position, [2, h, R, n]. */
  placement: GpuTensor;
}

/** Keys of one workgroup, as in the kernels. */
const tile = 1024;

/** Stable sort of every head and round at once, by counting. `block`: as of the attention's other kernels. */
export function shortSort({ shape, settings, buckets, placement }: SortInput, block: ArrayBuffer): Dispatch {
  const { heads, n } = shape;
  const { rounds } = settings;
  return {
    step: 'sort',
    kernel: 'sort-short',
    block,
    resources: [buckets.buffer, placement.buffer],
    groups: [Math.ceil(n / 64), heads, rounds],
    cost: heads * rounds * n * n,
  };
}

/**
 * Stable sort of every head by the buckets of one round, 4 bits a pass, over the bucket's bits only: count, scan, scatter. The scratch is
 * that of one round.
 */
export function sortDispatches({ context, shape, settings, buckets, placement }: SortInput, round: number): Dispatch[] {
  const { heads, n } = shape;
  const { rounds } = settings;
  const tiles = Math.ceil(n / tile);
  const passes = Math.max(1, Math.ceil(Math.log2(bucketCount(settings)) / 4));
  const scratch = (name: string) => context.buffer(`sort ${name}`, passes > 1 ? 4 * heads * n : 16);
  const keys = [scratch('keys 0'), scratch('keys 1')];
  const tokens = [scratch('tokens 0'), scratch('tokens 1')];
  const counts = context.buffer('sort counts', 4 * heads * 16 * tiles);
  const dispatches: Dispatch[] = [];
  const kept = buckets.shape[1];
  const from = [kept > 1 ? round * n : 0, kept * n];
  const to = [round * n, rounds * n];
  const scratchPlace = [0, n];
  for (let pass = 0; pass < passes; pass++) {
    const first = pass === 0;
    const last = pass === passes - 1;
    const block = new Uint32Array([
      ...[n, tiles, ...(first ? from : scratchPlace), ...(last ? to : scratchPlace)],
      ...[heads * rounds * n, settings.chunk, keyStep(shape, settings), 0],
    ]).buffer;
    const keysIn = first ? buckets.buffer : keys[(pass + 1) % 2];
    const constants = { SHIFT: 4 * pass };
    const common = { step: 'sort', block, cost: heads * n * 8 };
    dispatches.push(
      {
        ...common,
        kernel: 'sort-count',
        constants,
        resources: [keysIn, counts],
        groups: [tiles, heads, 1],
      },
      { ...common, kernel: 'sort-scan', resources: [counts], groups: [1, heads, 1] },
      {
        ...common,
        kernel: 'sort-scatter',
        constants: { ...constants, FIRST_PASS: first, LAST_PASS: last },
        resources: [keysIn, tokens[(pass + 1) % 2], counts, last ? placement.buffer : tokens[pass % 2], keys[pass % 2]],
        groups: [tiles, heads, 1],
      },
    );
  }
  return dispatches;
}
