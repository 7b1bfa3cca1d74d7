/** English words of the timeline, which plays the algorithm. */
export const timeline = {
  play: 'Play',
  pause: 'Pause',
  /** What a mark of the timeline does, as a tooltip. */
  marks: {
    tokens: 'The tokens in the order of the text.',
    hash: 'Each token takes the colour of its bucket: the end of a random direction that it is closest to.',
    sort: 'The tokens go to their places in the order of the buckets. Equal buckets keep the order of the text.',
    chunk: 'Walls cut the sorted order into equal chunks.',
    attend: 'A query sees its own chunk and the one before. Further rounds find further pairs.',
    combine: 'The rounds of a token join into its output, by their shares.',
  },
  /** For screen readers: how far the play is. */
  at: (mark: string, percent: number) => `${mark}, ${percent} %`,
  done: 'all done',
};
