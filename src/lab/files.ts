/** Files of the commands: read and written whole. */

import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { Tensor, TensorFile } from '../formats/safetensors';
import { InputError } from '../shared/errors';

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
