import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeSafetensors } from '../../src/formats/safetensors';
import { lab, root } from './lab';

const folder = await mkdtemp(join(tmpdir(), 'lab-'));
afterAll(() => rm(folder, { recursive: true }));

const fixture = (name: string) => join(root, 'tests/fixtures/vectors', name);
const json = async (...args: string[]) => JSON.parse((await lab('vectors', ...args, '--json')).stdout);

test('vectors prints what NumPy and pandas read', async () => {
  expect(await json(fixture('22-fortran-spaces.npy'))).toMatchObject({
    shape: [1, 64, 16],
    sum: 46.74530952540226,
    names: null,
  });
  expect(await json(fixture('30-fasttext.vec'))).toMatchObject({
    shape: [1, 200, 50],
    first: [-0.085, -0.7509, 0.1664, 0.5039],
    last: [1.4292, 0.4678, 1.4987, -0.4333],
    leftOut: ['line 1, which counts 200 rows of 50 numbers'],
  });
  const { names } = await json(fixture('30-fasttext.vec'));
  expect(names.slice(0, 2)).toEqual(['waku', 'wbku']);
  expect(names).toHaveLength(200);
});

test('vectors chooses heads and projects', async () => {
  const data = Float32Array.from({ length: 3 * 4 * 200 }, (_, i) => Math.sin(i));
  const path = join(folder, 'wide.safetensors');
  await writeFile(path, writeSafetensors(new Map([['qk', { shape: [3, 4, 200], data }]])));
  expect(await json(path)).toMatchObject({ shape: [3, 4, 200], note: null });
  expect(await json(path, '--heads', '2,0')).toMatchObject({
    shape: [2, 4, 128],
    note: 'heads 2, 0 of 0 to 2, 200 numbers reduced to 128 by a random projection, seed 0',
  });
  expect(await json(path, '--projection', 'principal', '--width', '3')).toMatchObject({
    shape: [3, 4, 3],
    note: '200 numbers reduced to 3 by the first 3 principal components',
  });
});

test.each([
  [[fixture('05-thousands-swiss.csv')], `Line 1 has "3'105.98", a number with thousands marks; write it without them.`],
  [
    [fixture('22-fortran-spaces.npy'), '--seed', '3'],
    'The vectors have 16 numbers each, which is not more than 128; leave --seed out.',
  ],
  [[fixture('22-fortran-spaces.npy'), '--heads', '1'], 'There is no head 1; the file has the heads 0 to 0.'],
  [[], 'vectors needs one file, but got 0.'],
])('vectors %j exits with code 2 and one sentence', async (args, sentence) => {
  expect(await lab('vectors', ...args)).toEqual({ code: 2, stdout: '', stderr: `${sentence}\n` });
});
