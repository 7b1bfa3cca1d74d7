import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { Tensor, TensorFile } from '../formats/safetensors';
import { InputError } from '../shared/errors';

/** @throws InputError if the file cannot be read. */
export async function readInput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

/** A file is there whole or not at all. @throws InputError if it cannot be written. */
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

/** @throws InputError if the file has no such tensor, or one that is not finite. */
export function tensor({ tensors }: TensorFile, name: string): Tensor {
  const found = tensors.get(name);
  if (!found) throw new InputError(`The file has no tensor ${JSON.stringify(name)}.`);
  const bad = (found.data as Float32Array).findIndex((value) => !Number.isFinite(Math.fround(value)));
  if (bad >= 0)
    throw new InputError(`${name} holds ${found.data[bad]} at element ${bad}; all must be finite float32 numbers.`);
  return found;
}
