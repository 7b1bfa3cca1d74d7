import type { Slot } from '../core/lsh';
import type { TokenNumbers } from '../core/readout';
import { windowLength } from '../core/settings';
import { address } from '../core/tensor';
import type { LshAttention } from './pipeline';

/** The numbers of one token: its places, its slots with their scores, and full attention's scores. Needs `run` of `lsh`. */
export async function inspectToken(lsh: LshAttention, head: number, token: number): Promise<TokenNumbers> {
  const { context, shape, settings, constants, storage, buckets } = lsh;
  const { n, d } = shape;
  const { rounds } = settings;
  const window = windowLength(settings);
  const slots = context.tensor('inspect slots', 'u32', [rounds, window, 2]);
  const scores = context.tensor('inspect row', 'f32', [n]);
  const block = lsh.params({ start: token, head });
  const ranks = context.tensor('inspect ranks', 'u32', [rounds]);
  const qk = lsh.bind(lsh.qk);
  const work = await context.prepare('inspect', [
    {
      step: 'inspect',
      kernel: 'inspect',
      constants,
      storage,
      block,
      resources: [...qk, undefined, undefined, lsh.places.buffer, slots.buffer, ranks.buffer],
      groups: [Math.ceil(window / 64), rounds, 1],
      cost: rounds * window * d * 4,
    },
    {
      step: 'inspect',
      kernel: 'row',
      constants,
      storage,
      block,
      resources: [...qk, scores.buffer],
      groups: [Math.ceil(n / 64), 1, 1],
      cost: n * d * 4,
    },
  ]);
  await context.queue.run(work);
  const [slotWords, fullScores, rankOf, ...bucketOf] = await Promise.all([
    context.read(slots),
    context.read(scores),
    context.read(ranks),
    ...Array.from({ length: rounds }, (_, round) => context.read(buckets, address(buckets, head, round, token), 1)),
  ]);
  const asFloats = new Float32Array(slotWords.buffer);
  const found: Slot[] = [];
  for (let k = 0; k < rounds * window; k++) {
    const key = slotWords[2 * k];
    if (key < n) found.push({ round: Math.floor(k / window), key, score: asFloats[2 * k + 1] });
  }
  return {
    token,
    buckets: bucketOf.map((bucket) => bucket[0]),
    ranks: Array.from(rankOf),
    slots: found,
    fullScores,
  };
}
