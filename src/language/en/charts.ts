const roundsOf = (count: number): string => `${count} ${count === 1 ? 'round' : 'rounds'}`;
const layersOf = (count: number): string => `${count} ${count === 1 ? 'layer' : 'layers'}`;
/** Queries that a curve was measured over, where these are not all: undefined otherwise. */
const sampleOf = (queries: number | undefined): string => (queries === undefined ? '' : ` (${queries} queries)`);

/** English words of the charts below the stage. The causes of missed pairs stand in readouts. */
export const charts = {
  /** Name of a chart for screen readers. */
  description: (title: string, summary: string) => `${title}: ${summary}`,
  computing: 'computing …',
  notComputed: 'not computed',
  roundsAxis: 'hash rounds',

  buckets: {
    title: (round: number) => `Bucket sizes, round ${round}`,
    summary: (largest: number, window: number, over: number, buckets: number) =>
      `largest ${largest}, window ${window}: ${over === 0 ? 'every bucket fits' : `${over} of ${buckets} are longer`}`,
    bar: (bucket: number, tokens: number) => `bucket ${bucket}: ${tokens} ${tokens === 1 ? 'token' : 'tokens'}`,
    window: (tokens: number) => `a query sees at most ${tokens}`,
  },

  rounds: {
    title: 'LSH against full attention',
    definitions:
      'error: ‖LSH − full‖ / ‖full‖ of the outputs. captured: share of full attention’s weight on pairs that LSH sees in any round.',
    names: { error: 'error', captured: 'captured' },
    summary: (rounds: number, error: string, captured: string, queries: number | undefined) =>
      `${roundsOf(rounds)}: error ${error}, captured ${captured}${sampleOf(queries)}`,
    point: (rounds: number, name: string, value: string) => `${roundsOf(rounds)}: ${name} ${value}`,
  },

  causes: {
    title: 'Missed weight by cause',
    definitions: (names: { chunkEdge: string; longBucket: string; otherBucket: string }) =>
      `${names.otherBucket}: query and key share a bucket in no round. ${names.chunkEdge}: they share one and are near enough for a window, but a chunk edge lies between them. ${names.longBucket}: they share one, but are too far apart for any window.`,
    captured: 'captured',
    summary: (rounds: number, cause: string, share: string, queries: number | undefined) =>
      `${roundsOf(rounds)}: ${cause} loses ${share}${sampleOf(queries)}`,
    bar: (rounds: number, part: string, share: string) => `${roundsOf(rounds)}, ${part}: ${share}`,
  },

  steps: {
    title: (device: string) => `Time on ${device}`,
    summary: (milliseconds: string) => `LSH: ${milliseconds} ms`,
    /** The device has no clock of its own for the page: the page measured until it had the results. */
    summaryWithoutClock: (milliseconds: string) => `LSH: ${milliseconds} ms, timed by the page`,
    milliseconds: (milliseconds: string) => `${milliseconds} ms`,
    hash: 'hash',
    sort: 'sort',
    attend: 'attend + combine',
    /** The CPU engine does both in one step. */
    sortAndAttend: 'sort and attend',
    full: 'full attention',
    fullSample: (queries: number, all: string) => `full (${queries} of ${all} queries)`,
  },

  hashing: {
    title: (token: number, round: number) => `Hash of token ${token} in round ${round}`,
    /** `directions`: how many random directions r there are. Every product becomes a choice, with either sign. */
    bucket: (directions: number) =>
      `y = x·r for each of the ${directions} random directions r. The largest of [y; −y] gives the bucket.`,
    /** The same where a bucket's number is made of digits, one for each group of directions. */
    digits: (directions: number) =>
      `y = x·r for each of the ${directions} random directions r. The largest of [y; −y] in each group gives one digit.`,
    largestIsBucket: (bucket: number) => `argmax → bucket ${bucket}`,
    largestIsDigit: (digit: number) => `argmax → digit ${digit}`,
    smaller: (count: number) => `and ${count.toLocaleString('en')} smaller ${count === 1 ? 'product' : 'products'}`,
    sum: (terms: string, bucket: number) => `bucket = ${terms} = ${bucket}`,
  },

  memory: {
    title: 'Activation memory of a training step',
    summary: (layers: number, stored: string, reversible: string) =>
      `${layersOf(layers)}: ${stored} stored, ${reversible} reversible`,
    unit: 'MiB by layers; dashed: Table 3 × 4 bytes',
    barStored: (layers: number, bytes: string) => `${layersOf(layers)}, all activations kept: ${bytes}`,
    barReversible: (layers: number, bytes: string) => `${layersOf(layers)}, reversible: ${bytes}`,
  },

  loss: {
    title: 'Training loss',
    untrained: 'no training steps yet',
    /** `guess`: the loss of a model that guesses every symbol. */
    summary: (step: string, loss: string, guess: string) =>
      `step ${step}: ${loss} nats per symbol (guessing: ${guess})`,
    names: { reversible: 'reversible', standard: 'standard' },
  },

  accuracy: {
    title: 'Accuracy (%) by hash rounds at evaluation',
    summary: 'rows: rounds in training; small: paper’s Table 2',
    summaryOfSymbols: (least: number) =>
      `rows: rounds in training; small: paper’s Table 2; ≥ ${least.toLocaleString('en')} symbols`,
    /** A model by its hash rounds; 0 is full attention. */
    model: (rounds: number) => (rounds === 0 ? 'full' : `LSH-${rounds}`),
    ownModel: (model: string) => `yours: ${model}`,
    shippedNote: 'Pretrained: one layer, 64 tokens, 500 steps',
    ownNote: (tokens: number, steps: number) =>
      `Trained on this page: ${tokens} tokens, ${steps} ${steps === 1 ? 'step' : 'steps'}`,
  },

  /** Lines by hash rounds in an experiment; `names` are its settings. */
  lines: (names: readonly string[]) => `Error by hash rounds: ${names.join(', ')}`,
};
