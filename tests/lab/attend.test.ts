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

/** A file IN with seeded qk and v [2, 96, 8], this config, and other tensors. */
async function writeInput(config?: unknown, others: [string, Tensor][] = []): Promise<string> {
  const numbers = Float32Array.from({ length: 2 * 96 * 8 }, (_, i) => Math.sin(i * i));
  const input = join(folder, 'in.safetensors');
  const tensors = new Map([
    ...(['qk', 'v'] as const).map((name): [string, Tensor] => [name, { shape: [2, 96, 8], data: numbers }]),
    ...others,
  ]);
  const metadata = new Map(config === undefined ? [] : [['config', JSON.stringify(config)] as const]);
  await writeFile(input, writeSafetensors(tensors, metadata));
  return input;
}

/** The config that attend wrote. */
const writtenConfig = async () => JSON.parse(readSafetensors(await readFile(out)).metadata.get('config') ?? '');

test.each(['paper', 'trax', 'lucidrains'] as const)(
  'attend reads back the config that it writes with --preset %s',
  async (preset) => {
    const flags = `--preset ${preset} --rounds 2 --chunk 16 --buckets 4,6 --look-back 2 --look-ahead 1 --causal false --seed 3`;
    expect((await lab('attend', await writeInput(), out, ...flags.split(' '))).stderr).toBe('');
    const first = await readFile(out);
    const config = await writtenConfig();
    expect(config).toMatchObject({
      ...presets[preset],
      factors: [4, 6],
      lookBack: 2,
      lookAhead: 1,
      seed: 3,
      causalMask: preset === 'paper' ? null : presets[preset].causalMask,
    });
    await rm(out);
    expect((await lab('attend', await writeInput(config), out)).stderr).toBe('');
    expect(Buffer.compare(await readFile(out), first)).toBe(0);
  },
);

test('attend uses every key of config, and lets --preset override its switches', async () => {
  const keys = {
    scale: 'sqrt',
    keyNorm: 'smooth',
    bucketMask: false,
    duplicates: 'counted',
    wrap: true,
    causalMask: -1e9,
    selfMask: -2e4,
    sharedRotations: true,
  };
  const others = { rounds: 2, chunk: 8, factors: [6], lookBack: 0, lookAhead: 1, causal: false, seed: 7 };
  expect((await lab('attend', await writeInput({ ...keys, ...others }), out)).stderr).toBe('');
  expect(await writtenConfig()).toEqual({ heads: 2, n: 96, d: 8, ...keys, ...others });
  expect(
    (await lab('attend', await writeInput({ ...keys, ...others }), out, '--preset', 'trax', '--wrap', 'false')).stderr,
  ).toBe('');
  expect(await writtenConfig()).toEqual({ heads: 2, n: 96, d: 8, ...presets.trax, wrap: false, ...others });
});

test.each<[string, unknown, [string, Tensor][], string]>([
  ['a key of config that it does not know', { n_hashes: 8 }, [], '"n_hashes", which is not used'],
  ['two keys for one setting', { lookBack: 2, chunks_before: 2 }, [], 'lookBack and chunks_before'],
  ['a switch that is null', { scale: null }, [], 'scale is null'],
  ['a causal mask that hides nothing', { causalMask: -5 }, [], 'causalMask is -5'],
  ['a mask', undefined, [['mask', { shape: [2, 96], data: new Float32Array(192) }]], '"mask", which is not used'],
  [
    'a misspelt tensor',
    undefined,
    [['rotation', { shape: [1], data: new Float32Array(1) }]],
    '"rotation", which is not used',
  ],
  [
    'a seed beside rotations',
    { seed: 5, rounds: 1, buckets: 4 },
    [['rotations', { shape: [2, 8, 1, 2], data: new Float32Array(32) }]],
    'the seed 5 is not used',
  ],
])('attend refuses %s', async (_, config, others, words) => {
  await rm(out, { force: true });
  const { code, stderr } = await lab('attend', await writeInput(config, others), out);
  expect(stderr).toContain(words);
  expect({ code, lines: stderr.trim().split('\n').length, isWritten: existsSync(out) }).toEqual({
    code: 2,
    lines: 1,
    isWritten: false,
  });
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
