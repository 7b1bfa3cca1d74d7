const rounds = (count: number) => (count === 1 ? '1 round' : `${count} rounds`);

/** English words of the experiments. */
export const experiments = {
  intro: 'Open an experiment to measure it on the page’s present setting.',
  apply: 'show on the page',
  applySide: (side: string) => `show on the page: ${side}`,
  rounds,
  duplicates: { divided: 'divided', counted: 'counted' },

  /** Headings of columns that several experiments have. */
  columns: {
    error: 'error',
    captured: 'captured',
    slots: 'slots per query',
    time: 'time, ms',
    largest: 'largest bucket',
  },

  /** Names of single numbers, with the side of the experiment that they were measured on. */
  figures: {
    error: (side: string) => `Error: ${side}`,
    captured: (side: string) => `Full attention captured: ${side}`,
    slots: (side: string) => `Scored slots per query: ${side}`,
    time: (side: string) => `Time: ${side}`,
    timeNote: 'Median of three runs on this device, or a single run if it takes long.',
  },

  /** Names of the numbers that a number was computed from. */
  operands: {
    shape: 'heads × tokens × head size',
    rounds: 'hash rounds',
    buckets: 'buckets',
    window: 'chunk m, look-back',
    bucketMask: 'own bucket only',
    yes: 'yes',
    no: 'no',
    duplicates: 'repeated pairs',
    queries: 'queries measured',
    roundsR: 'hash rounds R',
    chunk: 'chunk m',
    windowChunks: 'chunks in the window',
  },

  repeats: {
    title: 'Repeated pairs: divided or counted',
    why: 'A pair that meets in several rounds is still one pair. If every meeting counts, further rounds add weight to pairs that already have weight.',
    error: (count: number, duplicates: string) => `Error with ${rounds(count)}, repeated pairs ${duplicates}`,
    /** The error with counted pairs is smallest below the most rounds. */
    findingTurns: <T>(most: number, best: number, error: { divided: T; counted: T; smallest: T }): (string | T)[] => [
      `With ${rounds(most)}, the error is `,
      error.divided,
      ' if repeated pairs are divided and ',
      error.counted,
      ` if they are counted. Counted, it is smallest with ${rounds(best)}, at `,
      error.smallest,
      ', and further rounds do not help.',
    ],
    findingFalls: <T>(most: number, error: { divided: T; counted: T }): (string | T)[] => [
      `With ${rounds(most)}, the error is `,
      error.divided,
      ' if repeated pairs are divided and ',
      error.counted,
      ` if they are counted. Counted, too, it is smallest with ${rounds(most)}.`,
    ],
  },

  future: {
    title: 'A later token changes earlier rows',
    why: 'No query attends to a later token. But later tokens are sorted too. They move the chunk edges, which decide which earlier keys a query sees.',
    masked: 'own bucket only',
    maskedLongChunks: (chunk: number) => `own bucket only, chunks of ${chunk}`,
    open: 'the whole window',
    changed: (count: number) => `Earlier rows that change with ${rounds(count)}`,
    rows: 'rows before the edit',
    changedRows: 'rows that changed',
    note: (tokens: number, tolerance: number) =>
      `${tokens === 1 ? 'The last token was' : `The last ${tokens} tokens were`} replaced. A row counts as changed if it moves by more than ${tolerance} of its length.`,
    largest: 'Tokens in the largest bucket, before or after the edit',
    safe: 'm + 1: tokens in a bucket of which every earlier one is seen',
    /** `causal`: the page's setting is causal; otherwise the experiment made it so. The next sentence follows. */
    finding: <T>(
      at: { last: string; tokens: string; causal: boolean },
      share: { open: T; masked: T },
    ): (string | T)[] => [
      `Other vectors for the last ${at.last} of ${at.tokens} tokens change `,
      share.open,
      ' of the earlier rows if a query sees its whole window, and ',
      share.masked,
      ` if it sees its own bucket only (4 rounds${at.causal ? '' : ', made causal'}). `,
    ],
    allFit: <T>(safe: number, largest: T): (string | T)[] => [
      'The largest bucket has ',
      largest,
      ` tokens, and up to m + 1 = ${safe} tokens no chunk edge hides a key of the bucket.`,
    ],
    edgesMove: <T>(safe: number, largest: T): (string | T)[] => [
      'The largest bucket has ',
      largest,
      ` tokens. Only buckets of up to m + 1 = ${safe} tokens, with a look-back, are safe: later tokens move the chunk edges that cut larger ones.`,
    ],
    notSure: <T>(safe: number, largest: T): (string | T)[] => [
      'The largest bucket has ',
      largest,
      ` tokens, and this result is certain only for buckets of up to m + 1 = ${safe} tokens with a look-back.`,
    ],
  },

  wrap: {
    title: 'The first chunk wraps around, or sees no chunk before it',
    why: 'The first chunk of a round has no chunk before it. trax and reformer-pytorch let it look back to the last chunk of the round before.',
    masked: { wrapped: 'own bucket, wrapped', unwrapped: 'own bucket, not wrapped' },
    open: { wrapped: 'whole window, wrapped', unwrapped: 'whole window, not wrapped' },
    edgeError: (side: string) => `Error of first chunks: ${side}`,
    error: (side: string) => `Error of all tokens: ${side}`,
    rows: 'tokens in the first chunk of at least one round',
    columns: { edgeError: 'error of first chunks', error: 'error of all tokens' },
    finding: <T>(open: { unwrapped: T; wrapped: T }, masked: { unwrapped: T; wrapped: T }): (string | T)[] => [
      'If a query sees its whole window, wrapping around changes the error of first chunks from ',
      open.unwrapped,
      ' to ',
      open.wrapped,
      '. If it sees its own bucket only, wrapping around changes the error from ',
      masked.unwrapped,
      ' to ',
      masked.wrapped,
      '.',
    ],
    findingMaskedSame: <T>(open: { unwrapped: T; wrapped: T }): (string | T)[] => [
      'If a query sees its whole window, wrapping around changes the error of first chunks from ',
      open.unwrapped,
      ' to ',
      open.wrapped,
      '. If it sees its own bucket only, wrapping around changes nothing, because keys in another round’s chunk are masked.',
    ],
  },

  self: {
    title: 'A token’s own weight, with and without the self mask',
    why: 'Query and key are the same vector, so a token’s score with itself is the full length ‖q‖ and exceeds nearly all others. With the self mask, a token attends to itself only if it sees nothing else.',
    masked: 'with the self mask',
    open: 'without the self mask',
    score: (side: string) => `Score of a token with itself, ${side}`,
    scoreNote: 'The cosine of a vector with itself is 1.',
    weight: (side: string) => `Share of full attention on the token itself, ${side}`,
    tokens: 'tokens',
    weightNote: 'A token that sees nothing else gives itself all its weight, with or without the mask.',
    columns: { score: 'own score', weight: 'own weight' },
    finding: <T>(open: { weight: T; score: T }, masked: { weight: T }): (string | T)[] => [
      'Without the mask, a token would give ',
      open.weight,
      ' of its attention to itself, with a score of ',
      open.score,
      '. With the mask, it gives itself ',
      masked.weight,
      '.',
    ],
  },

  factors: {
    title: 'One flat hash, or two factors',
    why: 'One argmax over B buckets needs B/2 directions. Two hashes of √B buckets each, used as the digits of one number, need far fewer, but divide space into different regions.',
    flat: (buckets: number) => `flat, ${buckets}`,
    factors: (factors: string) => `factors ${factors}`,
    multiplyAdds: (side: string) => `Multiply-adds of hashing: ${side}`,
    tokens: 'heads × tokens',
    headSize: 'head size d',
    directions: 'directions per round',
    time: (side: string) => `Time of hashing: ${side}`,
    timeNote: 'Median of three runs on this device, or a single run if it takes long. Browsers round the clock.',
    columns: { multiplyAdds: 'multiply-adds', time: 'hash time, ms' },
    finding: <T>(
      share: string,
      two: { multiplyAdds: T; captured: T },
      flat: { multiplyAdds: T; captured: T },
    ): (string | T)[] => [
      `Two factors need ${share} of the multiply-adds: `,
      two.multiplyAdds,
      ' instead of ',
      flat.multiplyAdds,
      '. They capture ',
      two.captured,
      ' of full attention. The flat hash captures ',
      flat.captured,
      '.',
    ],
  },

  overflow: {
    title: 'Buckets larger than two chunks',
    why: 'A bucket of more than 2m tokens always misses some of its pairs. More buckets are smaller, but separate similar vectors.',
    buckets: (count: number) => `${count} buckets`,
    crowded: (tokens: number, side: string) => `Tokens in buckets of more than ${tokens} tokens: ${side}`,
    limit: '2m',
    mean: 'mean n / B',
    largest: (side: string) => `Tokens in the largest bucket: ${side}`,
    columns: { crowded: 'tokens above 2m' },
    finding: <T>(
      limit: number,
      few: { side: string; crowded: T },
      many: { side: string; crowded: T },
      best: { side: string; error: T },
    ): (string | T)[] => [
      `With ${few.side}, `,
      few.crowded,
      ` of the tokens are in buckets of more than 2m = ${limit} tokens. With ${many.side}, `,
      many.crowded,
      ` are. The error is smallest with ${best.side}: `,
      best.error,
      '.',
    ],
  },

  lookBack: {
    title: 'Looking back 0, 1 or 2 chunks',
    why: 'Chunks have equal lengths, so a chunk edge often splits a bucket. Looking back one chunk recovers the pairs that the edge separates.',
    side: (chunks: number) => `look-back ${chunks}`,
    /** Errors, and slots that a query scores, looking back 0, 1 and 2 chunks. */
    finding: <T>(errors: [T, T, T], slots: [T, T, T]): (string | T)[] => [
      'The first chunk of look-back changes the error from ',
      errors[0],
      ' to ',
      errors[1],
      ', and the second to ',
      errors[2],
      '. A query scores ',
      slots[0],
      ', ',
      slots[1],
      ' and ',
      slots[2],
      ' slots.',
    ],
  },

  presets: {
    title: 'The three published conventions',
    why: 'The paper, Google’s trax and reformer-pytorch differ in which keys a query sees and how repeated pairs count. Each is compared with full attention by its own score.',
    finding: <T>(
      best: { side: string; error: T; captured: T },
      worst: { side: string; error: T; captured: T },
    ): (string | T)[] => [
      `On the same vectors, the preset ${best.side} is closest to its full attention, with an error of `,
      best.error,
      ' and ',
      best.captured,
      ` captured. The preset ${worst.side} is farthest, with `,
      worst.error,
      ' and ',
      worst.captured,
      '.',
    ],
  },
};
