import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSafetensors, type Tensor, writeSafetensors } from '../../src/formats/safetensors';
import { lab, root } from './lab';

// Small random models with unequal chunks, padded lengths, masks, automatic buckets and other activations. expected.safetensors holds the
// logits of Hugging Face transformers 5.18 (torch 2.13, float32, hash_seed 0).
const models = join(root, 'tests/fixtures/models');
const names = await readdir(models);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'models-'));
});
afterAll(() => rm(folder, { recursive: true }));

const tensorsOf = async (path: string) => readSafetensors(await readFile(path)).tensors;

test('there are models of each kind', () => {
  for (const kind of ['auto-buckets', 'padding', 'mask', 'ring', 'position-ids', 'hidden-act', 'one-token']) {
    expect(
      names.some((name) => name.includes(kind)),
      kind,
    ).toBe(true);
  }
});

test.each(names)('forward gives the logits of transformers for %s', async (name) => {
  const model = join(models, name);
  const out = join(folder, `${name}.safetensors`);
  const { code, stderr } = await lab('forward', model, join(model, 'in.safetensors'), out);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const mask = (await tensorsOf(join(model, 'in.safetensors'))).get('attention_mask')?.data;
  const ours = (await tensorsOf(out)).get('logits') as Tensor;
  const theirs = (await tensorsOf(join(model, 'expected.safetensors'))).get('logits') as Tensor;
  expect(ours.data.length).toBe(theirs.data.length);
  const vocabulary = theirs.shape[theirs.shape.length - 1];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let largest = 0;
  for (let k = 0; k < theirs.data.length; k++) {
    low = Math.min(low, theirs.data[k]);
    high = Math.max(high, theirs.data[k]);
    // Logits of masked tokens have no meaning.
    if (mask && mask[Math.floor(k / vocabulary)] === 0) continue;
    largest = Math.max(largest, Math.abs(ours.data[k] - theirs.data[k]));
  }
  expect(high - low).toBeGreaterThan(0.1);
  expect(largest / (high - low)).toBeLessThan(1e-3);
});

describe('forward names a tensor of IN that it does not use', () => {
  test.each(['rotation', 'inputs_embeds', 'mask'])('%s', async (name) => {
    const model = join(models, 'one-token');
    const input = await tensorsOf(join(model, 'in.safetensors'));
    const path = join(folder, `${name}-in.safetensors`);
    const tensors = [...input, [name, input.get('rotations') as Tensor]] as [string, Tensor][];
    await writeFile(path, writeSafetensors(new Map(tensors)));
    const out = join(folder, 'unused.safetensors');
    const { code, stderr } = await lab('forward', model, path, out);
    expect(code).toBe(2);
    expect(stderr).toContain(`IN has the tensor "${name}", which is not used`);
    await expect(readFile(out)).rejects.toThrow('ENOENT');
  });
});
