/** A worker that reads one file of vectors. It transfers the numbers instead of copying them. */

import { defaultFit, type Fit, fitVectors } from '../formats/fit';
import { readVectorFile } from '../formats/vector-file';
import { InputError } from '../shared/errors';
import type { FileReply } from './files';

interface Request {
  name: string;
  bytes: Uint8Array;
  fit: Partial<Fit>;
}

addEventListener('message', ({ data: { name, bytes, fit } }: MessageEvent<Request>) => {
  const reply = (message: FileReply, transfer: Transferable[] = []) =>
    (postMessage as (message: FileReply, transfer: Transferable[]) => void)(message, transfer);
  try {
    const file = fitVectors(readVectorFile(name, bytes), { ...defaultFit, ...fit });
    reply({ file }, file.v ? [file.qk.buffer, file.v.buffer] : [file.qk.buffer]);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    reply({ error: error.message });
  }
});
