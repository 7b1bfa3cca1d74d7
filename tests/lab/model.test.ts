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
  'forward --backward --mode %s gives the results of the independent implementation',
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

describe('forward exits with code 2, prints one line and writes nothing for', () => {
  const model = join(fixture, 'model.safetensors');

  /** The error line of `forward` with this model file. */
  async function errorOf(bytes: Uint8Array): Promise<string> {
    await writeFile(join(folder, 'model.safetensors'), bytes);
    const out = join(folder, 'rejected.safetensors');
    const { code, stderr, stdout } = await lab('forward', folder, input, out);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    await expect(readFile(out)).rejects.toThrow('ENOENT');
    return stderr;
  }

  /** The model file with one text replaced by another of the same length. */
  const replaced = async (from: string, to: string) =>
    Buffer.from((await readFile(model)).toString('latin1').replace(from, to), 'latin1');

  test('an unknown tensor, which it names', async () => {
    expect(await errorOf(await replaced('lm_head.decoder.weight', 'lm_head.encoder.weight'))).toContain(
      'no tensor "lm_head.encoder.weight"',
    );
  });

  test('a wrong shape, whose tensor it names', async () => {
    const bytes = await replaced('"shape":[64,32]', '"shape":[32,64]');
    expect(await errorOf(bytes)).toMatch(/word_embeddings\.weight" has the shape 32×64, not 64×32/);
  });

  test('a truncated file, whose last tensor it names', async () => {
    const bytes = await readFile(model);
    expect(await errorOf(bytes.subarray(0, bytes.length - 64))).toMatch(/Tensor "[^"]+" lies at bytes/);
  });
});

test('memory prints an object for each depth, and activations grow only with stored layers', async () => {
  const args = ['--layers', '1,3', '--tokens', '128', '--width', '64', '--json'];
  const [reversible, stored] = await Promise.all(
    ['reversible', 'stored'].map(async (mode) => JSON.parse((await lab('memory', ...args, '--mode', mode)).stdout)),
  );
  expect(reversible.map(({ layers }: { layers: number }) => layers)).toEqual([1, 3]);
  const activations = (rows: { activationPeakBytes: number }[]) => rows.map((row) => row.activationPeakBytes);
  const [one, three] = activations(reversible);
  expect(three).toBe(one);
  const [storedOne, storedThree] = activations(stored);
  // Each stored layer keeps two normalized inputs, qk, v, out, the log-sum-exp, the order and the hidden features.
  expect(storedThree - storedOne).toBeGreaterThan(2 * 4 * 128 * (2 * 64 + 3 * 64 + 256));
  for (const row of [...reversible, ...stored]) {
    expect(row.weightBytes).toBeGreaterThan(0);
    expect(row.gradientBytes).toBe(row.weightBytes);
    expect(row.optimizerBytes).toBeGreaterThanOrEqual(2 * row.weightBytes);
    expect(row.loss).toBeGreaterThan(3);
  }
  expect(reversible[1].bucketIdBytes).toBe(3 * 4 * 4 * 128);
  // Weights and symbols are the same, so the mode changes only the memory.
  expect(stored[1].loss).toBeCloseTo(reversible[1].loss, 4);
});

test('train prints its result as the last line, and saves weights with their task', async () => {
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
])('lab %s exits with code 2 and prints one line', async (args, words) => {
  const { code, stderr } = await lab(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(words);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});
