/** English words of the labels on the stage. */
export const stage = {
  /** What a scene shows and which keys it takes, for those who cannot see it. */
  scenes: {
    both: 'The loom and the matrix.',
    sphere: 'The sphere of directions.',
    hashing: 'The sphere of directions and the loom.',
    loom: 'The loom.',
    matrix: 'The matrix.',
    tower: 'The layers as a tower.',
  },
  attentionKeys:
    'Left and right arrow select a token, up and down arrow a round. T and Shift+T turn the directions. Plus and minus zoom, zero resets the camera.',
  towerKeys: 'The arrow keys run it up and down. Plus and minus zoom, zero resets the camera.',

  loom: {
    original: (tokens: string) => `${tokens} tokens, original order`,
    /** Too many tokens for threads of their own: a thread is drawn from bin to bin. */
    originalInBins: (tokens: string, ofEach: string) =>
      `${tokens} tokens in bins of ${ofEach}, original order; denser threads take more`,
    /** A stretch of the tokens, as the `tokens` of the two sentences above. */
    stretch: (first: string, last: string, all: string) => `${first} … ${last} of ${all}`,
    sorted: (round: number, rounds: number) => `sorted by bucket, round ${round} of ${rounds}`,
    sortedStretch: (round: number, rounds: number, first: string, last: string) =>
      `sorted by bucket, round ${round} of ${rounds} (positions ${first} … ${last})`,
    /** The selected token's chunk, and how many chunks before and after it the token also sees. */
    chunk: (chunk: number, back: number, ahead: number) =>
      [
        `chunk ${chunk}`,
        ...(back > 0 ? [`looks back ${back}`] : []),
        ...(ahead > 0 ? [back > 0 ? `ahead ${ahead}` : `looks ahead ${ahead}`] : []),
      ].join(', '),
  },

  matrix: {
    title: (pairs: string, order: string) => `who sees whom: ${pairs}, ${order}`,
    oneRound: 'one round',
    allRounds: 'all rounds',
    round: (round: number) => `round ${round}`,
    original: 'original order',
    sorted: (round: number) => `sorted as in round ${round}`,
    axes: '↓ queries   → keys',
    axesOfTokens: (first: string, last: string) => `↓ queries   → keys   (tokens ${first} … ${last})`,
    axesOfPositions: (first: string, last: string) => `↓ queries   → keys   (sorted positions ${first} … ${last})`,
    /** Title and axes in one. */
    brief: 'who sees whom: ↓ queries, → keys',
  },

  sphere: {
    token: (token: number) => `token ${token}`,
    twin: 'its twin',
    round: (round: number) => `round ${round}`,
    /** How the selected token got its bucket; `direction` is a signed number. */
    bucket: (bucket: number, direction: string) => `bucket ${bucket} = direction ${direction}`,
    /** `sum` adds up the digits of the groups of directions. */
    bucketOfGroups: (bucket: number, sum: string) => `bucket ${bucket} = ${sum}`,
    directions: (count: number, groups: number) =>
      `${count} random directions${groups > 1 ? ` in ${groups} groups` : ''}, each with two ends`,
    directionsOfRound: (round: number, rounds: number, count: number, groups: number) =>
      `round ${round} of ${rounds}: ${count} random directions${groups > 1 ? ` in ${groups} groups` : ''}, each with two ends`,
    /** `rule` is a formula. */
    regions: (rule: string) => `each region is a bucket: b = ${rule}`,
    crowded: 'too many directions to draw: tokens only',
    allDimensions: (d: number) => `all ${d} dimensions`,
    sectionOf: (d: number) => `a section in 3 of ${d} dimensions`,
    /** Three lines of about the same length. */
    section: (d: number) => [
      `a section in 3 of ${d} dimensions, through the token,`,
      'its closest direction, and where a turn moves it;',
      'other vectors lie inside the ball. d = 3 is exact',
    ],
    exact: 'all three dimensions: what you see is exact',
    flat: 'two dimensions: the equator is exact',
    sample: (drawn: string, all: string) => `${drawn} of ${all} tokens, evenly spaced`,
  },

  tower: {
    layer: (layer: number) => `layer ${layer}`,
    ifAllKept: 'grey: if all were kept',
    /** As in the equations. */
    blocks: { attention: 'Attention', feedForward: 'FeedForward' },
    /** What a half-layer keeps; `size` is a number of bytes with its unit. */
    kept: {
      attention: (size: string) => `attention: ${size}`,
      feedForward: (size: string) => `feed-forward: ${size}`,
    },
    nothingKept: { attention: 'attention: nothing', feedForward: 'feed-forward: nothing' },
  },
};
