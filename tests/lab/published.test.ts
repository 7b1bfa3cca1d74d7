import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crossEntropy } from '../../src/algorithm/layers';
import { Reformer } from '../../src/algorithm/reformer';
import { directionCount } from '../../src/algorithm/settings';
import { modelOfConfig } from '../../src/formats/hugging-face';
import { writeSafetensors } from '../../src/formats/safetensors';
import { torchNormals } from '../../src/formats/torch-random';
import { hashedIds } from '../support/hashed-weights';
import {
  characterTokenizer,
  smallConfig,
  textOfIds,
  weightsOfConfig,
  writePublished,
} from '../support/published-folder';
import { lab, root } from './lab';
import { labAll, type Outcome } from './lab-all';

const folder = mkdtempSync(join(tmpdir(), 'reformer-published-'));
const at = (...names: string[]) => join(folder, ...names);
afterAll(() => rmSync(folder, { recursive: true }));

const weights = new Map(
  [...weightsOfConfig(smallConfig)].map(([name, { data }]) => [name, Float64Array.from(data as Float32Array)]),
);

/** Logits of the small model by the plain engine, [n, V], with an automatic number of buckets from `first` tokens. */
function plainLogits(
  ids: ArrayLike<number>,
  { first = ids.length, positions }: { first?: number; positions?: number[] } = {},
) {
  const config = JSON.stringify(smallConfig);
  const n = ids.length;
  const settings = modelOfConfig(config, n);
  settings.lsh.factors = modelOfConfig(config, first).lsh.factors;
  const { heads, headSize, lsh } = settings;
  const rotations = torchNormals(smallConfig.hash_seed, heads * headSize * lsh.rounds * directionCount(lsh));
  return new Reformer(settings, weights, { batch: 1, n, ids, rotations, positions }).forward().logits;
}

const next = (ids: readonly number[], first: number): number => {
  const last = plainLogits(ids, { first }).slice(-smallConfig.vocab_size);
  return last.indexOf(Math.max(...last));
};

describe('a model of the shape of crime-and-punishment', () => {
  const shape = JSON.parse(readFileSync(join(root, 'tests/fixtures/models/crime-and-punishment.json'), 'utf8'));
  beforeAll(() => writePublished(at('crime'), shape.config));

  test.each([50, 64, 100, 512])(
    'has the mean loss of transformers for %i tokens',
    async (n) => {
      const ids = hashedIds(n, shape.config.vocab_size);
      expect([...ids.subarray(0, 8)]).toEqual(shape.ids);
      writeFileSync(at(`${n}.txt`), textOfIds(ids));
      const { code, stdout, stderr } = await lab('perplexity', at('crime'), at(`${n}.txt`), '--json');
      expect(code, stderr).toBe(0);
      const { tokens, natsPerToken } = JSON.parse(stdout);
      expect(tokens).toBe(n - 1);
      expect(Math.abs(natsPerToken - shape.meanLoss[n])).toBeLessThan(1e-4);
    },
    600_000,
  );
});

describe('a small published model', () => {
  beforeAll(() => writePublished(at('small'), smallConfig));
  const ids = Array.from(hashedIds(70, smallConfig.vocab_size));
  const perplexity = async (...rest: string[]) => {
    const { code, stdout, stderr } = await lab('perplexity', '--model', at('small'), at('text.txt'), '--json', ...rest);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout);
  };

  test('reads a text from a start position as the plain engine with these positions', async () => {
    // 60 tokens need no pads, so that position_ids are allowed.
    const text = ids.slice(0, 60);
    writeFileSync(at('text.txt'), textOfIds(text));
    const targets = Int32Array.from(text, (_, k) => text[k + 1] ?? -1);
    const positions = text.map((_, k) => 417 + k);
    const [moved, early] = [await perplexity('--start', '417'), await perplexity()];
    expect(moved.natsPerToken).toBeCloseTo(crossEntropy(plainLogits(text, { positions }), targets).loss, 4);
    expect(early.natsPerToken).toBeCloseTo(crossEntropy(plainLogits(text), targets).loss, 4);
    expect(Math.abs(moved.natsPerToken - early.natsPerToken)).toBeGreaterThan(0.01);
    expect((await perplexity('--rounds', 'full')).natsPerToken).not.toBeCloseTo(early.natsPerToken, 3);
  }, 600_000);

  test.each([3, 11])(
    'continues a text of %i tokens greedily as the plain engine does, across the lengths with pads',
    async (first) => {
      const expected: number[] = [];
      const prompt = ids.slice(0, first);
      // The automatic number of buckets is that of the first text that is hashed.
      const hashed = Math.max(first, 5);
      for (let k = 0; k < 30; k++) expected.push(next([...prompt, ...expected], hashed));
      const options = ['--model', at('small'), '--prompt', textOfIds(prompt), '--tokens', '30', '--temperature', '0'];
      const { code, stdout, stderr } = await lab('generate', ...options, '--json');
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toEqual({ prompt, ids: expected, text: textOfIds(expected) });
    },
    600_000,
  );

  test('ends at the end token, which is no text', async () => {
    const prompt = ids.slice(0, 11);
    const first = next(prompt, 11);
    const second = next([...prompt, first], 11);
    writePublished(at('ends'), { ...smallConfig, eos_token_id: second });
    const options = ['--prompt', textOfIds(prompt), '--tokens', '9', '--temperature', '0', '--json'];
    const ended = JSON.parse((await lab('generate', '--model', at('ends'), ...options)).stdout);
    expect([ended.ids, ended.text]).toEqual([[first, second], textOfIds([first])]);
    writePublished(at('ends'), smallConfig, { 'generation_config.json': JSON.stringify({ eos_token_id: [first] }) });
    const { stdout } = await lab('generate', '--model', at('ends'), ...options);
    expect(JSON.parse(stdout)).toMatchObject({ ids: [first], text: '' });
  }, 600_000);

  test('that reads bytes needs no tokenizer', async () => {
    writePublished(at('bytes'), { ...smallConfig, vocab_size: 258 }, { 'tokenizer.json': undefined });
    const options = ['--model', at('bytes'), '--prompt', 'Aé', '--tokens', '5', '--json'];
    const { prompt, ids, text } = JSON.parse((await lab('generate', ...options)).stdout);
    expect(prompt).toEqual([67, 197, 171]);
    expect(ids).toHaveLength(5);
    expect(typeof text).toBe('string');
  }, 600_000);
});

interface Refusal {
  of: string;
  config?: object;
  files?: Record<string, string | Uint8Array | undefined>;
  text?: string;
  command?: (folder: string, text: string) => string[];
  message: string;
}

const generate = (model: string, text: string) => ['generate', '--model', model, '--prompt', text];
const shapes = weightsOfConfig(smallConfig);
const other = new Map(
  [...shapes].map(([name, tensor]) =>
    name === 'lm_head.bias' ? [name, { shape: [39], data: new Float32Array(39) }] : [name, tensor],
  ),
);

const refusals: Refusal[] = [
  {
    of: 'an empty folder',
    files: { 'config.json': undefined, 'model.safetensors': undefined, 'tokenizer.json': undefined },
    message: 'lacks config.json, model.safetensors, tokenizer.json or spiece.model.',
  },
  { of: 'no weights', files: { 'model.safetensors': undefined }, message: 'lacks model.safetensors.' },
  { of: 'no tokenizer', files: { 'tokenizer.json': undefined }, message: 'lacks tokenizer.json or spiece.model.' },
  {
    of: 'weights of PyTorch',
    files: { 'model.safetensors': undefined, 'pytorch_model.bin': 'PK' },
    message: 'has pytorch_model.bin, but',
  },
  { of: 'broken weights', files: { 'model.safetensors': 'zzz' }, message: 'safetensors' },
  {
    of: 'weights of another shape',
    files: { 'model.safetensors': writeSafetensors(other as typeof shapes) },
    message: 'The tensor "lm_head.bias" has the shape 39, not 40.',
  },
  { of: 'a broken tokenizer.json', files: { 'tokenizer.json': '{' }, message: 'tokenizer.json is not JSON.' },
  {
    of: 'a broken spiece.model',
    files: { 'tokenizer.json': undefined, 'spiece.model': 'zzz' },
    message: 'spiece.model is broken',
  },
  {
    of: 'a tokenizer with more pieces',
    files: { 'tokenizer.json': characterTokenizer(41) },
    message: 'The tokenizer has 41 pieces, but in config.json, vocab_size is 40.',
  },
  { of: 'a broken config.json', files: { 'config.json': '[' }, message: 'config.json is not a JSON object.' },
  {
    of: 'a broken generation_config.json',
    files: { 'generation_config.json': '[' },
    message: 'generation_config.json is not a JSON object.',
  },
  {
    of: 'an end that is no id',
    config: { eos_token_id: 'end' },
    message: 'eos_token_id is "end"; it must be null, an id, or a list of ids.',
  },
  {
    of: 'a model that is not causal',
    config: { is_decoder: false, architectures: ['ReformerForMaskedLM'] },
    message: 'is_decoder is false; only a causal model',
  },
  {
    of: 'a model beyond the kernels',
    config: { num_hashes: 17 },
    text: textOfIds(hashedIds(20, 40)),
    message: 'num_hashes is 17, but the GPU computes 1 to 16',
  },
  {
    of: 'a text beyond the positions',
    text: textOfIds(hashedIds(601, 40)),
    message: '601 tokens, with pads 612, are too many',
  },
  {
    of: 'new tokens beyond the positions',
    command: (model, text) => [...generate(model, text), '--tokens', '900'],
    message: 'are too many',
  },
  {
    of: 'a start beyond the positions',
    command: (model, text) => [...generate(model, text), '--start', '550'],
    message: 'start is 550, and ',
  },
  {
    of: 'a start that is no position',
    command: (model, text) => [...generate(model, text), '--start', '-1'],
    message: 'start is -1; it must be a whole number from 0',
  },
  {
    of: 'rounds that no model has',
    command: (model, text) => [...generate(model, text), '--rounds', '1.5'],
    message: 'rounds is 1.5; it must be full or a whole number',
  },
  { of: 'an empty text', text: '', message: 'has 0 tokens; a loss needs at least 2.' },
  {
    of: 'an empty prompt',
    command: (model) => generate(model, ''),
    message: 'the text must have at least one character.',
  },
  {
    of: 'no tokens',
    command: (model, text) => [...generate(model, text), '--tokens', '0'],
    message: 'tokens is 0; it must be a whole number from 1',
  },
  {
    of: 'a negative temperature',
    command: (model, text) => [...generate(model, text), '--temperature', '-1'],
    message: 'temperature is -1; it must be from 0 to 100.',
  },
];

describe('one sentence and exit code 2 for', () => {
  let outcomes: Outcome[];
  beforeAll(async () => {
    const commands = refusals.map(({ config, files, text = textOfIds([1, 2, 3]), command }, k) => {
      writePublished(at(`refused-${k}`), { ...smallConfig, ...config }, files);
      writeFileSync(at(`refused-${k}.txt`), text);
      return command?.(at(`refused-${k}`), text) ?? ['perplexity', at(`refused-${k}`), at(`refused-${k}.txt`)];
    });
    outcomes = await labAll(commands);
  }, 600_000);

  test.each(refusals.map(({ of }, k) => [of, k] as const))('%s', (_, k) => {
    const { code, errors } = outcomes[k];
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(refusals[k].message);
    expect(code).toBe(2);
  });
});
