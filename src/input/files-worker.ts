/** Reads one file of vectors, and hands its numbers over without a copy. */

import { readVectorFile } from '../formats/vector-file';
import { InputError } from '../shared/errors';
import type { FileAnswer } from './files';

addEventListener('message', ({ data: { name, bytes } }: MessageEvent<{ name: string; bytes: Uint8Array }>) => {
  const answer = (message: FileAnswer, transfer: Transferable[] = []) =>
    (postMessage as (message: FileAnswer, transfer: Transferable[]) => void)(message, transfer);
  try {
    const file = readVectorFile(name, bytes);
    answer({ file }, file.v ? [file.qk.buffer, file.v.buffer] : [file.qk.buffer]);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    answer({ refused: error.message });
  }
});
