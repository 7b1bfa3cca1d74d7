/**
 * A workaround for a Firefox bug: https://bugzilla.mozilla.org/show_bug.cgi?id=1870699, "Don't poll WebGPU from a timer".
 *
 * Firefox polls for finished GPU work every 100 ms (POLL_TIME_MS in dom/webgpu/ipc/WebGPUParent.cpp), or on each submit. Awaiting even an
 * idle queue takes 103 ms in Firefox 153 and 0.1 ms in Chrome (measured in https://github.com/ekzhang/jax-js/pull/124). While a result is
 * pending we submit an empty command list, after 1 ms, then at intervals that double up to 16 ms.
 *
 * This file can go when the bug is fixed in Firefox ESR: `withFirefoxPoll(device, promise)` then becomes `promise`.
 */

/** Milliseconds before the first empty submit, and the longest interval between two. */
const [shortestInterval, longestInterval] = [1, 16];

/** Other browsers report finished work at once, and an empty list would cost them time. */
const isFirefox = /Firefox\//.test(globalThis.navigator?.userAgent ?? '');

/** The pending results of a device. */
interface Pending {
  count: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const pendingByDevice = new WeakMap<GPUDevice, Pending>();

/** Awaits a result of the device, and in Firefox submits empty command lists until it is there. */
export async function withFirefoxPoll<T>(device: GPUDevice, result: Promise<T>): Promise<T> {
  if (!isFirefox) return result;
  const pending = pendingByDevice.get(device) ?? { count: 0, timer: undefined };
  pendingByDevice.set(device, pending);
  pending.count++;
  submitLater(device, pending, shortestInterval);
  try {
    return await result;
  } finally {
    pending.count--;
    if (pending.count === 0) clearTimeout(pending.timer);
  }
}

/** Submits an empty list after the interval, and goes on with longer ones. */
function submitLater(device: GPUDevice, pending: Pending, milliseconds: number): void {
  clearTimeout(pending.timer);
  pending.timer = setTimeout(() => {
    device.queue.submit([]);
    submitLater(device, pending, Math.min(2 * milliseconds, longestInterval));
  }, milliseconds);
}
