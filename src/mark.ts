/** Marks a moment for the browser's profiler; of each name the last one is kept. */
export function mark(name: 'device open' | 'stage made' | 'computed' | 'drawn' | 'first picture' | 'picture'): void {
  performance.clearMarks(name);
  performance.mark(name);
}
