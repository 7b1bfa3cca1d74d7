/** Progress of long commands on stderr, and Ctrl-C. */

/** Milliseconds between two lines of progress. */
const interval = 2000;

/** Thrown when Ctrl-C ended a command; its exit code is 130. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** A signal that aborts at the first Ctrl-C with `Interrupted`. A second Ctrl-C ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort(new Interrupted('Interrupted by Ctrl-C.')));
  return controller.signal;
}

/** Prints a line of progress to stderr at most every two seconds. `line` receives the seconds since the start. */
export function progress(): (line: (seconds: number) => string) => void {
  const start = performance.now();
  let last = start;
  return (line) => {
    const now = performance.now();
    if (now - last < interval) return;
    last = now;
    console.error(line((now - start) / 1000));
  };
}
