const tokens = (count: number) => (count === 1 ? '1 token' : `${count} tokens`);
const keys = (count: number) => (count === 1 ? '1 key' : `${count} keys`);

/** English words of the exercise in which one sorts, cuts and pairs tokens by hand. */
export const sortYourself = {
  title: 'Sort it yourself',
  close: 'Close',
  check: 'Check',
  show: 'Show the answer',
  other: 'Other tokens',
  again: 'Start again',
  /** What to do in each of the three parts. */
  tasks: {
    order:
      'Put the tokens into the order of their buckets. Drag them, or press Space on one, move it with the arrows, and press Space again.',
    walls: (chunk: number) => `Cut the order into chunks of ${chunk}: press the gaps where walls belong.`,
    pairs: (query: number) =>
      `Token ${query} is the query. Which keys does it see? They share its bucket, stand in its chunk or the one before, and come earlier in the text.`,
  },
  /** A tile: a token and its bucket. */
  tile: (token: number, bucket: number) => `token ${token}, bucket ${bucket}`,
  held: (token: number) => `token ${token}, held: the arrows move it`,
  gap: (left: number, right: number) => `wall between token ${left} and token ${right}`,
  bucket: (bucket: number) => `b${bucket}`,
  /** What the check found. */
  order: {
    wrong: (count: number) => `${tokens(count)} stand elsewhere in the algorithm’s order.`,
    stable: 'The buckets are in order. But tokens of one bucket keep the order of the text.',
    right: 'That is the algorithm’s order.',
  },
  walls: {
    wrong: (missing: number, extra: number) =>
      [
        ...(missing ? [`${missing} ${missing === 1 ? 'wall is' : 'walls are'} missing.`] : []),
        ...(extra ? [`${extra} ${extra === 1 ? 'wall stands' : 'walls stand'} where the algorithm has none.`] : []),
      ].join(' '),
    right: (cut: number) =>
      cut > 0
        ? `Those are the chunks. Walls do not care for buckets: ${cut} of them ${cut === 1 ? 'cuts' : 'cut'} through one.`
        : 'Those are the chunks.',
  },
  pairs: {
    wrong: (missing: number, extra: number) =>
      [
        ...(missing ? [`It sees ${keys(missing)} more.`] : []),
        ...(extra ? [`It does not see ${keys(extra)} of those.`] : []),
      ].join(' '),
    right: (query: number, count: number) => `Token ${query} sees ${keys(count)} and itself.`,
  },
  done: 'Hash, sort, chunk, attend: that is LSH attention.',
};
