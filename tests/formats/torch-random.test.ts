import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readSafetensors } from '../../src/formats/safetensors';
import { torchNormals } from '../../src/formats/torch-random';

const models = fileURLToPath(new URL('../fixtures/models', import.meta.url));

test('torchNormals gives the directions that transformers draws from hash_seed', async () => {
  const counts: number[] = [];
  for (const entry of await readdir(models, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const folder = join(models, entry.name);
    const { tensors } = readSafetensors(await readFile(join(folder, 'in.safetensors')));
    const rotations = tensors.get('rotations');
    if (!rotations) continue;
    const { hash_seed: seed } = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    const drawn = torchNormals(seed, rotations.data.length);
    const largest = drawn.reduce((most, value, at) => Math.max(most, Math.abs(value - Number(rotations.data[at]))), 0);
    expect(largest, entry.name).toBeLessThan(4e-6);
    counts.push(drawn.length);
  }
  // Each way to draw is there: few numbers, whole blocks, and an incomplete last block.
  expect(counts.some((count) => count < 16)).toBe(true);
  expect(counts.some((count) => count >= 16 && count % 16 === 0)).toBe(true);
  expect(counts.some((count) => count >= 16 && count % 16 > 0)).toBe(true);
});

test.each([
  [0, [1.540996]],
  [-1, [1.219763, -0.392979, 1.023075]],
  [2 ** 40 + 5, [-0.486781, -0.603822, -0.558096, 0.667524]],
])('torchNormals gives torch.randn of torch 2.13 for the seed %s', (seed, values) => {
  const drawn = torchNormals(seed, values.length);
  values.forEach((value, at) => {
    expect(drawn[at]).toBeCloseTo(value, 5);
  });
});
