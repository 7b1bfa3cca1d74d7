// How fast the machine is while something else runs: the same piece of work, over and over, by the processor's time it takes. On machines
// that are shared, what reads much memory takes half as long again in some hours, and with it whatever is timed.

/** Milliseconds that it took in a slow hour of the two cores that bounds of time were set on: the median of a run of all tests. */
const usual = 29;
const pause = 15_000;

/** More than caches hold. */
const places = 2 ** 24;
const next = new Uint32Array(places);
for (let k = 0, state = 1; k < places; k++) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  next[k] = state % places;
}

/** Goes from place to place. Processor time only: the turns of others on the same cores do not count. */
function walk() {
  const start = process.cpuUsage();
  let at = 0;
  for (let k = 0; k < 100_000; k++) at = next[(at + k) % places];
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 + Math.min(0, at);
}

/** Begins to measure; what is returned ends it, and says how many times as long as usual the work took. */
export function watchPace() {
  // The first ones are compiled.
  for (let k = 0; k < 5; k++) walk();
  const times = [walk()];
  const timer = setInterval(() => times.push(walk()), pause);
  return () => {
    clearInterval(timer);
    const sorted = times.sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] / usual;
  };
}
