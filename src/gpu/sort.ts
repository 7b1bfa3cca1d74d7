import { bucketCount, type Settings, type Shape } from '../core/settings';
import type { Context, Draft, Tensor } from './context';

/** What is sorted: buckets [h, R, n], into order and rank of the same shape. */
export interface SortTask {
  context: Context;
  shape: Shape;
  settings: Settings;
  buckets: Tensor;
  order: Tensor;
  rank: Tensor;
}

/** Keys of one workgroup, as in the kernels. */
const tile = 1024;

/**
 * Stable sort of every (head, round) by bucket, 4 bits a pass, over the bucket's bits only: count, scan, scatter. Rounds follow one
 * another, so that the scratch is that of one round.
 */
export function sortDrafts({ context, shape, settings, buckets, order, rank }: SortTask): Draft[] {
  const { heads, n } = shape;
  const { rounds } = settings;
  const tiles = Math.ceil(n / tile);
  const passes = Math.max(1, Math.ceil(Math.log2(bucketCount(settings)) / 4));
  const scratch = (name: string) => context.buffer(`sort ${name}`, passes > 1 ? 4 * heads * n : 16);
  const keys = [scratch('keys 0'), scratch('keys 1')];
  const tokens = [scratch('tokens 0'), scratch('tokens 1')];
  const counts = context.buffer('sort counts', 4 * heads * 16 * tiles);
  const drafts: Draft[] = [];
  for (let round = 0; round < rounds; round++) {
    // The buckets of a round lie R·n apart from head to head, the scratch n apart.
    const all = [round * n, rounds * n];
    const own = [0, n];
    for (let pass = 0; pass < passes; pass++) {
      const first = pass === 0;
      const last = pass === passes - 1;
      const block = new Uint32Array([n, tiles, ...(first ? all : own), ...(last ? all : own)]).buffer;
      const keysIn = first ? buckets.buffer : keys[(pass + 1) % 2];
      const constants = { SHIFT: 4 * pass };
      const common = { step: 'sort', block, cost: heads * n * 8 };
      drafts.push(
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
          resources: [
            keysIn,
            tokens[(pass + 1) % 2],
            counts,
            last ? order.buffer : tokens[pass % 2],
            last ? rank.buffer : keys[pass % 2],
          ],
          groups: [tiles, heads, 1],
        },
      );
    }
  }
  return drafts;
}
