import { InputError } from './errors';

/** A later task of the page: what the browser has to do for a person or a frame comes between. Also in a hidden tab, where timers wait. */
export const laterTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });

/** A script of the page that comes when it is needed. @throws InputError where it cannot be fetched. */
export async function loadScript<T>(script: Promise<T>): Promise<T> {
  try {
    return await script;
  } catch (error) {
    // What browsers say of a script that does not come.
    if (!(error instanceof TypeError)) throw error;
    console.warn(error);
    throw new InputError('This part of the page could not be fetched; with a network, reload the page.');
  }
}
