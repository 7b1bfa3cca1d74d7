import { bucketCount, type Settings, type Shape } from '../../algorithm/settings';
import type { Context, Dispatch, GpuTensor } from '../runtime/context';
import { packUniform, uniforms } from '../runtime/uniforms';
import { keyStep } from './params';

/** The tensors of a sort, which reads buckets and writes the placement. */
export interface SortInput {
  context: Context;
  shape: Shape;
  settings: Settings;
  /** Buckets of all rounds, [h, R, n], or of one at a time, [h, 1, n]. */
  buckets: GpuTensor;
  /** Sort key of each token, then token at each sorted position, [2, h, R, n]. */
  placement: GpuTensor;
}

/** Keys of one workgroup: TILE of the kernels. */
const tile = 1024;

/** Sorts every head and round at once, stably, by counting lower tokens. `block` holds the Params of the attention. */
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
 * Sorts every head by the buckets of one round, stably, in passes of 4 bits: count, scan, scatter. The number of passes depends on the
 * number of buckets. All rounds share the scratch buffers.
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
  const bucketRounds = buckets.shape[1];
  const from = [bucketRounds > 1 ? round * n : 0, bucketRounds * n];
  const to = [round * n, rounds * n];
  const inScratch = [0, n];
  for (let pass = 0; pass < passes; pass++) {
    const first = pass === 0;
    const last = pass === passes - 1;
    const block = packUniform(uniforms.Sort, {
      n,
      tiles,
      source: first ? from : inScratch,
      sink: last ? to : inScratch,
      order: heads * rounds * n,
      chunk: settings.chunk,
      keyStep: keyStep(shape, settings),
    });
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
