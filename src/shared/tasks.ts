import { InputError } from './errors';

/** Resolves in a later task, so that the browser can handle input and frames first. Works in a hidden tab, where timers are throttled. */
export const laterTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });

const noWorker = () =>
  new InputError(
    'The page could not start a worker, which it needs here; reload it with a network, or add allow-same-origin to the sandbox of its frame.',
  );

/** Starts a worker. @throws InputError if the browser forbids it, as it does in a frame that is sandboxed without its own origin */
export function startWorker(start: () => Worker): Worker {
  try {
    return start();
  } catch (error) {
    throw error instanceof DOMException ? noWorker() : error;
  }
}

/** What went wrong in a worker. Where the script of the worker did not start, as in Firefox's sandbox, the event has no message. */
export const workerError = (event: Event): Error =>
  event instanceof ErrorEvent && event.message ? new Error(event.message) : noWorker();

/** Awaits the import of a script that the page loads on demand. @throws InputError if the script cannot be fetched. */
export async function loadScript<T>(script: Promise<T>): Promise<T> {
  try {
    return await script;
  } catch (error) {
    // Browsers reject an import with a TypeError when its script cannot be fetched.
    if (!(error instanceof TypeError)) throw error;
    console.warn(error);
    throw new InputError('This part of the page could not be fetched; with a network, reload the page.');
  }
}
