const rounds = (count: string) => `${count} ${count === '1' ? 'round' : 'rounds'}`;

const attention = (count: string) => (count === '0' ? 'full attention' : `LSH attention with ${rounds(count)}`);

/** English words of the card around an explanation, and of the marks in charts that a screen reader reads out. */
export const explainer = {
  /** The last line of the card. The kernel and the place in the paper are links. */
  origin: <T>(sources: string[], kernel: T | undefined, place: T | undefined): (string | T)[] => [
    `from ${sources.join(', ')}`,
    ...(kernel === undefined ? [] : [' by ', kernel]),
    ...(place === undefined ? [] : [' · ', place]),
  ],
  paper: (place: string) => `paper, ${place}`,
  /** Parts of an index that are not numbers. */
  indexNames: {
    captured: 'captured',
    chunkEdge: 'lost at chunk edges',
    longBucket: 'lost in long buckets',
    otherBucket: 'lost to other buckets',
    activations: 'all activations kept',
    buckets: 'reversible',
  },
  /** A point, bar or line of a chart, by its kind: its value, then the parts of its index. */
  marks: {
    'curve-error': (value: string, count: string) => `error with ${rounds(count)}: ${value}`,
    'curve-captured': (value: string, count: string) => `full attention captured with ${rounds(count)}: ${value}`,
    'captured-share': (value: string, count: string) => `full attention captured with ${rounds(count)}: ${value}`,
    'lost-share': (value: string, count: string, cause: string) =>
      `full attention with ${rounds(count)}, ${cause}: ${value}`,
    'legend-share': (value: string, share: string) => `full attention, ${share}: ${value}`,
    'bucket-size': (value: string, bucket: string) => `tokens in bucket ${bucket}: ${value}`,
    'sweep-error': (value: string, count: string) => `mean error with ${rounds(count)}: ${value}`,
    'sweep-captured': (value: string, count: string) => `mean full attention captured with ${rounds(count)}: ${value}`,
    'sweep-milliseconds': (value: string, count: string) => `mean time with ${rounds(count)}: ${value} ms`,
    'trial-error': (value: string, _experiment: string, ...name: string[]) => `error, ${name.join(' ')}: ${value}`,
    'activation-bytes': (value: string, mode: string, layers: string) =>
      `activations of ${layers} ${layers === '1' ? 'layer' : 'layers'}, ${mode}: ${value} bytes`,
    speed: (value: string, count: string, tokens: string) => `${attention(count)}, ${tokens} tokens: ${value}`,
    figure5: (value: string, count: string, tokens: string) =>
      `${attention(count)} in the paper, ${tokens} tokens: ${value}`,
    crossing: (value: string, count: string) => `${attention(count)} is faster from ${value} tokens`,
    'figure5-crossing': (value: string, count: string) =>
      `${attention(count)} in the paper is faster from ${value} tokens`,
  },
};
