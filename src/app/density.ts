/** Milliseconds between two looks at the density. */
const pause = 500;

/**
 * Calls `act` when a device pixel has got another size: the person zooms, or moves the window to another screen. It looks now and then, because
 * no event comes in every case: Chromium's device emulation sends none (Chromium 156), and Safari's ResizeObserver cannot watch device pixels.
 */
export function watchDensity(act: () => void): void {
  let density = devicePixelRatio;
  setInterval(() => {
    if (devicePixelRatio === density) return;
    density = devicePixelRatio;
    act();
  }, pause);
}
