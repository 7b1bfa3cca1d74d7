import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relativeError } from '../../src/algorithm/fidelity';
import { readSafetensors, type Tensor } from '../../src/formats/safetensors';
import { lab, root } from './lab';

const fixture = join(root, 'tests/fixtures/reformer-tiny');
const input = join(fixture, 'expected.safetensors');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-'));
  await copyFile(join(fixture, 'config.json'), join(folder, 'config.json'));
});
afterAll(() => rm(folder, { recursive: true }));

const tensors = async (path: string) => readSafetensors(await readFile(path)).tensors;
const data = (file: Map<string, Tensor>, name: string) => (file.get(name) as Tensor).data;

test.each(['reversible', 'stored'])(
  'forward --backward --mode %s answers as the independent implementation',
  async (mode) => {
    const out = join(folder, `${mode}.safetensors`);
    const { code, stderr } = await lab('forward', fixture, input, out, '--backward', '--mode', mode);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const [ours, theirs] = [await tensors(out), await tensors(input)];
    expect(ours.get('logits')?.shape).toEqual([1, 128, 64]);
    expect(relativeError(data(ours, 'logits'), data(theirs, 'logits'))).toBeLessThan(1e-4);
    expect(Math.abs(data(ours, 'loss')[0] - data(theirs, 'loss')[0])).toBeLessThan(1e-5);
    const gradients = [...theirs.keys()].filter((name) => name.startsWith('grad.'));
    expect(gradients.length).toBeGreaterThan(40);
    for (const name of gradients) {
      expect(ours.get(name)?.shape, name).toEqual(theirs.get(name)?.shape);
      expect(relativeError(data(ours, name), data(theirs, name)), name).toBeLessThan(1e-3);
    }
  },
);

describe('forward refuses in one sentence', () => {
  const model = join(fixture, 'model.safetensors');

  async function refusal(bytes: Uint8Array): Promise<string> {
    await writeFile(join(folder, 'model.safetensors'), bytes);
    const out = join(folder, 'refused.safetensors');
    const { code, stderr, stdout } = await lab('forward', folder, input, out);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    await expect(readFile(out)).rejects.toThrow('ENOENT');
    return stderr;
  }

  /** The file with a name of the same length in place of another. */
  const renamed = async (from: string, to: string) =>
    Buffer.from((await readFile(model)).toString('latin1').replace(from, to), 'latin1');

  test('a missing and an unknown tensor, by name', async () => {
    expect(await refusal(await renamed('lm_head.decoder.weight', 'lm_head.encoder.weight'))).toContain(
      'no tensor "lm_head.encoder.weight"',
    );
  });

  test('a wrong shape, by name', async () => {
    const bytes = await renamed('"shape":[64,32]', '"shape":[32,64]');
    expect(await refusal(bytes)).toMatch(/word_embeddings\.weight" has the shape 32×64, not 64×32/);
  });

  test('a truncated file, by the tensor that is cut', async () => {
    const bytes = await readFile(model);
    expect(await refusal(bytes.subarray(0, bytes.length - 64))).toMatch(/Tensor "[^"]+" lies at bytes/);
  });
});

test('memory prints an object for each depth; activations do not grow with reversible layers', async () => {
  const args = ['--layers', '1,3', '--tokens', '128', '--width', '64', '--json'];
  const [reversible, stored] = await Promise.all(
    ['reversible', 'stored'].map(async (mode) => JSON.parse((await lab('memory', ...args, '--mode', mode)).stdout)),
  );
  expect(reversible.map(({ layers }: { layers: number }) => layers)).toEqual([1, 3]);
  const activations = (rows: { activationPeakBytes: number }[]) => rows.map((row) => row.activationPeakBytes);
  const [one, three] = activations(reversible);
  expect(three).toBe(one);
  const [storedOne, storedThree] = activations(stored);
  // Per layer: two normalized inputs, qk, v, out, what softmax was divided by, the order, the hidden features.
  expect(storedThree - storedOne).toBeGreaterThan(2 * 4 * 128 * (2 * 64 + 3 * 64 + 256));
  for (const row of [...reversible, ...stored]) {
    expect(row.weightBytes).toBeGreaterThan(0);
    expect(row.gradientBytes).toBe(row.weightBytes);
    expect(row.optimizerBytes).toBeGreaterThanOrEqual(2 * row.weightBytes);
    expect(row.loss).toBeGreaterThan(3);
  }
  expect(reversible[1].bucketIdBytes).toBe(3 * 4 * 4 * 128);
  // The same weights and symbols: the mode changes nothing but memory.
  expect(stored[1].loss).toBeCloseTo(reversible[1].loss, 4);
});

test('train prints its result as the last line, and saves weights that say what they are of', async () => {
  const path = join(folder, 'weights.safetensors');
  const sizes = ['--length', '8', '--symbols', '5', '--width', '8', '--heads', '2', '--batch', '4', '--steps', '3'];
  const { stdout, stderr, code } = await lab('train', 'duplication', ...sizes, '--save', path, '--json');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const result = JSON.parse(stdout.trim().split('\n').at(-1) as string);
  expect(result).toMatchObject({ steps: 3 });
  expect(result.loss).toBeGreaterThan(1);
  expect(result.peakBytes).toBeGreaterThan(1000);
  expect(Object.keys(result.accuracy).sort()).toEqual(['1', '2', '4', '8', 'full']);
  const saved = readSafetensors(await readFile(path));
  expect(JSON.parse(saved.metadata.get('task') as string)).toMatchObject({ length: 8, symbols: 5, steps: 3 });
  expect(saved.tensors.get('lm_head.decoder.weight')?.shape).toEqual([5, 16]);
});

test.each([
  [['train'], 'the tasks are: duplication'],
  [['train', 'duplication', '--width', '10', '--heads', '4'], 'width is 10; it must give each of 4 heads'],
  [['train', 'duplication', '--steps', '0'], 'steps is 0'],
  [['memory', '--width', '100'], 'width is 100'],
  [['memory', '--layers', '0'], 'layers is 0'],
  [['forward', 'only-a-folder'], 'but got 1 of these three'],
])('%s is refused in one sentence', async (args, words) => {
  const { code, stderr } = await lab(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(words);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
