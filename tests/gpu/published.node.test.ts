import { expect, test } from 'vitest';
import { relativeError } from '../../src/algorithm/fidelity';
import { Reformer } from '../../src/algorithm/reformer';
import { directionCount } from '../../src/algorithm/settings';
import { modelOfConfig } from '../../src/formats/hugging-face';
import { torchNormals } from '../../src/formats/torch-random';
import { readTokenizerJson } from '../../src/text/tokenizer-json';
import { publishedModel } from '../../src/training/published-model';
import { continuationOf } from '../../src/training/text-generator';
import { hashedIds } from '../support/hashed-weights';
import { characterTokenizer, smallConfig, weightsOfConfig } from '../support/published-folder';
import { testContext } from './context';

const context = await testContext();
const config = JSON.stringify(smallConfig);
const tensors = weightsOfConfig(smallConfig);
const pieces = 38;
const tokenizer = readTokenizerJson(new TextEncoder().encode(characterTokenizer(pieces)));
const model = publishedModel({ config, tensors, tokenizer });
const inDouble = new Map([...tensors].map(([name, { data }]) => [name, Float64Array.from(data as Float32Array)]));

// 3 fits in each chunk, 5 and 13 need pads, 24 and 516 need none, and above 512 tokens the kernels take no pads.
test.each([3, 5, 13, 24, 515, 516])('the next token of %i tokens has the logits of the plain engine', async (n) => {
  const own = context.createSibling();
  const ids = hashedIds(n, pieces);
  const continuation = continuationOf(own, tokenizer, model.ready({ first: n, length: n + 6, start: 7 }));
  const [logits] = await continuation.logits([ids]);
  const settings = modelOfConfig(config, n);
  const { heads, headSize, lsh } = settings;
  const rotations = torchNormals(smallConfig.hash_seed, heads * headSize * lsh.rounds * directionCount(lsh));
  const positions = ids.map((_, k) => 7 + k);
  const plain = new Reformer(settings, inDouble, { batch: 1, n, ids, rotations, positions }).forward().logits;
  const last = plain.subarray((n - 1) * smallConfig.vocab_size);
  // The model has two symbols that are no pieces.
  expect(logits.length).toBe(pieces);
  expect(relativeError(logits, last.subarray(0, pieces))).toBeLessThan(1e-5);
  continuation.free();
  own.free();
});
