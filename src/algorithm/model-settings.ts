/** The sizes of a Reformer, and the names and shapes of its parameters. */
import { InputError } from '../shared/errors';
import { entryOf } from './rows';
import { cpuRanges, limits, type Settings } from './settings';

/** How a layer attends. `full` has the shared query-keys of LSH attention, and every query sees every key. */
export type LayerKind = 'lsh' | 'local' | 'full';

/**
 * A table of position vectors [rows, width]: position p takes row ⌊p / every⌋ mod rows. Several tables fill the model's width side by side.
 */
export interface PositionTable {
  rows: number;
  width: number;
  every: number;
}

export type Activation = 'relu' | 'gelu' | 'gelu_new' | 'silu';

/** Local attention: chunks of tokens in their order, in a ring. Counts of chunks as in `Settings`. */
export interface LocalSettings {
  chunk: number;
  lookBack: number;
  lookAhead: number;
}

export interface ModelSettings {
  /** Symbols, V. */
  vocabulary: number;
  /** Features of a token in each stream, d_model. */
  width: number;
  heads: number;
  /** Features of a head, d. */
  headSize: number;
  /** Hidden features of the feed-forward layer, d_ff. */
  feedForward: number;
  activation: Activation;
  layers: LayerKind[];
  positions: PositionTable[];
  /** Layer norms add it to the variance. */
  epsilon: number;
  /** Settings of `lsh` layers. `full` layers use its score and masks; its `causal` holds for local layers too. */
  lsh: Settings;
  local: LocalSettings;
  /** An LSH layer uses full attention when all tokens fit in one chunk, as Hugging Face's does. */
  fullWhenShort: boolean;
  /**
   * True pads a sequence as Hugging Face's Reformer does, so that the chunks of all kinds of layers fill it; see `paddedLength`. Default:
   * false, and every kind of layer has a last chunk of its own.
   */
  padsToChunks?: boolean;
  /**
   * `reversible` layers add to two streams in turn. `standard` layers add to one stream, as the Transformer of 2017 does; the head then
   * reads that stream twice, so that both kinds have the same parameters.
   */
  residual: 'reversible' | 'standard';
  /** Slices of positions that the feed-forward layers and the head compute in turn: the same numbers with less memory (paper §3). */
  slices: number;
}

/** `batch` sequences of n tokens each. */
export interface BatchShape {
  batch: number;
  n: number;
}

/** One table of learned positions. */
export const learnedPositions = (length: number, width: number): PositionTable[] => [{ rows: length, width, every: 1 }];

/**
 * Axial positions on a grid of rows × columns: the first features encode the row, the rest the column (Reformer paper §4; the code of
 * Hugging Face's ReformerModel).
 */
export function axialPositions([rows, columns]: [number, number], [first, rest]: [number, number]): PositionTable[] {
  return [
    { rows, width: first, every: columns },
    { rows: columns, width: rest, every: 1 },
  ];
}

/** Length of the longest sequence that the position tables cover. */
export const longest = ({ positions }: Pick<ModelSettings, 'positions'>): number =>
  positions.reduce((least, { rows, every }) => Math.max(least, rows * every), 0);

/**
 * Length of n tokens with their pads. With `padsToChunks` it is a multiple of the chunk lengths of all kinds of layers, unless all tokens
 * fit in the shortest chunk (Hugging Face's `ReformerModel.forward`). Pads are never computed: no token sees them, and they sort behind all
 * buckets. They only add chunks.
 */
export function paddedLength(settings: ModelSettings, n: number): number {
  if (!settings.padsToChunks || n <= shortestChunk(settings)) return n;
  const multiple = chunksOf(settings).reduce((a, b) => (a * b) / commonDivisor(a, b));
  return multiple * Math.ceil(n / multiple);
}

/** Chunk lengths of all kinds of layers. */
const chunksOf = ({ layers, lsh, local }: ModelSettings): number[] => [
  ...new Set(layers.map((kind) => (kind === 'local' ? local.chunk : lsh.chunk))),
];

/** Tokens in the shortest chunk of all kinds of layers. */
export const shortestChunk = (settings: ModelSettings): number => Math.min(...chunksOf(settings));

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

/** How a layer attends to sequences of n tokens. */
export function kindOf(settings: ModelSettings, layer: number, n: number): LayerKind {
  const { layers, lsh, fullWhenShort } = settings;
  const kind = entryOf(layers, layer);
  return kind === 'lsh' && fullWhenShort && paddedLength(settings, n) <= lsh.chunk ? 'full' : kind;
}

/** True if some layer hashes sequences of n tokens. */
export const hashes = (settings: ModelSettings, n: number): boolean =>
  settings.layers.some((_, layer) => kindOf(settings, layer, n) === 'lsh');

/** Local settings for n tokens. A ring of one chunk has no neighbours: looking back would count its own keys twice. */
export const localOf = (settings: ModelSettings, n: number): LocalSettings =>
  paddedLength(settings, n) <= settings.local.chunk ? { ...settings.local, lookBack: 0, lookAhead: 0 } : settings.local;

/** Names of one layer's parameters, as in Hugging Face's ReformerModelWithLMHead. */
export function layerNames(layer: number) {
  const attention = `reformer.encoder.layers.${layer}.attention`;
  const feedForward = `reformer.encoder.layers.${layer}.feed_forward`;
  return {
    attentionNorm: `${attention}.layer_norm`,
    queryKey: `${attention}.self_attention.query_key.weight`,
    query: `${attention}.self_attention.query.weight`,
    key: `${attention}.self_attention.key.weight`,
    value: `${attention}.self_attention.value.weight`,
    output: `${attention}.output.dense.weight`,
    feedForwardNorm: `${feedForward}.layer_norm`,
    hidden: `${feedForward}.dense.dense`,
    result: `${feedForward}.output.dense`,
  };
}

export const names = {
  words: 'reformer.embeddings.word_embeddings.weight',
  /** Table k of `count` tables. */
  positions: (k: number, count: number) =>
    count === 1
      ? 'reformer.embeddings.position_embeddings.embedding.weight'
      : `reformer.embeddings.position_embeddings.weights.${k}`,
  norm: 'reformer.encoder.layer_norm',
  head: 'lm_head.decoder.weight',
  headBias: 'lm_head.bias',
} as const;

/** Every parameter's name and shape, in the order of computation. A weight is [outputs, inputs]. */
export function parameterShapes(settings: ModelSettings): Map<string, number[]> {
  const { vocabulary, width, heads, headSize, feedForward, layers, positions } = settings;
  const shapes = new Map<string, number[]>();
  const norm = (name: string, size: number) => {
    shapes.set(`${name}.weight`, [size]);
    shapes.set(`${name}.bias`, [size]);
  };
  shapes.set(names.words, [vocabulary, width]);
  positions.forEach((table, k) => {
    const axial = k === 0 ? [table.rows, 1, table.width] : [1, table.rows, table.width];
    shapes.set(names.positions(k, positions.length), positions.length === 1 ? [table.rows, table.width] : axial);
  });
  layers.forEach((kind, layer) => {
    const of = layerNames(layer);
    norm(of.attentionNorm, width);
    const projections = kind === 'local' ? [of.query, of.key, of.value] : [of.queryKey, of.value];
    for (const name of projections) shapes.set(name, [heads * headSize, width]);
    shapes.set(of.output, [width, heads * headSize]);
    norm(of.feedForwardNorm, width);
    shapes.set(`${of.hidden}.weight`, [feedForward, width]);
    shapes.set(`${of.hidden}.bias`, [feedForward]);
    shapes.set(`${of.result}.weight`, [width, feedForward]);
    shapes.set(`${of.result}.bias`, [width]);
  });
  norm(names.norm, 2 * width);
  shapes.set(names.head, [vocabulary, 2 * width]);
  shapes.set(names.headBias, [vocabulary]);
  return shapes;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export const parameterCount = (settings: ModelSettings): number =>
  [...parameterShapes(settings).values()].reduce((sum, shape) => sum + sizeOf(shape), 0);

/** @throws InputError naming the first value out of range. */
export function checkModel(settings: ModelSettings, { batch, n }: BatchShape): void {
  const whole = (name: string, value: number, high: number, low = 1) => {
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new InputError(`${name} is ${value}; it must be a whole number from ${low} to ${high}.`);
    }
  };
  whole('vocabulary', settings.vocabulary, 2 ** 20);
  whole('width', settings.width, 2 ** 14);
  whole('heads', settings.heads, cpuRanges.heads);
  whole('head size', settings.headSize, cpuRanges.d);
  whole('feed-forward size', settings.feedForward, 2 ** 16);
  whole('layers', settings.layers.length, 256);
  whole('batch', batch, 2 ** 16);
  whole('tokens', n, limits.n);
  whole('slices', settings.slices, batch * n);
  whole('local chunk', settings.local.chunk, 2 ** 16);
  whole('local chunks before', settings.local.lookBack, cpuRanges.lookBack, 0);
  whole('local chunks after', settings.local.lookAhead, cpuRanges.lookAhead, 0);
  const covered = settings.positions.reduce((sum, { width }) => sum + width, 0);
  if (covered !== settings.width) {
    throw new InputError(
      `positions have ${covered} features; they must have ${settings.width}, the width of the model.`,
    );
  }
  const padded = paddedLength(settings, n);
  if (padded > longest(settings)) {
    const length = padded === n ? `${n}` : `${n}, ${padded} with the pads that fill all chunks`;
    throw new InputError(`tokens is ${length}, but the model has only ${longest(settings)} positions.`);
  }
}
