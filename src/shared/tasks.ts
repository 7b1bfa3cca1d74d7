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

/** Starts a worker. @throws InputError if the browser forbids it, as it does in a frame that is sandboxed without its own origin. */
export function startWorker(start: () => Worker): Worker {
  try {
    return start();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    throw new InputError(
      'This frame may not start a worker, which the page needs here; add allow-same-origin to the sandbox of the frame.',
    );
  }
}

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
