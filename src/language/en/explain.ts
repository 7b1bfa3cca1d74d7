const rounds = (count: number) => `${count} ${count === 1 ? 'round' : 'rounds'}`;

const attention = (count: number) => (count === 0 ? 'full attention' : rounds(count));

/** English words of the explanations of shown numbers. */
export const explain = {
  bytes: (count: string) => `${count} bytes`,

  /** What a number is computed from. */
  sources: {
    qk: 'qk',
    rotations: 'rotations',
    bucket: 'buckets',
    order: 'sorted order',
    lse: 'lse',
    'full-lse': 'lse of full attention',
    out: 'LSH output',
    'full-out': 'full output',
    'out-after': 'LSH output after the edit',
    'key-full': 'weights in full attention',
    'curve-error': 'errors',
    'curve-captured': 'captured shares',
    'lost-share': 'lost shares',
    'keys-seen': 'seen keys',
    'step-milliseconds': 'step times',
    x1: 'x1',
    x2: 'x2',
    logits: 'logits',
    targets: 'targets',
    settings: 'settings',
    clock: 'the clock of the device',
    ledger: 'the ledger of buffers',
  },

  /** Places in the Reformer paper. */
  paper: {
    hashing: '§2, locality-sensitive hashing',
    sharedQk: '§2, shared-QK',
    sorting: '§2, eq. 5',
    fullAttention: 'eq. 1, shared query-key',
    sameBucket: 'eq. 5',
    window: 'eq. 6',
    fullAndWindow: 'eq. 1 and 6',
    weights: 'eq. 2–6 and appendix A',
    rounds: 'appendix A, multi-round LSH attention',
    reversible: '§3, reversible Transformer',
    reconstruction: '§3, eq. 8',
    accuracy: '§5, Table 2',
    memory: 'Table 3',
    memoryCompared: 'Table 3 (for comparison)',
  },

  /** Why no round put a query and a key into one window. */
  causes: {
    chunkEdge:
      'In at least one round both tokens share a bucket and stand close enough, but a chunk edge separates them.',
    longBucket: 'In at least one round both tokens share a bucket, but stand too far apart in it for any window.',
    otherBucket: 'The two tokens share a bucket in no round.',
  },

  /** Names of numbers that several explanations use. */
  operands: {
    selfMask: 'self mask',
    keyLength: 'length of the key ‖k‖',
    score: 'score q·k̂',
    scaledScore: 'score q·k̂ / √d',
    key: (key: number) => `key ${key}`,
    otherKeys: (count: number) => `the other ${count === 1 ? 'key' : `${count} keys`}`,
    round: (round: number) => `round ${round}`,
    chunkLength: 'chunk length m, in tokens',
    rounds: 'hash rounds',
    tokensByHeads: 'tokens × heads',
    queriesByHeads: 'queries × heads measured',
    captured: 'full attention captured',
    bucketOfToken: (token: number) => `bucket of token ${token}`,
    bucketOfKey: 'bucket of the key',
    positionOfToken: (token: number) => `position of token ${token}`,
    positionOfKey: 'position of the key',
    chunks: 'their chunks',
    twoChunks: (query: number, key: number) => `${query} and ${key}`,
    predicted: 'predicted symbols',
  },

  /** By kind. A kind without a title here has that of a kind above it, or one from its experiment. */
  figures: {
    bucket: {
      title: (token: number, round: number) => `Bucket of token ${token} in round ${round}`,
      inFactor: (factor: number, end: string) => `factor ${factor}: ${end}`,
      note: (ends: number, directions: number) =>
        `Of the ${ends} ends of ${directions} random directions, the one with the largest product names the bucket.`,
      noteFactors: (ends: number, directions: number, digits: string) =>
        `There are ${ends} ends of ${directions} random directions. In each factor the end with the largest product gives one digit of the bucket: ${digits}.`,
    },
    'hash-dot': {
      title: (token: number, sign: string, direction: number, round: number) =>
        `Token ${token} and the ${sign} end of direction ${direction}, round ${round}`,
      rest: (count: number) => `the other ${count === 1 ? 'product' : `${count} products`}`,
      note: 'The products with the two ends of a direction differ only in sign. The largest of all products decides.',
      noteFactors:
        'The products with the two ends of a direction differ only in sign. The largest of all products in its factor decides.',
    },
    chunk: {
      formula: '⌊position in sorted order / m⌋',
      title: (token: number, round: number) => `Chunk of token ${token} in round ${round}`,
      bucket: 'bucket',
      position: 'position in sorted order',
      chunkOf: 'its chunk',
      note: 'LSH attention sorts the tokens by bucket, and by position within a bucket. It cuts the sorted order into chunks of equal length.',
    },
    rank: {
      formula: 'Σ sizes of the buckets before + earlier tokens of its bucket',
      title: (token: number, round: number) => `Position of token ${token} in the sorted order of round ${round}`,
      before: 'tokens in buckets before its own',
      earlier: 'earlier tokens of its bucket',
      note: 'The sort is stable: tokens of one bucket keep the order of the text.',
    },
    'chunk-place': {
      formula: 'position in sorted order − m · chunk',
      title: (token: number, round: number) => `Place of token ${token} in its chunk in round ${round}`,
      note: 'The first place of a chunk is 0.',
    },
    'round-weight': {
      title: (round: number, token: number) => `Share of round ${round} in the output of token ${token}`,
      lse: (round: number) => `lse of round ${round}`,
      note: 'A round weighs as much as the attention that it found: lse is the logarithm of its Σ exp(score). The output is not the plain average of the rounds.',
    },
    'key-weight': {
      title: (key: number, token: number) => `Weight of key ${key} in the output of token ${token}`,
      seenRounds: 'N: rounds that see the pair',
      seenRoundsList: (list: string[]) => `${list.length}: ${list.join(', ')}`,
      lse: 'lse over all slots',
      noteDivided: 'A pair seen in N rounds loses log N of its score in each. All N together count once.',
      noteRepeated:
        'With this setting a pair seen in N rounds counts N times, so repeated pairs weigh more than they should.',
    },
    'key-full': {
      title: (key: number, token: number) => `Weight of key ${key} for token ${token} in full attention`,
      lse: 'lse over all visible keys',
    },
    'missed-full': {
      note: 'No round puts the two tokens into one window, so LSH attention gives this key the weight 0.',
    },
    'keys-seen': {
      formula: '| keys in the windows of all rounds |',
      title: (token: number) => `Keys that token ${token} sees`,
      inRound: (round: number) => `in round ${round}`,
      note: 'A key that several rounds see counts once.',
    },
    'text-loss': {
      formula: 'mean of −ln P(next piece) / bytes of a piece',
      title: {
        model: 'Loss of the model in the last step',
        letters: 'Loss of counting letters',
        fourBytes: 'Loss of counting what follows four bytes',
      },
      operands: { perToken: 'nats a piece', bytesPerToken: 'bytes of a piece, on average' },
      note: {
        model: 'Of the pieces of one batch. The lower, the better the model foresees the text.',
        letters: 'Each byte of the last tenth by how often it occurs in the nine tenths before.',
        fourBytes:
          'Each byte of the last tenth by what followed the four bytes before it in the nine tenths before (Witten and Bell).',
      },
    },
    'next-probability': {
      title: (piece: string) => `Probability that “${piece}” comes next`,
      formula: 'exp((logit − largest) / T) / Σ exp((logit − largest) / T)',
      operands: {
        logit: 'logit of this piece',
        temperature: 'temperature T',
        exponential: 'its exponential',
        sum: 'sum over the kept pieces',
        kept: 'kept pieces',
      },
      note: 'Top-k and top-p leave out the unlikely pieces. At temperature 0 the likeliest piece is taken, and the bars are those of temperature 1.',
    },
    'token-captured': {
      formula: 'Σ over seen keys of their weight in full attention',
      title: (token: number) => `Share of full attention that token ${token} captures`,
    },
    'curve-error': {
      formula: '‖LSH output − full output‖ / ‖full output‖',
      title: (count: number) => `Error with ${rounds(count)}`,
      note: 'The distance between all LSH outputs and all full outputs, divided by the length of the full outputs.',
    },
    'curve-captured': {
      formula: 'mean over queries of exp(lse of seen pairs − lse of all pairs)',
      title: (count: number) => `Full attention captured with ${rounds(count)}`,
      tokenAlone: (token: number) => `token ${token} alone`,
    },
    'bucket-size': {
      formula: '| tokens in the bucket |',
      title: (bucket: string, round: number) => `Tokens in bucket ${bucket}, round ${round}`,
      tokens: 'tokens n',
      buckets: 'buckets B',
      mean: 'mean n / B',
      window: 'window of a query',
      noteLong: 'The bucket is longer than a window, so some of its pairs cannot meet in this round.',
      noteShort: 'The bucket fits into one window, if the chunk edges fall well.',
    },
    'step-milliseconds': {
      formula: 'end − start',
      title: (step: string) => `Time of the step: ${step}`,
      total: 'all steps of LSH attention, ms',
      note: 'Measured in the last run on this device. Browsers round the clock.',
    },
    'lost-share': {
      formula: 'mean over queries of Σ weights in full attention',
      title: (share: string, count: number) => `Full attention with ${rounds(count)}: ${share}`,
      window: 'window of a query, in chunks',
    },
    'captured-share': { note: 'The captured share and the three lost shares add up to 1.' },
    'legend-share': {},
    'missed-cause': {
      formula: 'nearest miss over all rounds',
      title: (token: number, key: number) => `Why token ${token} does not see key ${key}`,
      apart: (bucket: number, distance: number) =>
        `bucket ${bucket}, ${distance} ${distance === 1 ? 'place' : 'places'} apart`,
      otherBuckets: (query: number, key: number) => `bucket ${query} ≠ ${key}`,
    },
    'missed-bucket': {
      title: (token: number, key: number, round: number) => `Token ${token} and key ${key} in round ${round}`,
    },
    'missed-query-bucket': {},
    'missed-distance': { formula: '| position of the key − position of the query |' },
    'missed-chunk': { formula: '⌊position of the key / m⌋' },
    'missed-query-chunk': { formula: '⌊position of the query / m⌋' },
    compared: {
      formula: 'A, B, or B − A',
      titleSide: (measure: string, side: string) => `Setting ${side}: ${measure}`,
      titleDifference: (measure: string) => `B − A: ${measure}`,
      measures: {
        error: 'error',
        captured: 'full attention captured',
        chunkEdge: 'full attention lost at chunk edges',
        longBucket: 'full attention lost in long buckets',
        otherBucket: 'full attention lost to other buckets',
        seen: 'seen keys',
        slots: 'scored slots',
        milliseconds: 'time in ms',
      },
      rounds: 'hash rounds of B',
      window: 'window of B',
      error: 'error of B',
      seen: (token: number) => `keys that token ${token} sees in B`,
      note: 'A is the setting that you kept, with the numbers measured then. B is the current setting.',
    },
    'table3-bytes': {
      title: (curve: string) => `Memory of a training step, ${curve}`,
      curves: {
        standard: 'standard Transformer',
        reversible: 'with reversible layers',
        reformer: 'with reversible layers and LSH attention',
      },
      formulas: {
        standard: '4 · max(n·d_ff, n_heads·n²) · n_layers',
        reversible: '4 · max(n·d_model, n_heads·n²)',
        reformer: '4 · max(n·d_model, n_heads·n·R·c)',
      },
      tokens: 'tokens n',
      operands: {
        layers: 'layers n_layers',
        width: 'width d_model',
        feedForward: 'width of feed-forward parts d_ff',
        heads: 'heads n_heads',
      },
      met: 'keys c that a query meets in the R = 1 round',
      note: 'A formula for one sequence, with four bytes a number. It counts only the largest thing that a step holds.',
    },
    'table3-tokens': {
      formula: 'the largest n whose memory is at most 16 GB',
      title: (curve: string) => `Tokens that fit into 16 GB, ${curve}`,
    },
    'activation-bytes': {
      formula: 'Σ bytes of the buffers of one training step',
      title: (layers: number, mode: string) => `Activations of ${layers} ${layers === 1 ? 'layer' : 'layers'}, ${mode}`,
      buffers: (name: string, count: number) => (count > 1 ? `${count} × ${name}` : name),
      smaller: (count: number) => `${count} smaller ${count === 1 ? 'buffer' : 'buffers'}`,
      table3: 'for comparison: the largest term of Table 3, at 4 bytes',
      note: 'The page creates each of these buffers through one ledger, which records its bytes.',
    },
    'kept-bytes': {
      formula: 'Σ bytes over half-layers that the backward pass still needs',
      title: 'Kept for the backward pass in this phase',
      attention: 'kept by each attention layer',
      feedForward: 'kept by each feed-forward layer',
      layers: 'layers',
    },
    'shared-bytes': {
      formula: 'activations of one layer − bytes that it keeps',
      title: 'Working memory, the same at every depth',
      note: 'The two streams, their gradients, and the scratch memory of one layer. All layers use it in turn.',
    },
    drift: {
      title: (layer: number) => `Reconstruction error of layer ${layer}`,
      ofStream: (stream: string) => `error of ${stream}`,
      note: 'Sums of 32-bit floats are rounded. Adding a value and subtracting it again changes the last bits.',
    },
    flipped: {
      formula: '| hashes in another bucket | / | hashes |',
      title: (layer: number) => `Hashes of layer ${layer} that would flip`,
      hashes: 'hashes: sequences × heads × rounds × tokens',
      flipped: 'hashes in another bucket',
      note: 'A product near a tie changes sides when its last bits change. So the model keeps the bucket ids.',
    },
    loss: {
      formula: 'mean of −log p(next symbol)',
      title: (model: string) => `Loss of the last step, ${model} model`,
      models: { reversible: 'reversible', standard: 'standard' },
      perplexity: 'perplexity exp(loss)',
      symbols: 'symbols of the task',
    },
    accuracy: {
      formula: 'correct symbols / predicted symbols',
      title: (trained: number, evaluated: number) =>
        `Trained with ${attention(trained)}, evaluated with ${attention(evaluated)}`,
      correct: 'correct symbols',
      loss: 'loss, nats per symbol',
      note: 'On sequences that training did not use.',
    },
    'sweep-error': { formula: 'mean over seeds of ‖LSH output − full output‖ / ‖full output‖' },
    'sweep-captured': { formula: 'mean over seeds of Σ weights of seen pairs in full attention' },
    'sweep-milliseconds': { formula: 'mean over seeds of end − start' },
    'trial-error': { formula: '‖LSH output − full output‖ / ‖full output‖' },
    'trial-captured': { formula: 'mean over queries of exp(lse of seen pairs − lse of all pairs)' },
    'trial-slots': { formula: 'R · m · (1 + look-back + look-ahead)' },
    'trial-milliseconds': { formula: 'median of end − start' },
    'trial-changed': { formula: '| changed rows | / | rows before the edit |' },
    'trial-largest': { formula: 'max over rounds of | tokens in a bucket |' },
    'trial-edge-error': { formula: '‖LSH output − full output‖ / ‖full output‖ over the rows of first chunks' },
    'trial-multiply-adds': { formula: 'heads · tokens · d · R · directions of a round' },
    'trial-hash-milliseconds': { formula: 'median of end − start' },
    'trial-crowded': { formula: '| tokens in buckets longer than 2m | / | tokens |' },
    'trial-own-score': { formula: 'mean over tokens of q·q̂' },
    'trial-own-weight': { formula: 'mean over tokens of 1 / (1 + exp(lse − score))' },
  },
};
