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
  /** The numbers of the token that one follows, in each step. */
  follow: {
    token: (token: number) => `token ${token}`,
    /** `end` names an end of a random direction. */
    product: <T>(end: string, product: T) => [`${end} `, product],
    bucket: <T>(bucket: T) => ['bucket ', bucket],
    rank: <T>(rank: T) => ['position ', rank],
    chunk: <T>(chunk: T) => ['chunk ', chunk],
    place: <T>(place: T) => ['place in it ', place],
    weight: <T>(key: number, weight: T) => [`key ${key} `, weight],
    share: <T>(round: number, share: T) => [`round ${round} `, share],
  },
  /** For screen readers: how far the play is. */
  at: (mark: string, percent: number) => `${mark}, ${percent} %`,
  done: 'all done',
};
