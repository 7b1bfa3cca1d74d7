import type { Fit, FittedFile } from '../formats/fit';
import { InputError } from '../shared/errors';
import { startWorker, workerError } from '../shared/tasks';

/** The worker's reply. `error` is one sentence for the person. */
export type FileReply = { file: FittedFile } | { error: string };

/**
 * Reads a file of vectors in a worker, because a large .csv takes seconds and would block the page.
 * @throws InputError with one sentence for the person if the file is invalid.
 */
export function readVectors(name: string, bytes: Uint8Array<ArrayBuffer>, fit: Partial<Fit>): Promise<FittedFile> {
  const worker = startWorker(() => new Worker(new URL('./files-worker.ts', import.meta.url), { type: 'module' }));
  return new Promise<FittedFile>((resolve, reject) => {
    worker.onerror = (event) => reject(workerError(event));
    worker.onmessage = ({ data }: MessageEvent<FileReply>) => {
      if ('file' in data) resolve(data.file);
      else reject(new InputError(data.error));
    };
    worker.postMessage({ name, bytes, fit }, [bytes.buffer]);
  }).finally(() => worker.terminate());
}
