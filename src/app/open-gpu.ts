import { type OpenDevice, openDevice } from '../gpu/runtime/device';

/** Longest wait for the GPU in milliseconds. A driver that hangs may never answer. */
const longestWait = 8000;

/** The GPU did not answer in time. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError';
}

/**
 * Opens a device, and waits until it has answered once. Undefined if the machine has no adapter.
 * @throws NoAnswerError if adapter, device or its first answer do not come within 8 s
 */
export async function openGpu(gpu: GPU | undefined): Promise<OpenDevice | undefined> {
  let device: GPUDevice | undefined;
  let isLate = false;
  const opening = openDevice(gpu).then(async (open) => {
    device = open?.device;
    if (isLate) device?.destroy();
    await device?.queue.onSubmittedWorkDone();
    return open;
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      device?.destroy();
      reject(new NoAnswerError(`no answer of the GPU within ${longestWait} ms`));
    }, longestWait);
  });
  try {
    return await Promise.race([opening, timeout]);
  } finally {
    clearTimeout(timer);
    opening.catch(() => {});
  }
}
