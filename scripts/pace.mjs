// How fast a machine's processor is while tests run: whoever else is on it may slow it by half. Waiting for a core is not seen.
import { pbkdf2Sync } from 'node:crypto';

/** Milliseconds of the processor's time that the probe takes on the machine whose minutes are promised: two cores, both busy. */
const usual = 11;

/** Probes from now on; gives how fast the processor was in the mean, where 1 is as usual. */
export function watchSpeed() {
  const speeds = [];
  const timer = setInterval(() => {
    const before = process.cpuUsage();
    pbkdf2Sync('how long', 'does this take', 20_000, 32, 'sha512');
    const { user, system } = process.cpuUsage(before);
    speeds.push((1000 * usual) / (user + system));
  }, 5000);
  return () => {
    clearInterval(timer);
    return speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length;
  };
}
