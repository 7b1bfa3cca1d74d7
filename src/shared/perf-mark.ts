/**
 * 'computed': the device has finished the numbers of the picture. 'drawn': the drawing commands are submitted. 'picture': the device has
 * executed them, and the browser has presented that frame.
 */
type PerfMark = 'device open' | 'stage made' | 'computed' | 'drawn' | 'first picture' | 'picture';

/** Sets a mark for the browser's profiler and for tests. A new mark replaces the previous one of the same name. */
export function mark(name: PerfMark): void {
  performance.clearMarks(name);
  performance.mark(name);
}
