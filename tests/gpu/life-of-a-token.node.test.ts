import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { defaultTask } from '../../src/algorithm/duplication-task';
import { rotations } from '../../src/algorithm/hash';
import { twins } from '../../src/algorithm/inputs';
import { GpuEngine } from '../../src/gpu/gpu-engine';
import { Context } from '../../src/gpu/runtime/context';
import { defaults, settingsOf } from '../../src/state/state';
import { Trainer } from '../../src/training/trainer';
import { openTested } from './context';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(`${root}docs/ARCHITECTURE.md`, 'utf8');

/** What docs/ARCHITECTURE.md lists under a heading: files of src/, and kernels. */
function listOf(heading: string): { files: string[]; kernels: string[] } {
  const section = page.split(`## ${heading}\n`)[1].split('\n## ')[0];
  const files = [...section.matchAll(/`(src\/[\w./-]+\.ts)`/g)].map(([, path]) => path);
  const kernels = [...section.matchAll(/\.wgsl`\s+\(([\w-]+)\)/g)].map(([, name]) => name);
  return { files, kernels };
}

/** Runs `act` and returns which files of src/ ran functions meanwhile, and which kernels were compiled on its device. */
async function watch(act: (open: Awaited<ReturnType<typeof openTested>>) => Promise<void>) {
  const open = await openTested();
  const kernels: string[] = [];
  const { device } = open;
  const create = device.createComputePipelineAsync.bind(device);
  device.createComputePipelineAsync = (descriptor) => {
    kernels.push(descriptor.label ?? '');
    return create(descriptor);
  };
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  try {
    await act(open);
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const files = result
      .filter(({ url, functions }) => url.includes(`${root}src/`) && functions.some((one) => one.ranges[0].count > 0))
      .map(({ url }) => url.slice(url.indexOf(`${root}src/`) + root.length));
    return { files, kernels };
  } finally {
    await session.post('Profiler.stopPreciseCoverage');
    session.disconnect();
    device.destroy();
  }
}

/** Files that run beside the data: they open the device and wait for it. */
const beside = ['src/gpu/runtime/device.ts', 'src/gpu/runtime/firefox-poll.ts'];

const below = (files: string[], ...folders: string[]): string[] =>
  files.filter((path) => folders.some((folder) => path.startsWith(folder)) && !beside.includes(path)).sort();

const attend = (n: number) =>
  watch(async (open) => {
    const engine = new GpuEngine(open);
    const shape = { heads: 1, n, d: 16 };
    const settings = settingsOf(defaults({ n }));
    const vectors = twins(shape, { seed: 1, noise: 0.3, length: 8 });
    await engine.compute({ vectors, settings, rotations: rotations(shape, settings, 1) });
    await engine.token(0, 41);
  });

describe('docs/ARCHITECTURE.md', () => {
  test('names every file of gpu/ that runs for a token, no other one, and its kernels', async () => {
    const list = listOf('The life of a token');
    const [few, many] = [await attend(64), await attend(300)];
    expect(below(list.files, 'src/gpu/')).toEqual(below([...new Set([...few.files, ...many.files])], 'src/gpu/'));
    const compiled = new Set([...few.kernels, ...many.kernels]);
    for (const kernel of list.kernels) expect(compiled, kernel).toContain(kernel);
  });

  test('names every file of model/ and training/ that runs for a training step, and its kernels', async () => {
    const list = listOf('The life of a training step');
    const { files, kernels } = await watch(async (open) => {
      const task = { ...defaultTask, length: 16, symbols: 8, batch: 2 };
      const trainer = new Trainer(new Context(open), task, 'reversible');
      await trainer.train();
    });
    const ran = below(files, 'src/model/', 'src/training/');
    // The session and the view decide what is trained; a trainer runs without them.
    expect(below(list.files, 'src/model/', 'src/training/')).toEqual(
      [...ran, 'src/training/training-session.ts'].sort(),
    );
    for (const kernel of list.kernels) expect(kernels, kernel).toContain(kernel);
  });
});
