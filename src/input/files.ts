import type { VectorFile } from '../formats/vector-file';
import { InputError } from '../shared/errors';

/** What the worker found: the vectors, or why there are none. */
export type FileAnswer = { file: VectorFile } | { refused: string };

/** Reads a file of vectors in a worker: a large .csv takes seconds, in which the page goes on answering. @throws InputError in one sentence. */
export function readVectors(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<VectorFile> {
  const worker = new Worker(new URL('./files-worker.ts', import.meta.url), { type: 'module' });
  return new Promise<VectorFile>((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }: MessageEvent<FileAnswer>) => {
      if ('file' in data) resolve(data.file);
      else reject(new InputError(data.refused));
    };
    worker.postMessage({ name, bytes }, [bytes.buffer]);
  }).finally(() => worker.terminate());
}
