// Measures how fast the machine is while tests run: the CPU time of one fixed piece of work, repeated. On shared machines, work that reads
// much memory can take 1.5 times as long in some hours, and all timed tests with it.

/** Reference milliseconds of the work: the median of a whole test run, in a slow hour, on the two-core machine that set the time limits. */
const referenceMilliseconds = 29;
const pauseMilliseconds = 15_000;

/** Entries of the table; more than CPU caches hold. */
const size = 2 ** 24;
const next = new Uint32Array(size);
for (let k = 0, state = 1; k < size; k++) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  next[k] = state % size;
}

/** Follows 100,000 random links. Returns its CPU time in milliseconds, which excludes time that other processes take. */
function walk() {
  const start = process.cpuUsage();
  let at = 0;
  for (let k = 0; k < 100_000; k++) at = next[(at + k) % size];
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 + Math.min(0, at);
}

/** Starts measuring. The returned function stops and gives the median time of the work as a multiple of the reference. */
export function watchPace() {
  // Warm up, so that the measured walks run compiled code.
  for (let k = 0; k < 5; k++) walk();
  const times = [walk()];
  const timer = setInterval(() => times.push(walk()), pauseMilliseconds);
  return () => {
    clearInterval(timer);
    const sorted = times.sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] / referenceMilliseconds;
  };
}
