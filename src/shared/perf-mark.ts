/**
 * 'computed': the device has computed all that is drawn; 'drawn': the picture is handed to it; 'picture': it has drawn that, and the
 * browser's frame has come that shows it.
 */
type PerfMark = 'device open' | 'stage made' | 'computed' | 'drawn' | 'first picture' | 'picture';

/** Marks a moment for the browser's profiler; of each name the last one is kept. */
export function mark(name: PerfMark): void {
  performance.clearMarks(name);
  performance.mark(name);
}
