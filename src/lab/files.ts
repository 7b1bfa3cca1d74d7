/** Files of the commands: read and written whole. */

import { access, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { partsOfIndex } from '../formats/hugging-face';
import { readSafetensors, type Tensor, type TensorFile } from '../formats/safetensors';
import { InputError, quote } from '../shared/errors';
import { otherWeights } from '../text/published';

/** Reads a file. @throws InputError if it cannot be read. */
export async function readInput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

/** Writes a file through a temporary one, so that it never exists in part. @throws InputError if it cannot be written. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.part`;
  try {
    await writeFile(part, bytes);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw new InputError(`${path} cannot be written: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

/** Reads a safetensors file. @throws InputError if it cannot be read, or naming what else the file is. */
export async function readTensorFile(path: string): Promise<TensorFile> {
  const bytes = await readInput(path);
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  if (start.startsWith('version https://git-lfs')) {
    throw new InputError(
      `${path} is a git-LFS pointer, not the file that it points to; fetch that file with "git lfs pull".`,
    );
  }
  if (start.startsWith('PK\x03\x04') || start.startsWith('\x80\x02')) {
    throw new InputError(`${path} is a file of PyTorch, not a safetensors file; save the tensors as safetensors.`);
  }
  // The header, a JSON object, follows its length in 8 bytes.
  if (bytes.length > 8 && start[8] !== '{') {
    throw new InputError(`${path} is no safetensors file; it begins with ${quote(start.slice(0, 24))}.`);
  }
  return readSafetensors(bytes);
}

/** True if the path is that of a folder. */
export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Reads the tensors of a model: those of model.safetensors or, if there is none, of the parts that model.safetensors.index.json lists.
 * @throws InputError naming a file that is missing or no safetensors file, or a tensor that is not where the index says.
 */
export async function readModelTensors(folder: string): Promise<Map<string, Tensor>> {
  const whole = join(folder, 'model.safetensors');
  const index = `${whole}.index.json`;
  if ((await isThere(whole)) || !(await isThere(index))) {
    for (const name of otherWeights) {
      if (!(await isThere(whole)) && (await isThere(join(folder, name)))) {
        throw new InputError(`${folder} has ${name}, but model.safetensors is needed; save the model as safetensors.`);
      }
    }
    return (await readTensorFile(whole)).tensors;
  }
  const parts = partsOfIndex(new TextDecoder().decode(await readInput(index)));
  const tensors = new Map<string, Tensor>();
  for (const [part, names] of parts) {
    const file = (await readTensorFile(join(folder, part))).tensors;
    for (const [name, tensor] of file) {
      if (!names.has(name)) throw new InputError(`${part} holds the tensor ${quote(name)}, which ${index} lacks.`);
      tensors.set(name, tensor);
    }
    for (const name of names) {
      if (!file.has(name)) throw new InputError(`${part} lacks the tensor ${quote(name)}, which ${index} lists.`);
    }
  }
  return tensors;
}

/** A file's tensor. @throws InputError if it is missing or has a number that is not finite as float32. */
export function tensor({ tensors }: TensorFile, name: string): Tensor {
  const entry = tensors.get(name);
  if (!entry) throw new InputError(`The file has no tensor ${JSON.stringify(name)}.`);
  const bad = (entry.data as Float32Array).findIndex((value) => !Number.isFinite(Math.fround(value)));
  if (bad >= 0)
    throw new InputError(
      `${name} is ${entry.data[bad]} at element ${bad}; all elements must be finite float32 numbers.`,
    );
  return entry;
}

/**
 * Checks that a command uses all that a file holds, so that a misspelt name is not ignored. `format` is metadata of most libraries.
 * @throws InputError naming a tensor that is neither in `tensors` nor matched by `unused`, or a metadata key that is not in `metadata`.
 */
export function checkContent(
  file: TensorFile,
  { tensors, unused, metadata }: { tensors: string[]; unused: RegExp; metadata: string[] },
): void {
  for (const name of file.tensors.keys()) {
    if (tensors.includes(name) || unused.test(name)) continue;
    throw new InputError(`IN has the tensor ${quote(name)}, which is not used; the tensors are ${tensors.join(', ')}.`);
  }
  for (const key of file.metadata.keys()) {
    if (key === 'format' || metadata.includes(key)) continue;
    const known = metadata.length > 0 ? `; the keys are ${metadata.join(', ')}` : '';
    throw new InputError(`IN has the metadata ${quote(key)}, which is not used${known}.`);
  }
}
