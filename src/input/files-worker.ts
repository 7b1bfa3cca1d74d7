/** A worker that reads one file of vectors. It transfers the numbers instead of copying them. */

import { limits } from '../algorithm/settings';
import { readVectorFile } from '../formats/vector-file';
import { InputError } from '../shared/errors';
import type { FileReply } from './files';

addEventListener('message', ({ data: { name, bytes } }: MessageEvent<{ name: string; bytes: Uint8Array }>) => {
  const reply = (message: FileReply, transfer: Transferable[] = []) =>
    (postMessage as (message: FileReply, transfer: Transferable[]) => void)(message, transfer);
  try {
    const file = readVectorFile(name, bytes);
    if (file.d > limits.d)
      throw new InputError(`The file's vectors have ${file.d} numbers each; the page shows at most ${limits.d}.`);
    reply({ file }, file.v ? [file.qk.buffer, file.v.buffer] : [file.qk.buffer]);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    reply({ error: error.message });
  }
});
