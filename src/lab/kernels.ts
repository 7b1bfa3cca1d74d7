/** `lab kernels`: the whole text of every kernel, for compilers and readers outside the engine. */

import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { globals } from 'webgpu';
import { limits } from '../algorithm/settings';
import { kernelNames } from '../gpu/runtime/kernels';
import { InputError, quote } from '../shared/errors';
import { kernelVariants } from './kernel-sweep';
import { numbers, parseCommandLine } from './options';

export const kernelsUsage = `kernels DIR [options]
  Writes every compute kernel in every variant that the engine uses as a complete .wgsl file. Needs no GPU. DIR must be new or empty, or
  hold only files of an earlier call, which are replaced.
    --d 16,32,64,128  sizes of the vectors
  A name holds the kernel, its constants, "halves" if tensors of vectors take two bindings, "f16" if they hold 16-bit floats, and
  "software" for software devices.`;

/** Runs the command. @throws InputError for invalid options, or a folder that cannot be used. */
export async function kernels(argv: string[]): Promise<void> {
  const { files, flags } = parseCommandLine(argv, ['d']);
  if (files.length !== 1) throw new InputError(`kernels needs one folder, but got ${files.length}.`);
  const [folder] = files;
  const sizes = [...new Set(numbers('d', flags.get('d') ?? '16,32,64,128'))];
  for (const size of sizes) {
    if (!Number.isInteger(size) || size < 1 || size > limits.d) {
      throw new InputError(`d is ${size}; it must be a whole number from 1 to ${limits.d}.`);
    }
  }
  const earlier = await filesOf(folder);
  // The constants of WebGPU; no device is opened.
  Object.assign(globalThis, globals);
  const gpu = await kernelVariants(sizes, false);
  const software = await kernelVariants(sizes, true);
  const texts = new Map([
    ...gpu.map(({ title, text }) => [`${title}.wgsl`, text] as const),
    ...software.map(({ title, text }) => [`${title}.software.wgsl`, text] as const),
  ]);
  await writable(folder, async () => {
    for (const name of earlier) await rm(join(folder, name));
    for (const [name, text] of texts) await writeFile(join(folder, name), text);
  });
  console.log(`${gpu.length} kernels for GPUs and ${software.length} for software devices are in ${folder}.`);
}

/** Makes a folder if there is none, and lists its files. @throws InputError if it holds any that this command does not write. */
async function filesOf(folder: string): Promise<string[]> {
  const names = await writable(folder, async () => {
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    return readdir(folder);
  });
  const ours = new RegExp(`^(${kernelNames().join('|')})(\\.\\w+=\\w+)*(\\.halves)?(\\.f16)?(\\.software)?\\.wgsl$`);
  const other = names.find((name) => !ours.test(name));
  if (other === undefined) return names;
  throw new InputError(
    `${folder} holds ${quote(other)}, which is no file of this command; give a new or an empty folder.`,
  );
}

async function writable<T>(folder: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') {
      throw new InputError(
        `${folder} cannot be a folder, because it or a part of its path is a file; give another path.`,
      );
    }
    throw new InputError(`${folder} cannot be written: ${code}.`);
  }
}
