import {
  type BatchShape,
  checkModel,
  kindOf,
  layerNames,
  localOf,
  type ModelSettings,
  names,
} from '../algorithm/model-settings';
import { shortSequence } from '../gpu/attention/kernel-choice';
import type { Context, Dispatch, GpuTensor } from '../gpu/runtime/context';
import { InputError } from '../shared/errors';
import { type Attention, FullLayer, LocalLayer, LshLayer } from './attention';
import { type EmbeddingTable, from, Layers, type Rows } from './layers';
import type { Weights } from './parameters';
import '../gpu/runtime/training-kernels';
import { trainingUniforms } from '../gpu/runtime/training-uniforms';
import { packUniform } from '../gpu/runtime/uniforms';

/**
 * What a forward pass keeps for the backward pass: `stored` keeps every activation of every layer, `reversible` the streams above the
 * last layer and the buckets of each layer, `nothing` is for a model that is not trained. `next` and `read` are for sequences of any length:
 * `lengths` say where they end. `next` computes logits of their last tokens only, `read` those of all tokens, and keeps what each attention reads.
 * Above 512 tokens, all sequences must be full.
 */
export type Mode = 'stored' | 'reversible' | 'nothing' | 'next' | 'read';

/** The modes of a model that is trained. */
export type TrainingMode = 'stored' | 'reversible';

/** Tensors that `stored` keeps of each layer to compute its gradients from. */
const activations = ['q', 'k', 'qk', 'v', 'out', 'lse', 'local lse', 'placement', 'all', 'hidden'];

/** Most tokens of a batch. */
const mostTokens = 2 ** 22;

/** The tensors of one layer. */
interface Layer {
  attention: Attention;
  /** Normalized inputs x̂ of attention and of the feed-forward layer, [tokens, width]. */
  normal: { attention: Rows; feedForward: Rows };
  /** 1/√(variance + ε) of these inputs, [tokens]. */
  inverse: { attention: GPUBuffer; feedForward: GPUBuffer };
  /** Inputs of the activation, [tokens, d_ff]; if not kept, of one slice. */
  hidden: Rows;
}

/**
 * A whole Reformer on the GPU, for one shape of batch: from token ids to logits, loss and gradients. The constructor takes all memory.
 * The same mathematics in float64, written to be read, is in src/algorithm/reformer.ts.
 */
export class Model {
  /** Token ids, [batch, n]. */
  readonly ids: GpuTensor;
  /** Targets, [batch, n]; 0xffffffff for a token without a target. */
  readonly targets: GpuTensor;
  /** Logits, [batch·n, V], in mode `next` [batch, V]; after `loss` with gradients, the gradients of the logits. */
  readonly logits: GpuTensor;
  /**
   * Streams x1 and x2, [batch·n, width]. After `forward` they are those above the last layer; in mode `reversible`, after `backward`,
   * those below the first. A standard Transformer has one stream, which is both.
   */
  readonly streams: [GpuTensor, GpuTensor];
  /** Number of tokens of each sequence in the modes `next` and `read`, [batch]. */
  private readonly lengths: GPUBuffer | undefined;
  /** Loss and accuracy of the last steps, [steps, 2]; step i is in row i mod steps. */
  readonly history: GpuTensor;
  /** Block of the current step, see `stepBlock`. */
  readonly step: GPUBuffer;
  private readonly layersOf: Layers;
  private readonly layers: Layer[];
  private readonly tokens: number;

  /**
   * @throws InputError if settings and shape do not fit, or are too large for the device; Error if the mode does not fit the settings or
   * the weights.
   */
  constructor(
    readonly context: Context,
    readonly weights: Weights,
    readonly settings: ModelSettings,
    readonly shape: BatchShape,
    readonly mode: Mode,
  ) {
    checkModel(settings, shape);
    if (mode === 'reversible' && settings.residual === 'standard')
      throw new Error('a standard Transformer is not reversible; use the mode "stored"');
    if (!isUntrained(mode) && !weights.trained)
      throw new Error('these weights have no gradients; make them with trained = true');
    const { batch, n } = shape;
    const { width, vocabulary } = settings;
    this.tokens = batch * n;
    if (this.tokens > mostTokens)
      throw new InputError(`${this.tokens} tokens are too many for a model; use at most ${mostTokens} in a batch.`);
    this.layersOf = new Layers(context, weights);
    this.ids = context.tensor('ids', 'u32', [batch, n]);
    this.targets = context.tensor('targets', 'u32', [batch, n]);
    this.step = context.buffer('step', 32);
    this.history = context.tensor('history', 'f32', [historySteps, 2]);
    const x1 = this.tensor('x1', width);
    this.streams = [x1, this.isReversible ? this.tensor('x2', width) : x1];
    this.lengths = mode === 'next' || mode === 'read' ? context.buffer('lengths', 4 * batch) : undefined;
    this.logits = context.tensor('logits', 'f32', [mode === 'next' ? batch : this.tokens, vocabulary]);
    this.layers = settings.layers.map((_, layer) => this.makeLayer(layer));
  }

  /**
   * Uploads ids and, for a loss, targets and their weights in the mean, [batch, n] each; −1 for a token without a target. Default: all
   * targets weigh the same. @throws InputError for ids that are no symbols, or too many or few.
   */
  upload(ids: ArrayLike<number>, targets?: ArrayLike<number>, weights?: ArrayLike<number>): void {
    const badToken = Array.prototype.findIndex.call(ids, (id) => !(id >= 0 && id < this.settings.vocabulary));
    if (badToken >= 0 || ids.length !== this.tokens) {
      throw new InputError(
        badToken >= 0
          ? `Token ${badToken} is ${ids[badToken]}; symbols go from 0 to ${this.settings.vocabulary - 1}.`
          : `${ids.length} tokens do not fill a batch of ${this.shape.batch}×${this.shape.n}.`,
      );
    }
    this.context.write(this.ids.buffer, 0, Uint32Array.from(ids));
    if (!targets) return;
    const words = Uint32Array.from(targets, (target) => target >>> 0);
    this.context.write(this.targets.buffer, 0, words);
    const shares = new Float32Array(2 * this.tokens);
    let sum = 0;
    for (let token = 0; token < this.tokens; token++) {
      if (targets[token] < 0) continue;
      shares[2 * token] = weights?.[token] ?? 1;
      sum += shares[2 * token];
    }
    this.context.write(this.losses, 0, sum > 0 ? shares.map((share) => share / sum) : shares);
  }

  /**
   * Uploads the number of tokens of each sequence, 1 … n, [batch]. Only in the modes `next` and `read`. @throws InputError for pads above
   * 512 tokens
   */
  uploadLengths(lengths: ArrayLike<number>): void {
    const { n } = this.shape;
    if (!this.lengths) throw new Error('only a model of mode "next" or "read" has lengths');
    if (n > shortSequence && Array.prototype.some.call(lengths, (length) => length < n))
      throw new InputError(`${n} tokens are too many for sequences with pads; use at most ${shortSequence}.`);
    this.context.write(this.lengths, 0, Uint32Array.from(lengths));
  }

  /** True if some layer hashes. */
  get hashes(): boolean {
    return this.layers.some(({ attention }) => attention instanceof LshLayer);
  }

  /** Uploads the directions of all LSH layers, [heads or 1, d, rounds, ΣB_f/2]. */
  uploadRotations(rotations: ArrayLike<number>): void {
    // LSH layers share the buffer.
    const attention = this.layers.find((layer) => layer.attention instanceof LshLayer)?.attention;
    if (attention instanceof LshLayer) attention.lsh.uploadRotations(rotations);
  }

  /** The dispatches from ids to logits. */
  forward(): Dispatch[] {
    return withStep('forward', [
      ...this.embed(),
      ...this.layers.flatMap((_, index) => this.layerForward(index)),
      ...(this.mode === 'next' && this.lengths
        ? this.nextHead(this.lengths)
        : this.slices.flatMap((slice) => this.head(slice))),
    ]);
  }

  /** From the streams above the last layer to logits, for one slice. */
  private head({ first, count }: Slice): Dispatch[] {
    const { layersOf, top } = this;
    const logits = from(rowsOf(this.logits), first);
    return [
      this.topNorm({ first, count }),
      ...layersOf.linear('head', count, top.normal, names.head, logits, { bias: names.headBias }),
    ];
  }

  /** From the streams of the last token of each sequence to logits, [batch, V]. */
  private nextHead(lengths: GPUBuffer): Dispatch[] {
    const { layersOf, context, shape, settings } = this;
    const { batch, n } = shape;
    const { width } = settings;
    const picked = [1, 2].map((k) => rowsOf(context.tensor(`picked ${k}`, 'f32', [batch, width])));
    const { normal, inverse } = this.top;
    return [
      {
        step: 'head',
        kernel: 'pick-rows',
        block: packUniform(trainingUniforms.Pick, { n, width }),
        resources: [lengths, ...this.streamRows.map(({ buffer }) => buffer), ...picked.map(({ buffer }) => buffer)],
        groups: [Math.ceil(width / 64), batch, 1],
        cost: 2 * batch * width,
      },
      layersOf.norm('head', batch, picked, normal, inverse),
      ...layersOf.linear('head', batch, normal, names.head, rowsOf(this.logits), { bias: names.headBias }),
    ];
  }

  private topNorm({ first, count }: Slice): Dispatch {
    const { normal, inverse } = this.top;
    return this.layersOf.norm('head', count, this.streamRows, normal, inverse, first);
  }

  /** The dispatches from ids to the streams below the first layer. */
  embed(): Dispatch[] {
    const [x1, x2] = this.streamRows;
    const into: [Rows, Rows?] = this.isReversible ? [x1, x2] : [x1];
    return this.layersOf.embed('forward', this.tokens, this.shape.n, this.ids.buffer, this.tables, into);
  }

  /** The dispatches from the streams below a layer to those above it. */
  layerForward(index: number): Dispatch[] {
    const layer = this.layers[index];
    return [
      ...this.attend(index, layer, false),
      ...this.addAttention(index, layer, 1),
      ...this.normalize(layer, 'feedForward'),
      ...this.feedForward(index, layer),
    ];
  }

  /** The dispatches from the streams above a reversible layer to those below it, with its kept buckets: `backward` without gradients. */
  layerInverse(index: number): Dispatch[] {
    const layer = this.layers[index];
    return [
      ...this.normalize(layer, 'feedForward'),
      ...this.slices.flatMap((slice) => this.feedSlice(index, layer, slice, -1)),
      ...this.attend(index, layer, true),
      ...this.addAttention(index, layer, -1),
    ];
  }

  /** Reads the buckets of an LSH layer, [batch·heads, R, n]. Undefined for other layers. */
  async bucketsOf(index: number): Promise<Uint32Array | undefined> {
    const { attention } = this.layers[index];
    if (!(attention instanceof LshLayer)) return undefined;
    return (await this.context.read(attention.lsh.buckets)) as Uint32Array;
  }

  /** What the attention of a layer reads, [batch·heads, n, d] each: query-keys and values, or queries, keys and values. Kept in mode `read`. */
  vectorsOf(index: number): readonly GpuTensor[] {
    if (this.mode !== 'read') throw new Error('only a model of mode "read" keeps the vectors of each layer');
    return this.layers[index].attention.projections;
  }

  /** Hashes the queries that a layer computed last once more, replaces its kept buckets, and reads them. */
  async hashAgain(index: number, run: (dispatches: Dispatch[]) => Promise<unknown>): Promise<Uint32Array | undefined> {
    const { attention } = this.layers[index];
    if (attention instanceof LshLayer) await run(attention.lsh.hashDispatches());
    return this.bucketsOf(index);
  }

  /** The dispatches from logits to the loss in `history` and, with `hasGradient`, to the gradients of the logits. */
  loss(hasGradient: boolean): Dispatch[] {
    const { tokens, losses } = this;
    return [
      {
        step: 'forward',
        kernel: 'loss',
        constants: { GRADIENT: hasGradient },
        block: packUniform(trainingUniforms.Loss, { tokens, vocabulary: this.settings.vocabulary }),
        resources: [this.targets.buffer, this.logits.buffer, losses],
        groups: [Math.ceil(tokens / 64), 1, 1],
        cost: 8 * tokens * this.settings.vocabulary,
      },
      {
        step: 'forward',
        kernel: 'loss-sum',
        block: packUniform(trainingUniforms.LossSum, { tokens }),
        resources: [losses, this.step, this.history.buffer],
        groups: [1, 1, 1],
        cost: tokens,
      },
    ];
  }

  /** The dispatches from the gradients of the logits to those of all parameters, which must be zero before. Not in mode `nothing`. */
  backward(): Dispatch[] {
    const { tokens, layersOf } = this;
    const [g1, g2] = this.gradientRows;
    const gradients: [Rows, Rows?] = this.isReversible ? [g1, g2] : [g1];
    const dispatches = this.slices.flatMap((slice) => this.headBackward(slice, gradients));
    for (let index = this.layers.length - 1; index >= 0; index--) dispatches.push(...this.layerBackward(index));
    const { n } = this.shape;
    dispatches.push(...layersOf.embedBackward('backward', tokens, n, this.ids.buffer, this.tables, gradients));
    return withStep('backward', dispatches);
  }

  private headBackward({ first, count }: Slice, gradients: [Rows, Rows?]): Dispatch[] {
    const { layersOf, context, slices } = this;
    const { normal, inverse } = this.top;
    const width = 2 * this.settings.width;
    const gradLogits = from(rowsOf(this.logits), first);
    // The gradient of a slice of two streams fits the buffer that layers use for the gradient of one whole stream.
    const gradNormal =
      slices.length > 1
        ? { buffer: this.gradNormal.buffer, width, pitch: width }
        : rowsOf(context.tensor('grad top normal', 'f32', [slices[0].count, width]));
    return [
      ...(slices.length > 1 ? [this.topNorm({ first, count })] : []),
      ...layersOf.linearWeight('head', count, gradLogits, normal, names.head, names.headBias),
      ...layersOf.linearInput('head', count, gradLogits, names.head, gradNormal),
      ...layersOf.normBackward('head', count, names.norm, gradNormal, normal, inverse, gradients, false, first),
    ];
  }

  /** One layer backwards: from gradients above it to those below and, in mode `reversible`, from streams above it to those below. */
  private layerBackward(index: number): Dispatch[] {
    const layer = this.layers[index];
    const isRecomputed = this.mode === 'reversible';
    return [
      ...(isRecomputed ? this.normalize(layer, 'feedForward') : []),
      ...this.feedForwardBackward(index, layer),
      ...(isRecomputed ? this.attend(index, layer, true) : []),
      ...(isRecomputed ? this.addAttention(index, layer, -1) : []),
      ...this.attentionBackward(index, layer),
    ];
  }

  /** LayerNorm(x2), its projections, and their attention. */
  private attend(index: number, layer: Layer, isRepeated: boolean): Dispatch[] {
    const { tokens, layersOf } = this;
    const of = layerNames(index);
    const input = normed(layer.normal.attention, of.attentionNorm);
    return [
      ...this.normalize(layer, 'attention'),
      ...this.projectionNames(index).flatMap((name, k) =>
        layersOf.linear('attend', tokens, input, name, this.headRows(layer.attention.projections[k])),
      ),
      ...layer.attention.forward(isRepeated),
    ];
  }

  /** x1 ± the projected output of attention. */
  private addAttention(index: number, { attention }: Layer, sign: 1 | -1): Dispatch[] {
    const out = this.headRows(attention.out);
    return this.layersOf.linear('attend', this.tokens, out, layerNames(index).output, this.streamRows[0], { sign });
  }

  private normalize({ normal, inverse }: Layer, sublayer: 'attention' | 'feedForward'): Dispatch[] {
    const stream = this.streamRows[sublayer === 'attention' ? 1 : 0];
    return [this.layersOf.norm('norm', this.tokens, [stream], normal[sublayer], inverse[sublayer])];
  }

  /** x2 + FeedForward(LayerNorm(x1)), slice by slice. */
  private feedForward(index: number, layer: Layer): Dispatch[] {
    return this.slices.flatMap((slice) => this.feedSlice(index, layer, slice, 1));
  }

  private feedSlice(index: number, layer: Layer, slice: Slice, sign: 1 | -1): Dispatch[] {
    const of = layerNames(index);
    const result = from(this.streamRows[1], slice.first);
    return [
      ...this.hiddenOf(index, layer, slice),
      ...this.layersOf.linear('feed', slice.count, this.active(layer, slice), `${of.result}.weight`, result, {
        bias: `${of.result}.bias`,
        sign,
      }),
    ];
  }

  private hiddenOf(index: number, layer: Layer, slice: Slice): Dispatch[] {
    const of = layerNames(index);
    const input = from(normed(layer.normal.feedForward, of.feedForwardNorm), slice.first);
    return this.layersOf.linear('feed', slice.count, input, `${of.hidden}.weight`, this.hidden(layer, slice), {
      bias: `${of.hidden}.bias`,
    });
  }

  private feedForwardBackward(index: number, layer: Layer): Dispatch[] {
    const { tokens, layersOf, context, slices } = this;
    const { feedForward, activation, width } = this.settings;
    const of = layerNames(index);
    const [g1, g2] = this.gradientRows;
    const gradNormal = this.gradNormal;
    const gradHidden = rowsOf(context.tensor('grad hidden', 'f32', [slices[0].count, feedForward]));
    const dispatches = slices.flatMap((slice) => {
      const gradResult = from({ ...g2, width }, slice.first);
      const input = from(normed(layer.normal.feedForward, of.feedForwardNorm), slice.first);
      const names = { result: `${of.result}.weight`, hidden: `${of.hidden}.weight` };
      return [
        ...(this.mode === 'reversible' ? this.feedSlice(index, layer, slice, -1) : []),
        ...layersOf.linearWeight(
          'feed',
          slice.count,
          gradResult,
          this.active(layer, slice),
          names.result,
          `${of.result}.bias`,
        ),
        ...layersOf.linearInput('feed', slice.count, gradResult, names.result, gradHidden, {
          slope: { of: this.hidden(layer, slice), activation },
        }),
        ...layersOf.linearWeight('feed', slice.count, gradHidden, input, names.hidden, `${of.hidden}.bias`),
        ...layersOf.linearInput('feed', slice.count, gradHidden, names.hidden, from(gradNormal, slice.first)),
      ];
    });
    const { normal, inverse } = layer;
    return [
      ...dispatches,
      ...layersOf.normBackward(
        'feed',
        tokens,
        of.feedForwardNorm,
        gradNormal,
        normal.feedForward,
        inverse.feedForward,
        [g1],
        true,
      ),
    ];
  }

  private attentionBackward(index: number, layer: Layer): Dispatch[] {
    const { tokens, layersOf, gradNormal } = this;
    const { attention, normal, inverse } = layer;
    const of = layerNames(index);
    const [g1, g2] = this.gradientRows;
    const input = normed(normal.attention, of.attentionNorm);
    const projections = this.projectionNames(index);
    return [
      ...layersOf.linearWeight('attend', tokens, g1, this.headRows(attention.out), of.output),
      ...layersOf.linearInput('attend', tokens, g1, of.output, this.headRows(attention.gradOut)),
      ...attention.backward(),
      ...projections.flatMap((name, k) => {
        const gradient = this.headRows(attention.gradProjections[k]);
        return [
          ...layersOf.linearWeight('attend', tokens, gradient, input, name),
          ...layersOf.linearInput('attend', tokens, gradient, name, gradNormal, { add: k > 0 }),
        ];
      }),
      ...layersOf.normBackward(
        'attend',
        tokens,
        of.attentionNorm,
        gradNormal,
        normal.attention,
        inverse.attention,
        [g2],
        true,
      ),
    ];
  }

  private makeLayer(index: number): Layer {
    const { context, settings, shape, mode } = this;
    const { width, feedForward } = settings;
    const name = (tensor: string) => {
      const isKept =
        (mode === 'stored' && (activations.includes(tensor) || /^(normal|inverse)/.test(tensor))) ||
        (mode === 'reversible' && tensor === 'buckets') ||
        (mode === 'read' && ['q', 'k', 'qk', 'v', 'buckets'].includes(tensor));
      return isKept ? `layer ${index}: ${tensor}` : tensor;
    };
    // A longer sequence has no pads.
    const lengths = shape.n > shortSequence ? undefined : this.lengths;
    const options = {
      context,
      settings,
      sequences: shape.batch,
      n: shape.n,
      name,
      trained: !isUntrained(mode),
      lengths,
    };
    const kind = kindOf(settings, index, shape.n);
    const attention =
      kind === 'lsh'
        ? new LshLayer(options)
        : kind === 'full'
          ? new FullLayer(options)
          : new LocalLayer(options, localOf(settings, shape.n));
    // In mode `stored` attention and feed-forward each have a buffer; otherwise they share one.
    const sublayerName = (title: string, sublayer: string) =>
      name(mode === 'stored' ? `${title} of ${sublayer}` : title);
    const normal = (sublayer: string) => this.rows(sublayerName('normal', sublayer), width);
    const inverse = (sublayer: string) => context.buffer(sublayerName('inverse', sublayer), 4 * this.tokens);
    const hiddenTokens = mode === 'stored' ? this.tokens : this.slices[0].count;
    return {
      attention,
      normal: { attention: normal('attention'), feedForward: normal('feed-forward') },
      inverse: { attention: inverse('attention'), feedForward: inverse('feed-forward') },
      hidden: rowsOf(context.tensor(name('hidden'), 'f32', [hiddenTokens, feedForward])),
    };
  }

  /** Slices of positions, which the feed-forward layers and the head go through in order. */
  private get slices(): Slice[] {
    const length = Math.ceil(this.tokens / this.settings.slices);
    const all: Slice[] = [];
    for (let first = 0; first < this.tokens; first += length) {
      all.push({ first, count: Math.min(length, this.tokens - first) });
    }
    return all;
  }

  private hidden({ hidden }: Layer, { first }: Slice): Rows {
    return this.mode === 'stored' ? from(hidden, first) : hidden;
  }

  private active(layer: Layer, slice: Slice): Rows {
    return { ...this.hidden(layer, slice), map: { activation: this.settings.activation } };
  }

  private projectionNames(index: number): string[] {
    const of = layerNames(index);
    return this.settings.layers[index] === 'local' ? [of.query, of.key, of.value] : [of.queryKey, of.value];
  }

  private get tables(): EmbeddingTable[] {
    const { vocabulary, width, positions } = this.settings;
    let first = 0;
    const positionTables = positions.map((position, k): EmbeddingTable => {
      const name = names.positions(k, positions.length);
      const table = { name, rows: position.rows, columns: position.width, first, position };
      first += position.width;
      return table;
    });
    return [{ name: names.words, rows: vocabulary, columns: width, first: 0 }, ...positionTables];
  }

  /** Share of each token's target in the mean loss, and 0; after `loss`, its loss and hit times that share, [tokens, 2]. */
  private get losses(): GPUBuffer {
    return this.context.buffer('losses', 8 * this.tokens);
  }

  private tensor(name: string, width: number): GpuTensor {
    return this.context.tensor(name, 'f32', [this.tokens, width]);
  }

  private rows(name: string, width: number): Rows {
    return rowsOf(this.tensor(name, width));
  }

  private get streamRows(): [Rows, Rows] {
    return [rowsOf(this.streams[0]), rowsOf(this.streams[1])];
  }

  private get isReversible(): boolean {
    return this.settings.residual === 'reversible';
  }

  /** Gradients of the two streams, or twice the gradient of the only one. */
  private get gradientRows(): [Rows, Rows] {
    const g1 = this.rows('g1', this.settings.width);
    return [g1, this.isReversible ? this.rows('g2', this.settings.width) : g1];
  }

  private get gradNormal(): Rows {
    return this.rows('grad normal', this.settings.width);
  }

  /** Normalized streams of a slice side by side, [tokens, 2·width], and 1/√(variance + ε). */
  private get top(): { normal: Rows; inverse: GPUBuffer } {
    const [{ count }] = this.slices;
    const normal = rowsOf(this.context.tensor('top normal', 'f32', [count, 2 * this.settings.width]));
    return { normal: normed(normal, names.norm), inverse: this.context.buffer('top inverse', 4 * count) };
  }

  /** A tensor [sequences·heads, n, d] as token rows. */
  private headRows({ buffer }: GpuTensor): Rows {
    const { heads, headSize } = this.settings;
    const byHeads = { n: this.shape.n, heads, headSize };
    return { buffer, width: heads * headSize, pitch: 4 * Math.ceil(headSize / 4), byHeads };
  }
}

/** A slice of positions, `count` tokens of the batch from `first` on. */
interface Slice {
  first: number;
  count: number;
}

/** True for modes without gradients. */
const isUntrained = (mode: Mode): boolean => mode === 'nothing' || mode === 'next' || mode === 'read';

/** Number of steps whose loss and accuracy are kept. */
export const historySteps = 1024;

const rowsOf = ({ buffer, shape }: GpuTensor): Rows => ({ buffer, width: shape[1], pitch: shape[1] });

const normed = (rows: Rows, norm: string): Rows => ({ ...rows, map: { norm } });

/** Gives all dispatches of a phase the same step, so that they form one pass. */
const withStep = (step: string, dispatches: Dispatch[]): Dispatch[] =>
  dispatches.map((dispatch) => ({ ...dispatch, step }));
