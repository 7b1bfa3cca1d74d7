import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { relativeError } from '../../src/algorithm/fidelity';
import { rotations } from '../../src/algorithm/hash';
import { lshAttention } from '../../src/algorithm/lsh';
import { presets } from '../../src/algorithm/settings';
import { readSafetensors, type Tensor, writeSafetensors } from '../../src/formats/safetensors';
import { expectSameLse } from '../gpu/expect';
import { fixtureNames, loadFixture } from '../support/fixtures';
import { lab, root } from './lab';

const folder = await mkdtemp(join(tmpdir(), 'lab-'));
const out = join(folder, 'out.safetensors');
afterAll(() => rm(folder, { recursive: true }));

const fixture = (name: string) => join(root, 'tests/fixtures', `${name}.safetensors`);

test.each(fixtureNames)('attend gives the results of the independent implementation for %s', async (name) => {
  await rm(out, { force: true });
  const { code, stdout } = await lab('attend', fixture(name), out);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  const { tensors } = readSafetensors(await readFile(out));
  const { shape, settings, tensor, has } = await loadFixture(name);
  const { heads, n, d } = shape;
  expect(tensors.get('out')?.shape).toEqual([heads, n, d]);
  for (const key of ['buckets', 'order', 'lse']) expect(tensors.get(key)?.shape).toEqual([heads, settings.rounds, n]);
  expect(relativeError(tensors.get('out')?.data ?? [], tensor('out'))).toBeLessThan(1e-5);
  expect(tensors.get('buckets')?.data).toEqual(tensor('buckets'));
  if (has('order')) expect(tensors.get('order')?.data).toEqual(tensor('order'));
  const core = lshAttention({ shape, qk: tensor('qk'), v: tensor('v'), rotations: tensor('rotations') }, settings);
  expectSameLse(tensors.get('lse')?.data ?? [], core.lse);
});

test.each(fixtureNames.filter((name) => name.startsWith('lsh-')))(
  'attend --backward gives the gradients of the independent implementation for %s',
  async (name) => {
    const { code } = await lab('attend', '--backward', fixture(name), out);
    expect(code).toBe(0);
    const { tensors } = readSafetensors(await readFile(out));
    const { tensor } = await loadFixture(name);
    for (const key of ['grad_qk', 'grad_v']) {
      expect(relativeError(tensors.get(key)?.data ?? [], tensor(key))).toBeLessThan(1e-4);
    }
  },
);

test('attend lets options override the file’s settings, and makes missing rotations from the seed', async () => {
  const shape = { heads: 1, n: 75, d: 5 };
  const qk: Tensor = { shape: [1, 75, 5], data: Float32Array.from({ length: 375 }, (_, i) => Math.sin(i * i)) };
  const input = join(folder, 'in.safetensors');
  const config = JSON.stringify({ rounds: 2, chunk: 16, buckets: 8, causal: true, preset: 'trax' });
  await writeFile(
    input,
    writeSafetensors(
      new Map([
        ['qk', qk],
        ['v', qk],
      ]),
      new Map([['config', config]]),
    ),
  );
  const flags =
    '--rounds 3 --chunk 10 --buckets 4,6 --causal false --look-back 2 --look-ahead 1 --seed 9 --bucket-mask true';
  const { code, stderr } = await lab('attend', input, out, ...flags.split(' '));
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const settings = {
    ...presets.trax,
    rounds: 3,
    chunk: 10,
    factors: [4, 6],
    causal: false,
    lookBack: 2,
    lookAhead: 1,
    bucketMask: true,
  };
  const core = lshAttention({ shape, qk: qk.data, v: qk.data, rotations: rotations(shape, settings, 9) }, settings);
  const { tensors } = readSafetensors(await readFile(out));
  expect(tensors.get('buckets')?.data).toEqual(core.buckets);
  expect(relativeError(tensors.get('out')?.data ?? [], core.out)).toBeLessThan(1e-5);
});

describe('attend exits with code 2, prints one line and writes nothing for', () => {
  const tiny = fixture('lsh-tiny');
  const cases: [string, string[], string][] = [
    ['a missing file', [join(folder, 'none.safetensors'), out], 'cannot be read'],
    ['a chunk that is not a number', [tiny, out, '--chunk', 'many'], '"many"'],
    ['an odd bucket count', [tiny, out, '--buckets', '7'], '7'],
    ['zero rounds', [tiny, out, '--rounds', '0'], 'rounds is 0'],
    ['more rounds than the rotations have', [tiny, out, '--rounds', '3'], 'rotations'],
    ['an unknown option', [tiny, out, '--speed', '3'], '--speed'],
    ['an unknown preset', [tiny, out, '--preset', 'mine'], '"mine"'],
    ['one file in place of two', [tiny], 'two files'],
    ['a truncated file', [join(folder, 'cut.safetensors'), out], 'header claims'],
    ['a NaN in qk', [join(folder, 'nan.safetensors'), out], 'NaN'],
    ['a qk of the wrong shape', [join(folder, 'shape.safetensors'), out], 'heads×n×d'],
    ['a missing grad_out', [fixture('paper-causal'), out, '--backward'], '"grad_out"'],
    ['a missing v', [join(folder, 'qk.safetensors'), out], '"v"'],
  ];
  test.each(cases)('%s', async (_, args, words) => {
    const tensor = (shape: number[], values: number[]): Tensor => ({ shape, data: Float32Array.from(values) });
    const write = (name: string, tensors: [string, Tensor][]) =>
      writeFile(join(folder, name), writeSafetensors(new Map(tensors)));
    await writeFile(join(folder, 'cut.safetensors'), (await readFile(tiny)).subarray(0, 200));
    const good = tensor([1, 4, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
    await write('nan.safetensors', [
      ['qk', tensor([1, 4, 2], [1, 2, 3, Number.NaN, 5, 6, 7, 8])],
      ['v', good],
    ]);
    await write('shape.safetensors', [
      ['qk', tensor([4, 2], [1, 2, 3, 4, 5, 6, 7, 8])],
      ['v', good],
    ]);
    await write('qk.safetensors', [['qk', good]]);
    await rm(out, { force: true });
    const { code, stdout, stderr } = await lab('attend', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(words);
    expect(existsSync(out)).toBe(false);
  });
});
