import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globals } from 'webgpu';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import { Backward } from '../../src/gpu/attention/backward';
import { FullAttention } from '../../src/gpu/attention/full-attention';
import { LshAttention } from '../../src/gpu/attention/lsh-attention';
import { checkKernel } from '../../src/gpu/runtime/kernel-checks';
import { RecordingContext } from '../../src/gpu/runtime/kernel-recorder';
import { kernelNames } from '../../src/gpu/runtime/kernels';
import { kernels } from '../../src/lab/kernels';
import { Model } from '../../src/model/model';
import { Weights } from '../../src/model/parameters';
import { InputError } from '../../src/shared/errors';
import { randomCase } from '../support/random-case';
import { smallModel } from '../support/random-model';
import { lab } from './lab';
import '../../src/gpu/runtime/bench-kernels';

const folder = await mkdtemp(join(tmpdir(), 'kernels-'));
afterAll(() => rm(folder, { recursive: true }));

describe('lab kernels', () => {
  const out = join(folder, 'wgsl');
  let run: Awaited<ReturnType<typeof lab>>;
  const texts = new Map<string, string>();

  beforeAll(async () => {
    run = await lab('kernels', out, '--d', '16');
    for (const name of await readdir(out)) texts.set(name, await readFile(join(out, name), 'utf8'));
  }, 120_000);

  const isSoftware = (name: string) => name.endsWith('.software.wgsl');

  test('writes every kernel for GPUs and for software devices, and says how many', () => {
    const names = [...texts.keys()];
    const ofSoftware = names.filter(isSoftware);
    expect(run).toEqual({
      code: 0,
      stderr: '',
      stdout: `${names.length - ofSoftware.length} kernels for GPUs and ${ofSoftware.length} for software devices are in ${out}.\n`,
    });
    const kernelsOf = (files: string[]) => [...new Set(files.map((name) => name.split('.')[0]))].sort();
    expect(kernelsOf(ofSoftware)).toEqual([...kernelNames()].sort());
    expect(kernelsOf(names.filter((name) => !isSoftware(name)))).toEqual([...kernelNames()].sort());
  });

  test('writes complete WGSL with one entry point, whose constants have the values in the name', () => {
    for (const [name, text] of texts) {
      const { compute } = new WgslReflect(text).entry;
      expect({ name, entries: compute.map((entry) => entry.name) }).toEqual({ name, entries: ['main'] });
      expect(text).not.toContain('//#');
      const constants = [...name.matchAll(/\.(\w+)=(\w+)/g)].map(([, constant, value]) => [constant, value]);
      for (const [constant, value] of constants) {
        expect(text).toMatch(new RegExp(`^const ${constant}: (u32|bool) = ${value}u?;`, 'm'));
      }
      checkKernel(name.split('.')[0], Object.fromEntries(constants));
      expect({ name, f16: text.startsWith('enable f16;') }).toEqual({ name, f16: name.includes('.f16') });
      expect({ name, halves: text.includes('RowsOn') }).toEqual({ name, halves: name.includes('.halves') });
    }
  });

  test('gives software devices smaller blocks, and 32-bit floats alone', () => {
    expect(texts.has('attend.D4=4.RING=false.THREADS=32.TILE=16.wgsl')).toBe(true);
    expect(texts.has('attend.D4=4.RING=false.THREADS=32.TILE=16.halves.f16.wgsl')).toBe(true);
    expect(texts.has('attend.D4=4.RING=false.THREADS=8.TILE=8.software.wgsl')).toBe(true);
    expect([...texts.keys()].filter((name) => isSoftware(name) && name.includes('.f16'))).toEqual([]);
  });

  test.each([false, true])('writes what random attentions and models dispatch, software %s', (software) => {
    Object.assign(globalThis, globals);
    const context = new RecordingContext({ software, f16: true });
    for (let seed = 1; seed <= 40; seed++) {
      const n = [7, 100, 300, 700, 1500][seed % 5];
      const { settings, input } = randomCase(seed, n, { d: seed % 2 ? 16 : 13 });
      const storage = software || seed % 3 ? 'f32' : 'f16';
      const options = { storage, keepRounds: seed % 7 > 0, ...(seed % 4 === 0 && { bindingBytes: 32 }) } as const;
      const lsh = new LshAttention(context, input.shape, settings, options);
      const full = new FullAttention(lsh, 'all');
      context.record([...lsh.dispatches(), ...full.dispatches()]);
      for (const attention of [lsh, full]) context.record(new Backward(attention).dispatches());
    }
    for (const activation of ['relu', 'gelu', 'gelu_new', 'silu'] as const) {
      for (const residual of ['reversible', 'standard'] as const) {
        const settings = { ...smallModel, headSize: 14, activation, residual };
        const weights = new Weights(context, settings, true);
        const model = new Model(context, weights, settings, { batch: 2, n: 20 }, 'stored');
        context.record([...model.forward(), ...model.loss(true), ...model.backward()]);
      }
    }
    expect(context.variants.length).toBeGreaterThan(80);
    const wanted = context.variants.map(({ title, text }) => [`${title}${software ? '.software' : ''}.wgsl`, text]);
    expect(wanted.filter(([name, text]) => texts.get(name) !== text).map(([name]) => name)).toEqual([]);
  });

  test('replaces files of an earlier call, and refuses a folder with others', async () => {
    const again = join(folder, 'again');
    await mkdir(again);
    await writeFile(join(again, 'attend.D4=1.RING=false.THREADS=32.TILE=16.wgsl'), '');
    const { code } = await lab('kernels', again, '--d', '16');
    expect(code).toBe(0);
    expect(await readdir(again)).not.toContain('attend.D4=1.RING=false.THREADS=32.TILE=16.wgsl');
    await writeFile(join(again, 'notes.txt'), 'mine');
    const before = await readdir(again);
    expect(await lab('kernels', again)).toEqual({
      code: 2,
      stdout: '',
      stderr: `${again} holds "notes.txt", which is no file of this command; give a new or an empty folder.\n`,
    });
    expect(await readdir(again)).toEqual(before);
  });

  test('refuses a path that cannot be a folder, and sizes that vectors cannot have', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    for (const path of [file, join(file, 'below')]) {
      await expect(kernels([path])).rejects.toThrow(
        new InputError(`${path} cannot be a folder, because it or a part of its path is a file; give another path.`),
      );
    }
    const none = join(folder, 'none');
    await expect(kernels([join(none, 'below')])).rejects.toThrow(
      new InputError(`${join(none, 'below')} cannot be written: ENOENT.`),
    );
    await expect(kernels([none, '--d', '0'])).rejects.toThrow(
      new InputError('d is 0; it must be a whole number from 1 to 128.'),
    );
    await expect(kernels([])).rejects.toThrow(new InputError('kernels needs one folder, but got 0.'));
    await expect(readdir(none)).rejects.toThrow('ENOENT');
  });
});
