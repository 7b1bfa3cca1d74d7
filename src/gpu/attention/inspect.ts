import { address } from '../../algorithm/layout';
import type { Slot } from '../../algorithm/lsh';
import type { TokenPlacement } from '../../algorithm/missed-pairs';
import { windowLength } from '../../algorithm/settings';
import type { TokenNumbers } from '../../algorithm/token-report';
import type { LshAttention } from './lsh-attention';

/**
 * Reads the numbers of one token: bucket and position in every round, slots with their scores, and scores in full attention. Needs `run`
 * of `lsh`.
 */
export async function inspectToken(lsh: LshAttention, head: number, token: number): Promise<TokenNumbers> {
  const { context, shape, settings, constants, windowConstants, storage, buckets } = lsh;
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
      constants: windowConstants,
      storage,
      block,
      resources: [...qk, undefined, undefined, lsh.placement.buffer, slots.buffer, ranks.buffer],
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
  context.queue.enqueue(work);
  const [slotWords, fullScores, rankOf, ...bucketOf] = await Promise.all([
    context.read(slots),
    context.read(scores),
    context.read(ranks),
    ...Array.from({ length: rounds }, (_, round) => context.read(buckets, address(buckets, head, round, token), 1)),
  ]);
  const asFloats = new Float32Array(slotWords.buffer);
  const tokenSlots: Slot[] = [];
  for (let k = 0; k < rounds * window; k++) {
    const key = slotWords[2 * k];
    if (key < n) tokenSlots.push({ round: Math.floor(k / window), key, score: asFloats[2 * k + 1] });
  }
  return {
    token,
    buckets: bucketOf.map((bucket) => bucket[0]),
    ranks: Array.from(rankOf),
    slots: tokenSlots,
    fullScores,
  };
}

/** Reads bucket and sorted position of some tokens in every round. Needs `run` of an `lsh` that keeps its rounds. */
export async function placementOfTokens(lsh: LshAttention, head: number, tokens: number[]): Promise<TokenPlacement[]> {
  const { context, settings } = lsh;
  const { rounds } = settings;
  const count = tokens.length;
  if (count === 0) return [];
  const queried = context.tensor('placement tokens', 'u32', [count]);
  const placements = context.tensor('token placements', 'u32', [count, rounds, 2]);
  context.write(queried.buffer, 0, Uint32Array.from(tokens));
  const work = await context.prepare('token placement', [
    {
      step: 'inspect',
      kernel: 'token-placement',
      block: lsh.params({ head, count }),
      resources: [lsh.buckets.buffer, queried.buffer, placements.buffer, undefined, lsh.placement.buffer],
      groups: [Math.ceil(count / 64), rounds, 1],
      cost: count * rounds * 64,
    },
  ]);
  context.queue.enqueue(work);
  const numbers = await context.read(placements);
  return tokens.map((_, k) => {
    const of = (part: number) => Array.from({ length: rounds }, (_, r) => numbers[2 * (k * rounds + r) + part]);
    return { buckets: of(0), ranks: of(1) };
  });
}
