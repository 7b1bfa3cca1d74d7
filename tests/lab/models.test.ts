import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelOfConfig } from '../../src/formats/hugging-face';
import { readSafetensors, type Tensor, writeSafetensors } from '../../src/formats/safetensors';
import { hashedIds, hashedWeights } from '../support/hashed-weights';
import { root } from './lab';
import { labAll, type Outcome } from './lab-all';

// Small random models. expected.safetensors holds the logits that Hugging Face transformers 5.18 (torch 2.13) computes in float64 with the
// directions that hash_seed gives in float32, and with labels the loss.
const models = join(root, 'tests/fixtures/models');
const names = (await readdir(models, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

let folder: string;
let outcomes: Outcome[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'models-'));
  outcomes = await labAll(
    names.map((name) => ['forward', join(models, name), join(models, name, 'in.safetensors'), join(folder, name)]),
  );
}, 600_000);
afterAll(() => rm(folder, { recursive: true }));

const tensorsOf = async (path: string) => readSafetensors(await readFile(path)).tensors;

test('there are models of each kind', () => {
  expect(names.length).toBeGreaterThanOrEqual(40);
  for (const kind of ['auto-buckets', 'padding', 'mask', 'ring', 'position', 'labels', 'one-token']) {
    expect(
      names.some((name) => name.includes(kind)),
      kind,
    ).toBe(true);
  }
});

test.each(names)('forward gives the logits of transformers for %s', async (name) => {
  expect(outcomes[names.indexOf(name)]).toEqual({ code: 0, errors: [] });
  const [ours, theirs] = [
    await tensorsOf(join(folder, name)),
    await tensorsOf(join(models, name, 'expected.safetensors')),
  ];
  expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
  const [logits, expected] = [ours, theirs].map((tensors) => (tensors.get('logits') as Tensor).data as Float32Array);
  // Masked tokens count too.
  expect(logits.length).toBe(expected.length);
  const range = expected.reduce((a, b) => Math.max(a, b)) - expected.reduce((a, b) => Math.min(a, b));
  expect(range).toBeGreaterThan(0.1);
  const largest = logits.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at])), 0);
  expect(largest / range).toBeLessThan(1e-4);
  if (theirs.has('loss')) expect(ours.get('loss')?.data[0]).toBeCloseTo((theirs.get('loss') as Tensor).data[0], 5);
});

interface Change {
  /** A short name for the test. */
  of: string;
  model: string;
  config?: Record<string, unknown>;
  /** Tensors of IN; undefined leaves one out. */
  input?: Record<string, Tensor | undefined>;
  /** Files beside config.json in place of model.safetensors, or false for the model's own. */
  weights?: Record<string, string | Uint8Array>;
  options?: string[];
  says: string;
}

const numbers = (...data: number[]): Tensor => ({ shape: [data.length], data: Float32Array.from(data) });
const ids = (n: number) => numbers(...Array.from({ length: n }, (_, at) => at % 5));
const one = 'one-token';
const padded = 'padding-c-local16-lsh64-n70';
const masked = 'encoder-local5-lsh4-n73-mask';

const changes: Change[] = [
  {
    of: 'a misspelt tensor',
    model: one,
    input: { rotation: numbers(1) },
    says: 'IN has the tensor "rotation", which is not used',
  },
  {
    of: 'embeddings',
    model: one,
    input: { inputs_embeds: numbers(1) },
    says: 'IN has the tensor "inputs_embeds", which is not used',
  },
  {
    of: 'a mask under another name',
    model: one,
    input: { mask: numbers(1) },
    says: 'IN has the tensor "mask", which is not used',
  },
  { of: 'no ids', model: one, input: { input_ids: undefined }, says: 'The file has no tensor "input_ids".' },
  {
    of: 'a fractional id',
    model: one,
    input: { input_ids: numbers(2.5) },
    says: 'input_ids is 2.5 at element 0; all must be whole numbers.',
  },
  {
    of: 'an id beyond the vocabulary',
    model: one,
    input: { input_ids: numbers(32) },
    says: 'Token 0 is 32; symbols go from 0 to 31.',
  },
  {
    of: 'a mask of another number',
    model: one,
    input: { attention_mask: numbers(2) },
    says: 'attention_mask is 2 at element 0; it must be 0 or 1.',
  },
  {
    of: 'a mask of another shape',
    model: one,
    input: { attention_mask: numbers(1, 1) },
    says: 'attention_mask has the shape 2; it must have that of input_ids, 1',
  },
  {
    of: 'a label beyond the vocabulary',
    model: padded,
    input: { labels: numbers(...new Array(70).fill(32)) },
    says: 'labels is 32 at element 0',
  },
  {
    of: 'labels without a target',
    model: padded,
    input: { labels: numbers(...new Array(70).fill(-100)) },
    says: 'labels leaves no token with a target.',
  },
  {
    of: 'positions of a padded length',
    model: padded,
    input: { position_ids: ids(70) },
    says: '70 tokens are padded to 128',
  },
  {
    of: 'a seed beside rotations',
    model: padded,
    options: ['--seed', '3'],
    says: 'IN has rotations, so the seed "3" is not used',
  },
  {
    of: 'pads beyond the positions',
    model: padded,
    config: { max_position_embeddings: 100 },
    says: '70 tokens, with pads 128, are too many: in config.json, max_position_embeddings is 100.',
  },
  {
    of: 'axial positions too few for the pads',
    model: padded,
    config: { axial_pos_shape: [11, 11] },
    says: '128 with the pads that fill all chunks, but the model has only 121 positions.',
  },
  {
    of: 'masked pads that are no symbol',
    model: masked,
    config: { pad_token_id: null },
    says: 'In config.json, pad_token_id is null',
  },
  {
    of: 'a hash_seed with a fraction',
    model: one,
    config: { hash_seed: 0.5 },
    input: { rotations: undefined },
    says: 'In config.json, hash_seed is 0.5; it must be null or a whole number.',
  },
  {
    of: 'an odd number of buckets',
    model: padded,
    config: { num_buckets: 7 },
    says: 'In config.json, num_buckets is 7; it must be even',
  },
  {
    of: 'another activation',
    model: padded,
    config: { hidden_act: 'mish' },
    says: 'In config.json, hidden_act is "mish"; it must be one of relu,',
  },
  {
    of: 'a base model',
    model: one,
    config: { architectures: ['ReformerModel'] },
    says: 'config.json is that of a ReformerModel; a ReformerModelWithLMHead or ReformerForMaskedLM is needed.',
  },
  {
    of: 'another head',
    model: one,
    config: { architectures: ['ReformerForSequenceClassification'] },
    says: 'config.json is that of a ReformerForSequenceClassification;',
  },
  {
    of: 'another library’s model',
    model: one,
    config: { model_type: 'bert' },
    says: 'config.json is that of the model type "bert"; it must be "reformer".',
  },
  {
    of: 'a git-LFS pointer',
    model: one,
    weights: { 'model.safetensors': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' },
    says: 'is a git-LFS pointer',
  },
  {
    of: 'a page in place of weights',
    model: one,
    weights: { 'model.safetensors': '<!doctype html><html></html>' },
    says: 'is no safetensors file; it begins with "<!doctype html',
  },
  {
    of: 'weights of PyTorch',
    model: one,
    weights: { 'pytorch_model.bin': 'PK' },
    says: 'has pytorch_model.bin, but model.safetensors is needed',
  },
  { of: 'no weights', model: one, weights: {}, says: 'model.safetensors cannot be read: ENOENT.' },
  {
    of: 'an index without a list',
    model: one,
    weights: { 'model.safetensors.index.json': '{"weight_map": []}' },
    says: 'must be a JSON object with a weight_map of tensors and files.',
  },
  {
    of: 'an index that leaves the folder',
    model: one,
    weights: { 'model.safetensors.index.json': '{"weight_map": {"a": "../a"}}' },
    says: 'must name a file of its folder for the tensor "a".',
  },
  {
    of: 'an index of a missing part',
    model: one,
    weights: { 'model.safetensors.index.json': '{"weight_map": {"a": "b"}}' },
    says: 'b cannot be read: ENOENT.',
  },
];

/** Writes the changed model, and returns the command that reads it and the file that it would write. */
async function commandOf({ model, config = {}, input = {}, weights, options = [] }: Change): Promise<string[]> {
  const copy = await mkdtemp(join(folder, 'changed-'));
  const text = await readFile(join(models, model, 'config.json'), 'utf8');
  await writeFile(join(copy, 'config.json'), JSON.stringify({ ...JSON.parse(text), ...config }));
  const files = weights ?? { 'model.safetensors': await readFile(join(models, model, 'model.safetensors')) };
  for (const [name, content] of Object.entries(files)) await writeFile(join(copy, name), content);
  const tensors = Object.entries({
    ...Object.fromEntries(await tensorsOf(join(models, model, 'in.safetensors'))),
    ...input,
  });
  const given = tensors.filter((entry): entry is [string, Tensor] => entry[1] !== undefined);
  await writeFile(join(copy, 'in.safetensors'), writeSafetensors(new Map(given)));
  return ['forward', copy, join(copy, 'in.safetensors'), join(copy, 'out.safetensors'), ...options];
}

describe('forward says in one sentence what is odd, and writes nothing, for', () => {
  let commands: string[][];
  let refusals: Outcome[];
  beforeAll(async () => {
    commands = await Promise.all(changes.map(commandOf));
    refusals = await labAll(commands);
  }, 600_000);

  test.each(changes.map(({ of }, at) => [of, at] as const))('%s', async (_, at) => {
    const { code, errors } = refusals[at];
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(changes[at].says);
    expect(code).toBe(2);
    await expect(readFile(commands[at][3])).rejects.toThrow('ENOENT');
  });
});

describe('forward reads', () => {
  /** The largest difference between the logits of two commands. */
  const difference = async (paths: string[]) => {
    const [a, b] = await Promise.all(
      paths.map(async (path) => ((await tensorsOf(path)).get('logits') as Tensor).data as Float32Array),
    );
    expect(a.length).toBe(b.length);
    return a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at])), 0);
  };

  test('weights in parts, LSH settings that one chunk does not use, and the directions of hash_seed', async () => {
    const all = await tensorsOf(join(models, one, 'model.safetensors'));
    const halves = [0, 1].map((half) => new Map([...all].filter((_, at) => at % 2 === half)));
    const map = halves.flatMap((tensors, half) => [...tensors.keys()].map((name) => [name, `part-${half}`]));
    const weights = {
      'part-0': writeSafetensors(halves[0]),
      'part-1': writeSafetensors(halves[1]),
      'model.safetensors.index.json': JSON.stringify({ metadata: {}, weight_map: Object.fromEntries(map) }),
    };
    const beyond = { lsh_num_chunks_before: 7, lsh_attn_chunk_length: 1, num_buckets: [2, 2, 2, 2, 2] };
    const drawn = 'encoder-lsh7-local16-n64-mask';
    const commands = await Promise.all([
      commandOf({ of: '', model: one, says: '', weights }),
      commandOf({ of: '', model: one, says: '', config: beyond, input: { rotations: undefined } }),
      commandOf({ of: '', model: drawn, says: '', input: { rotations: undefined } }),
    ]);
    expect(await labAll(commands)).toEqual(commands.map(() => ({ code: 0, errors: [] })));
    const same = [one, one, drawn];
    for (const [at, command] of commands.entries()) {
      expect(await difference([command[3], join(folder, same[at])]), command.join(' ')).toBeLessThan(1e-5);
    }
  });
});

describe('forward gives the mean loss of transformers for a model of the shape of crime-and-punishment', () => {
  const lengths = [50, 64, 100, 512];
  let shape: { config: object; ids: number[]; meanLoss: Record<string, number> };
  let paths: string[];

  beforeAll(async () => {
    shape = JSON.parse(await readFile(join(models, 'crime-and-punishment.json'), 'utf8'));
    const model = await mkdtemp(join(folder, 'crime-'));
    const config = JSON.stringify(shape.config);
    const settings = modelOfConfig(config, 512);
    const ids = hashedIds(512, settings.vocabulary);
    expect([...ids.subarray(0, 8)]).toEqual(shape.ids);
    await writeFile(join(model, 'config.json'), config);
    await writeFile(join(model, 'model.safetensors'), writeSafetensors(hashedWeights(settings)));
    const commands = lengths.map((n) => ['forward', model, join(model, `${n}-in`), join(model, `${n}-out`)]);
    for (const [at, n] of lengths.entries()) {
      const input: Tensor = { shape: [n], data: ids.slice(0, n) };
      const tensors = new Map([
        ['input_ids', input],
        ['labels', input],
      ]);
      await writeFile(commands[at][2], writeSafetensors(tensors));
    }
    expect(await labAll(commands)).toEqual(lengths.map(() => ({ code: 0, errors: [] })));
    paths = commands.map((command) => command[3]);
  }, 600_000);

  test.each(lengths.map((n, at) => [n, at] as const))('of %s tokens', async (n, at) => {
    const loss = (await tensorsOf(paths[at])).get('loss')?.data[0];
    expect(Math.abs(Number(loss) - shape.meanLoss[n])).toBeLessThan(1e-4);
  });
});
