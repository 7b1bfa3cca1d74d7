import { afterAll, describe, expect, test } from 'vitest';
import { parameterShapes, sizeOf } from '../../src/algorithm/model-settings';
import { presets, type Settings } from '../../src/algorithm/settings';
import { Weights } from '../../src/model/parameters';
import { random } from '../../src/shared/random';
import { ByteBpe } from '../../src/text/byte-bpe';
import { greedy } from '../../src/text/sampling';
import { TextGenerator } from '../../src/training/text-generator';
import { defaultTextTraining, type TextModelFile, type TextSizes, textSettings } from '../../src/training/text-model';
import { firstUnequal, Replier } from '../../src/training/text-replies';
import { testContext } from './context';

const context = await testContext();
const sizes: TextSizes = {
  vocabulary: 256,
  width: 16,
  pairs: 2,
  heads: 2,
  feedForward: 24,
  length: 128,
  chunk: 16,
  rounds: 2,
};
const values = new Map(
  [...parameterShapes(textSettings(sizes))].map(([name, shape], k) => {
    const draw = random(3, k);
    const [base, deviation] = [name.includes('norm.weight') ? 1 : 0, shape.length > 1 ? 0.4 : 0.1];
    return [name, Float32Array.from({ length: sizeOf(shape) }, () => base + deviation * draw.normal())];
  }),
);
const training = { ...defaultTextTraining, data: 'test', step: 0 };
const file: TextModelFile = { sizes, tokenizer: ByteBpe.from([]), training, values, moments: undefined };
const weights = new Weights(context.createSibling(), textSettings(sizes), false);
weights.upload(values);
afterAll(() => weights.context.free());

const count = 24;
const draw = random(11);
const prompts = [9, 21, 40, 61, 100, 120, 140].map((length) => Array.from({ length }, () => draw.integer(256)));

describe.each([0, 1, 2])('replies of %i rounds (0: full attention)', (rounds) => {
  test('are those of one token at a time, whatever the guess, in less work if it is right', async () => {
    const generator = new TextGenerator(context, weights, file, { rounds });
    const alone: number[][] = [];
    for (const prompt of prompts) alone.push((await generator.continue([prompt], count, greedy))[0]);
    generator.free();
    const run = async (drafts: readonly number[][]) => {
      const replier = new Replier(context, weights, file, rounds, 4);
      const requests = prompts.map((prompt, k) => ({ prompt, draft: drafts[k] }));
      const replies = await replier.replies(requests, { count, isEnd: () => false });
      const { tokens } = replier;
      replier.free();
      return { replies, tokens };
    };
    const none = await run(prompts.map(() => []));
    expect(none.replies).toEqual(alone);
    const right = await run(alone);
    expect(right.replies).toEqual(alone);
    // Random directions make long runs of one bucket, in which a guess often moves the chunks.
    expect(right.tokens).toBeLessThan(none.tokens * (rounds === 0 ? 0.4 : 1));
    // Every third guess is wrong somewhere, lacks a token, or is nonsense.
    const wrong = await run(
      alone.map(
        (reply, k) =>
          [
            reply.map((id, at) => (at === 7 ? id + 1 : id)),
            reply.filter((_, at) => at !== 5),
            Array.from({ length: 60 }, () => draw.integer(256)),
          ][k % 3] as number[],
      ),
    );
    expect(wrong.replies).toEqual(alone);
  }, 120_000);

  test('end at an end token, and make room for the next text', async () => {
    const replier = new Replier(context, weights, file, rounds, 2);
    const requests = prompts.slice(0, 4).map((prompt) => ({ prompt, draft: [] }));
    const whole = await replier.replies(requests, { count: 8, isEnd: () => false });
    const end = whole[0][3];
    const order: number[] = [];
    const ended = await replier.replies(requests, {
      count: 8,
      isEnd: (id) => id === end,
      onReply: (request) => order.push(request),
    });
    replier.free();
    const cut = (reply: number[]) => (reply.includes(end) ? reply.slice(0, reply.indexOf(end) + 1) : reply);
    expect(ended).toEqual(whole.map(cut));
    expect([...order].sort()).toEqual([0, 1, 2, 3]);
    expect(ended[0].length).toBeLessThanOrEqual(4);
  }, 60_000);
});

/** The keys that each of the first tokens sees in one round, by the definition: sort, cut into chunks, look back. */
function keysSeen(buckets: readonly number[], { chunk, lookBack }: Settings): string[] {
  const order = buckets.map((_, token) => token).sort((a, b) => buckets[a] - buckets[b] || a - b);
  const position = new Map(order.map((token, at) => [token, at]));
  const chunkOf = (token: number) => Math.floor((position.get(token) as number) / chunk);
  return buckets.map((bucket, i) =>
    order
      .filter((j) => j < i && buckets[j] === bucket && chunkOf(i) - chunkOf(j) <= lookBack)
      .sort((a, b) => a - b)
      .join(),
  );
}

test.each(['all', 'last'] as const)('the first prefix in which %s of its tokens sees other keys is found', (which) => {
  const lsh: Settings = {
    ...presets.paper,
    rounds: 2,
    factors: [4],
    chunk: 4,
    lookBack: 1,
    lookAhead: 0,
    causal: true,
  };
  const settings = { heads: 2, lsh };
  const found = new Set<boolean>();
  for (let seed = 0; seed < 60; seed++) {
    const draw = random(17, seed);
    const [n, end] = [40, 20 + draw.integer(20)];
    const first = 5 + draw.integer(end - 6);
    // Few buckets make long runs.
    const kinds = 1 + draw.integer(4);
    const all = Uint32Array.from({ length: 2 * 4 * n }, (_, at) => (at % n < end ? draw.integer(kinds) : 4));
    const k = seed % 2;
    let least = end;
    for (let row = 4 * k; row < 4 * k + 4; row++) {
      const own = Array.from(all.subarray(row * n, row * n + end));
      const whole = keysSeen(own, lsh);
      for (let prefix = first; prefix < least; prefix++) {
        const seen = keysSeen(own.slice(0, prefix), lsh);
        const asked = which === 'all' ? seen : { [prefix - 1]: seen[prefix - 1] };
        if (Object.entries(asked).some(([token, keys]) => keys !== whole[Number(token)])) least = prefix;
      }
    }
    expect(firstUnequal(all, { settings, shape: { n } }, k, first, end, which), `seed ${seed}`).toBe(least);
    found.add(least < end);
  }
  expect(found.size).toBe(2);
});
