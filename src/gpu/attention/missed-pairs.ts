import { type LostMass, lossCauses } from '../../algorithm/missed-pairs';
import type { WorkOptions } from '../../engine/engine';
import type { Dispatch } from '../runtime/context';
import { dispatchRanges } from '../runtime/dispatch-ranges';
import type { FullAttention } from './full-attention';
import type { LshAttention } from './lsh-attention';

/** Constants of the kernel, which needs at least one thread a round. */
export const missedPairsConstants = (lsh: LshAttention) => ({ ...lsh.windowConstants, ...lsh.threads(64, 16) });

/**
 * Lost mass by cause for 1 … R rounds: the weight in full attention of the pairs that the first rounds do not hold, as a mean over the
 * queries of `full`, which must be evenly spaced. Needs `run` of both; `lsh` must keep its rounds. In a ring the first rounds do not see
 * what they see among all R, so each number of rounds is computed anew.
 */
export async function lostMassOf(
  lsh: LshAttention,
  { lse, tokens }: FullAttention,
  options: WorkOptions = {},
): Promise<LostMass[]> {
  const { context, shape, settings, storage } = lsh;
  const { heads, n, d } = shape;
  const { rounds, wrap } = settings;
  const count = tokens.length;
  const sums = context.tensor('lost mass', 'f32', [heads, count, rounds, lossCauses.length]);
  const resources = [...lsh.bind(lsh.qk), ...[lse, lsh.buckets, lsh.placement, sums].map(({ buffer }) => buffer)];
  const spans = wrap ? Array.from({ length: rounds }, (_, r) => [r, r + 1]) : [[0, rounds]];
  const dispatches = spans.flatMap(([round, end]) => {
    const cost = heads * n * (4 * d + 16 * end);
    return dispatchRanges(count, cost, context.queue.dispatchCost).map(
      ({ first, blocks }): Dispatch => ({
        step: 'missed pairs',
        kernel: 'missed-pairs',
        constants: missedPairsConstants(lsh),
        storage,
        block: lsh.params({ round, rounds: end, start: first, count }),
        resources,
        groups: [blocks, heads, 1],
        cost: blocks * cost,
      }),
    );
  });
  await context.queue.run(await context.prepare('missed pairs', dispatches), { ...options, timed: false });
  const masses = await context.read(sums);
  const lost = Array.from({ length: rounds }, (): LostMass => ({ chunkEdge: 0, longBucket: 0, otherBucket: 0 }));
  for (let row = 0; row < heads * count; row++) {
    for (let r = 0; r < rounds; r++) {
      for (const [k, cause] of lossCauses.entries()) {
        lost[r][cause] += masses[(row * rounds + r) * lossCauses.length + k] / (heads * count);
      }
    }
  }
  return lost;
}
