/** Milliseconds from one nudge to the next: the first, and the most that they grow to. */
const [shortest, longest] = [1, 16];

/** Others look at once; to them an empty list is work like any other. */
const looksRarely = /Firefox\//.test(globalThis.navigator?.userAgent ?? '');

/** What is waited for of a device. */
interface Waiting {
  count: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const waitings = new WeakMap<GPUDevice, Waiting>();

/**
 * Waits for work of a device. Firefox looks ten times a second for what is finished, and whenever something is submitted: as long as
 * anything is waited for there, now and then an empty list is.
 */
export async function withFirefoxPoll<T>(device: GPUDevice, awaited: Promise<T>): Promise<T> {
  if (!looksRarely) return awaited;
  const waiting = waitings.get(device) ?? { count: 0, timer: undefined };
  waitings.set(device, waiting);
  waiting.count++;
  nudge(device, waiting, shortest);
  try {
    return await awaited;
  } finally {
    waiting.count--;
    if (waiting.count === 0) clearTimeout(waiting.timer);
  }
}

function nudge(device: GPUDevice, waiting: Waiting, milliseconds: number): void {
  clearTimeout(waiting.timer);
  waiting.timer = setTimeout(() => {
    device.queue.submit([]);
    nudge(device, waiting, Math.min(2 * milliseconds, longest));
  }, milliseconds);
}
