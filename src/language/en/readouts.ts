const roundsOf = (rounds: readonly (number | string)[]): string =>
  `${rounds.length === 1 ? 'round' : 'rounds'} ${rounds.join(', ')}`;
const startOf = (rounds: readonly number[]): string =>
  `${rounds.length === 1 ? 'Round' : 'Rounds'} ${rounds.join(', ')}`;
const listOf = <T>(items: readonly (string | T)[][]): (string | T)[] =>
  items.flatMap((item, k) => (k ? [', ', ...item] : item));

/** English words of the read-outs beside the stage and its tooltips. Rounds count from 1. */
export const readouts = {
  /** Why no round compared a query with a key. Names in tables, legends and sentences. */
  causes: { chunkEdge: 'chunk edge', longBucket: 'long bucket', otherBucket: 'other bucket' },

  /** What the engine computes, beside the progress bar. */
  progress: { attention: 'attention', fullAttention: 'full attention' },

  /** Stand after the device's name. */
  memory: {
    tensors: <T>(bytes: T): (string | T)[] => [bytes, ' of tensors on the GPU'],
    training: <T>(bytes: T): (string | T)[] => [bytes, ' of GPU memory in training'],
  },

  names: {
    /** A token whose vectors are nearly those of the selected token. */
    twin: (token: number) => `${token}, its twin`,
  },

  tips: {
    token: (name: string) => `token ${name}: click to select it`,
    round: (round: number) => `round ${round}: click to bring it to the front`,
    /** A cell of the matrix that stands for many pairs. `queries` and `keys` are ranges. */
    cell: (queries: string, keys: string) => `queries ${queries}, keys ${keys}: click to select the first query`,
    /** The same where rows and columns are positions in the sorted order. */
    sortedCell: (queries: string, keys: string) =>
      `sorted positions ${queries} (queries) and ${keys} (keys): click to select the first query`,
    range: (first: string, last: string) => `${first} … ${last}`,
  },

  pair: {
    later: (query: string, key: string) =>
      `query ${query}, key ${key}: the key is later; the causal mask hides it, in full attention too`,
    other: (query: string, key: string) => `query ${query}, key ${key}: click to select the query`,
    seen: (query: string, key: string, rounds: readonly (number | string)[], weight: string, fullWeight: string) =>
      `query ${query}, key ${key}: seen in ${roundsOf(rounds)}. Weight ${weight}, in full attention ${fullWeight}.`,
    /** The sentences of `missed` follow. */
    missed: (query: string, key: string, cause: string, fullWeight: string) =>
      `query ${query}, key ${key}: missed (${cause}). Weight in full attention: ${fullWeight}.`,
  },

  /** Why a key was missed, round by round. */
  missed: {
    /** The sentences below follow. */
    start: (token: string, key: string) => `Token ${token} did not see key ${key}.`,
    chunkEdge: <T extends { value: number }>(
      round: number,
      distance: T,
      queryChunk: T,
      keyChunk: T,
    ): (string | T)[] => [
      `${startOf([round])}: same bucket, `,
      distance,
      distance.value === 1 ? ' place apart, but in chunks ' : ' places apart, but in chunks ',
      queryChunk,
      ' and ',
      keyChunk,
      '.',
    ],
    /** `distances`: one for each of the rounds. */
    longBucket: <T>(rounds: readonly number[], distances: readonly T[]): (string | T)[] => [
      `${startOf(rounds)}: same bucket, `,
      ...listOf(distances.map((distance) => [distance])),
      ' places apart, beyond any window.',
    ],
    /** `buckets`: those of query and key in each of the rounds. */
    otherBucket: <T>(rounds: readonly number[], buckets: readonly [query: T, key: T][]): (string | T)[] => [
      `${startOf(rounds)}: different buckets, `,
      ...listOf(buckets.map(([query, key]) => [query, ' ≠ ', key])),
      '.',
    ],
  },

  token: {
    title: (name: string) => `Token ${name}`,
    /** `number` decides between singular and plural; `count` is how it is shown. */
    sees: <T>(number: number, count: T, share: T): (string | T)[] =>
      number === 1
        ? ['It sees ', count, ' key, which holds ', share, ' of its weight in full attention.']
        : ['It sees ', count, ' keys, which hold ', share, ' of its weight in full attention.'],
    rounds: { round: 'round', bucket: 'bucket', chunk: 'chunk', weight: 'weight' },
    seen: 'Seen keys, heaviest first',
    /** `full`: weight in full attention. */
    seenKeys: { key: 'key', rounds: 'rounds', weight: 'weight', full: 'full' },
    /** Too many rounds to list. */
    roundCount: (count: number, all: number) => `${count} of ${all}`,
    missed: 'Keys missed in every round, heaviest first',
    missedKeys: { key: 'key', full: 'full', cause: 'cause' },
  },

  tower: {
    needsGpu: 'Reversible layers need WebGPU, which this browser does not provide.',
    /** On the stage, above the bar of memory. */
    kept: (bytes: string, isOnlyIds: boolean) => (isOnlyIds ? `bucket ids kept: ${bytes}` : `kept: ${bytes}`),
    formulas: {
      start: 'x1 = x2 = embedding',
      up: { attention: 'y1 = x1 + Attention(x2)', feedForward: 'y2 = x2 + FeedForward(y1)' },
      down: { attention: 'x1 = y1 − Attention(x2)', feedForward: 'x2 = y2 − FeedForward(y1)' },
      stored: 'gradients from stored activations',
    },
    start: 'Both streams start as the embeddings of the tokens.',
    up: (layer: number) => `Forward, layer ${layer}: a sublayer reads one stream and adds its output to the other.`,
    downReversible: (layer: number) =>
      `Backward, layer ${layer}: the sublayer’s output is computed again and subtracted, which restores the stream.`,
    downStored: (layer: number) => `Backward, layer ${layer}: all activations were kept, so nothing is computed again.`,
    memory: <T>(kept: T, shared: T): (string | T)[] => [
      'Kept for the backward pass: ',
      kept,
      '. Working memory, the same at every depth: ',
      shared,
      '.',
    ],
    drift: <T>(layer: number, drift: T, flipped: T): (string | T)[] => [
      `The restored input of layer ${layer} has a relative error of `,
      drift,
      '. If the layer hashed it again instead of keeping its bucket ids, ',
      flipped,
      ' of the hashes would change.',
    ],
  },

  /** Two settings, called A and B. */
  comparison: {
    title: 'A and B',
    same: 'This setting is A. Change any setting: the changed one is B.',
    differs: (changes: readonly string[]) => `B differs in: ${changes.join(', ')}.`,
    change: (control: string, a: string, b: string) => `${control} ${a} → ${b}`,
    on: 'on',
    off: 'off',
    measures: {
      error: 'error',
      captured: 'captured',
      seen: 'keys seen',
      slots: 'slots scored',
      milliseconds: 'time (ms)',
    },
    picture: 'The stage with setting A:',
    pictureAlt: 'The stage with setting A',
    back: 'Return to A',
    end: 'End comparison',
  },
};
