/**
 * A whole Reformer in float64. Two streams of activations, x1 and x2, pass through reversible layers (paper §3),
 *     y1 = x1 + Attention(LayerNorm(x2));  y2 = x2 + FeedForward(LayerNorm(y1)),
 * and can be recomputed from above: x2 = y2 − FeedForward(LayerNorm(y1)), then x1 = y1 − Attention(LayerNorm(x2)).
 * A standard Transformer has one stream, which cannot be recomputed.
 */
import { fullAttention, fullGradients } from './full';
import type { Numbers } from './hash';
import {
  activate,
  activationSlope,
  crossEntropy,
  type Loss,
  layerNorm,
  layerNormBackward,
  linear,
  linearBackward,
} from './layers';
import { localAttention, localGradients } from './local';
import { type AttentionInput, lshAttention, lshGradients } from './lsh';
import {
  type BatchShape,
  checkModel,
  kindOf,
  layerNames,
  localOf,
  type ModelSettings,
  names,
  paddedLength,
  parameterShapes,
  sizeOf,
} from './model-settings';
import { addRow, entryOf } from './rows';
import { directionCount } from './settings';

/** Parameters, or their gradients, by name. */
export type Parameters = Map<string, Float64Array>;

/** Token ids [batch, n], and the directions that all LSH layers share, [heads or 1, d, rounds, ΣB_f/2]. */
export interface ModelInput extends BatchShape {
  ids: ArrayLike<number>;
  rotations: Numbers;
  /** [batch, n], 0 for a token that no other token sees. Default: all are seen. */
  mask?: ArrayLike<number> | undefined;
  /** Position of each token in the position tables, [batch, n]. Default: 0 to n − 1. */
  positions?: ArrayLike<number> | undefined;
}

/** The two streams, [batch·n, width] each. */
export interface Streams {
  x1: Float64Array;
  x2: Float64Array;
}

export interface ForwardResult {
  /** [batch·n, V] */
  logits: Float64Array;
  /** Streams above the last layer. */
  top: Streams;
  /** Streams below each layer. A network without reversible layers must keep them. */
  inputs: Streams[];
  /** y1 of each layer, the input of its feed-forward layer. */
  middles: Float64Array[];
  /** Buckets [batch·heads, rounds, n] of each LSH layer. Even a reversible network must keep them. */
  buckets: (Int32Array | undefined)[];
}

export class Reformer {
  /** @throws InputError naming a size of the model or the batch that is out of range. */
  constructor(
    readonly settings: ModelSettings,
    readonly parameters: Parameters,
    private readonly input: ModelInput,
  ) {
    checkModel(settings, input);
  }

  forward(): ForwardResult {
    const { settings, input } = this;
    const x = this.embed();
    let streams: Streams = { x1: x, x2: x };
    const result: ForwardResult = { logits: x, top: streams, inputs: [], middles: [], buckets: [] };
    for (let layer = 0; layer < settings.layers.length; layer++) {
      result.inputs.push(streams);
      const attention = this.attend(layer, streams.x2);
      result.buckets.push(attention.buckets);
      const y1 = sum(streams.x1, attention.out);
      result.middles.push(y1);
      const y2 = sum(this.isReversible ? streams.x2 : y1, this.feedForward(layer, y1));
      streams = { x1: this.isReversible ? y1 : y2, x2: y2 };
    }
    result.top = streams;
    result.logits = linear(this.headInput(streams), this.of(names.head), 2 * settings.width, this.of(names.headBias));
    if (result.logits.length !== input.batch * input.n * settings.vocabulary)
      throw new Error('The logits do not fit batch × n × vocabulary.');
    return result;
  }

  private get isReversible(): boolean {
    return this.settings.residual === 'reversible';
  }

  /** Recomputes the streams below a layer from those above it, up to rounding. Pass the buckets of the forward pass to hash as it did. */
  invert(layer: number, { x1: y1, x2: y2 }: Streams, buckets?: Int32Array): Streams {
    const x2 = sum(y2, this.feedForward(layer, y1), -1);
    return { x1: sum(y1, this.attend(layer, x2, buckets).out, -1), x2 };
  }

  /**
   * Loss and the gradient of every parameter. `stored` reads the streams kept below each layer; `reversible` recomputes them from the
   * streams above the last layer and the buckets. targets [batch·n], −1 for tokens that do not count.
   * @throws Error for `reversible` in a standard Transformer.
   */
  gradients(targets: ArrayLike<number>, mode: 'stored' | 'reversible'): { loss: Loss; gradients: Parameters } {
    const { settings, isReversible } = this;
    if (mode === 'reversible' && !isReversible)
      throw new Error('A standard Transformer cannot recompute its activations; use the mode stored.');
    const forward = this.forward();
    const loss = crossEntropy(forward.logits, targets);
    const gradients: Parameters = new Map(
      [...parameterShapes(settings)].map(([name, shape]) => [name, new Float64Array(sizeOf(shape))]),
    );
    const grad = (name: string) => gradients.get(name) as Float64Array;
    const { width } = settings;
    const gradNormal = linearBackward(
      this.headInput(forward.top),
      this.of(names.head),
      2 * width,
      loss.gradient,
      grad(names.head),
      grad(names.headBias),
    );
    const gradTop = this.normBackward(names.norm, interleave(forward.top, width), gradNormal, gradients);
    let { x1: g1, x2: g2 } = separate(gradTop, width);
    if (!isReversible) g1 = g2 = sum(g1, g2);
    let above = forward.top;
    for (let layer = settings.layers.length - 1; layer >= 0; layer--) {
      const buckets = forward.buckets[layer];
      const below = mode === 'stored' ? entryOf(forward.inputs, layer) : this.invert(layer, above, buckets);
      // FeedForward read y1, Attention read x2: each adds its gradient to that stream.
      g1 = sum(
        g1,
        this.feedForwardBackward(layer, isReversible ? above.x1 : entryOf(forward.middles, layer), g2, gradients),
      );
      if (!isReversible) g2 = g1;
      g2 = sum(g2, this.attendBackward(layer, below.x2, g1, gradients, buckets));
      if (!isReversible) g1 = g2;
      above = below;
    }
    this.embedBackward(isReversible ? sum(g1, g2) : g1, gradients);
    return { loss, gradients };
  }

  private of(name: string): Float64Array {
    const parameter = this.parameters.get(name);
    if (!parameter) throw new Error(`The parameter ${name} is missing.`);
    return parameter;
  }

  private norm(name: string, x: Float64Array): Float64Array {
    return layerNorm(x, this.of(`${name}.weight`), this.of(`${name}.bias`), this.settings.epsilon);
  }

  private normBackward(name: string, x: Float64Array, gradY: Float64Array, gradients: Parameters): Float64Array {
    const [weight, bias] = [`${name}.weight`, `${name}.bias`];
    return layerNormBackward(
      x,
      this.of(weight),
      this.settings.epsilon,
      gradY,
      gradients.get(weight) as Float64Array,
      gradients.get(bias) as Float64Array,
    );
  }

  private headInput(streams: Streams): Float64Array {
    return this.norm(names.norm, interleave(streams, this.settings.width));
  }

  /** Calls `visit` for every parameter entry that is added to an embedding feature: the word's, and one for the position. */
  private forEachEmbedded(visit: (at: number, name: string, from: number) => void): void {
    const { width, positions } = this.settings;
    const { ids, n, positions: given } = this.input;
    for (let token = 0; token < ids.length; token++) {
      const position = given ? entryOf(given, token) : token % n;
      for (let k = 0; k < width; k++) visit(token * width + k, names.words, entryOf(ids, token) * width + k);
      let first = 0;
      positions.forEach((table, t) => {
        const row = Math.floor(position / table.every) % table.rows;
        const name = names.positions(t, positions.length);
        for (let k = 0; k < table.width; k++) visit(token * width + first + k, name, row * table.width + k);
        first += table.width;
      });
    }
  }

  private embed(): Float64Array {
    const x = new Float64Array(this.input.ids.length * this.settings.width);
    this.forEachEmbedded((at, name, from) => {
      x[at] = entryOf(x, at) + entryOf(this.of(name), from);
    });
    return x;
  }

  private embedBackward(gradX: Float64Array, gradients: Parameters): void {
    this.forEachEmbedded((at, name, from) => {
      addRow(gradients.get(name) as Float64Array, from, 1, gradX, at, 1);
    });
  }

  private feedForward(layer: number, y1: Float64Array): Float64Array {
    const { settings } = this;
    const of = layerNames(layer);
    const hidden = this.hidden(layer, y1).map((x) => activate(settings.activation, x));
    return linear(hidden, this.of(`${of.result}.weight`), settings.feedForward, this.of(`${of.result}.bias`));
  }

  /** Hidden features of the feed-forward layer before the activation, [batch·n, d_ff]. */
  private hidden(layer: number, y1: Float64Array): Float64Array {
    const of = layerNames(layer);
    const normal = this.norm(of.feedForwardNorm, y1);
    return linear(normal, this.of(`${of.hidden}.weight`), this.settings.width, this.of(`${of.hidden}.bias`));
  }

  private feedForwardBackward(
    layer: number,
    y1: Float64Array,
    gradY: Float64Array,
    gradients: Parameters,
  ): Float64Array {
    const { width, feedForward, activation } = this.settings;
    const of = layerNames(layer);
    const grad = (name: string) => gradients.get(name) as Float64Array;
    const hidden = this.hidden(layer, y1);
    const active = hidden.map((x) => activate(activation, x));
    const backward = (name: string, x: Float64Array, inputs: number, g: Float64Array) =>
      linearBackward(x, this.of(`${name}.weight`), inputs, g, grad(`${name}.weight`), grad(`${name}.bias`));
    const gradActive = backward(of.result, active, feedForward, gradY);
    const gradHidden = gradActive.map((g, at) => g * activationSlope(activation, entryOf(hidden, at)));
    const gradNormal = backward(of.hidden, this.norm(of.feedForwardNorm, y1), width, gradHidden);
    return this.normBackward(of.feedForwardNorm, y1, gradNormal, gradients);
  }

  /** What the attention of a layer reads, from the stream x2 below it: see `project`. */
  vectorsOf(layer: number, x2: Float64Array): Float64Array[] {
    return this.project(layer, this.norm(layerNames(layer).attentionNorm, x2));
  }

  /** Queries, keys and values of all heads, [batch·heads, n, d] each. LSH and full attention share one for queries and keys. */
  private project(layer: number, normal: Float64Array): Float64Array[] {
    return this.projections(layer).map((name) => this.split(linear(normal, this.of(name), this.settings.width)));
  }

  private projections(layer: number): string[] {
    const of = layerNames(layer);
    return this.kind(layer) === 'local' ? [of.query, of.key, of.value] : [of.queryKey, of.value];
  }

  private kind(layer: number) {
    return kindOf(this.settings, layer, this.input.n);
  }

  private lshInput(qk: Float64Array, v: Float64Array, buckets?: Int32Array): AttentionInput {
    const { rotations } = this.input;
    const { heads, headSize, lsh } = this.settings;
    const { heads: rows } = this.headShape;
    const ofHead = headSize * lsh.rounds * directionCount(lsh);
    const given = rotations.length / ofHead;
    const all = new Float64Array(rows * ofHead);
    for (let head = 0; head < rows; head++) {
      const first = ((head % heads) % given) * ofHead;
      addRow(all, head * ofHead, 1, rotations, first, ofHead);
    }
    return { shape: this.headShape, qk, v, rotations: all, buckets, mask: this.headMask };
  }

  /** The shape of one attention over the heads of all sequences. */
  private get headShape() {
    const { heads, headSize } = this.settings;
    const { batch, n } = this.input;
    return { heads: batch * heads, n, d: headSize, padded: paddedLength(this.settings, n) };
  }

  /** The mask of every head of every sequence, [batch·heads, n]. */
  private get headMask(): Uint8Array | undefined {
    const { mask, batch, n } = this.input;
    if (!mask) return undefined;
    const { heads } = this.settings;
    return Uint8Array.from({ length: batch * heads * n }, (_, at) =>
      entryOf(mask, Math.floor(at / (heads * n)) * n + (at % n)),
    );
  }

  private attend(
    layer: number,
    x2: Float64Array,
    buckets?: Int32Array,
  ): { out: Float64Array; buckets?: Int32Array | undefined } {
    const { settings } = this;
    const of = layerNames(layer);
    const result = this.attendHeads(layer, this.vectorsOf(layer, x2), buckets);
    const out = linear(this.merge(result.out), this.of(of.output), settings.heads * settings.headSize);
    return { out, buckets: result.buckets };
  }

  private attendHeads(
    layer: number,
    parts: Float64Array[],
    buckets?: Int32Array,
  ): { out: Float64Array; buckets?: Int32Array | undefined } {
    const { settings, headShape: shape, headMask: mask } = this;
    if (this.kind(layer) !== 'local') {
      const [qk, v] = [entryOf(parts, 0), entryOf(parts, 1)];
      if (this.kind(layer) === 'lsh') return lshAttention(this.lshInput(qk, v, buckets), settings.lsh);
      return { out: fullAttention({ shape, qk, v, mask }, settings.lsh).out };
    }
    const [q, k, v] = [entryOf(parts, 0), entryOf(parts, 1), entryOf(parts, 2)];
    return { out: localAttention({ shape, q, k, v, mask }, localOf(settings, shape.n), settings.lsh.causal) };
  }

  private attendBackward(
    layer: number,
    x2: Float64Array,
    gradY: Float64Array,
    gradients: Parameters,
    buckets?: Int32Array,
  ): Float64Array {
    const { settings, headShape: shape, headMask: mask } = this;
    const { width, heads, headSize } = settings;
    const of = layerNames(layer);
    const grad = (name: string) => gradients.get(name) as Float64Array;
    const normal = this.norm(of.attentionNorm, x2);
    const parts = this.project(layer, normal);
    const { out } = this.attendHeads(layer, parts, buckets);
    const gradOut = this.split(
      linearBackward(this.merge(out), this.of(of.output), heads * headSize, gradY, grad(of.output)),
    );
    let gradParts: Float64Array[];
    if (this.kind(layer) === 'local') {
      const [q, k, v] = [entryOf(parts, 0), entryOf(parts, 1), entryOf(parts, 2)];
      const local = localGradients({ shape, q, k, v, mask }, localOf(settings, shape.n), settings.lsh.causal, gradOut);
      gradParts = [local.q, local.k, local.v];
    } else {
      const [qk, v] = [entryOf(parts, 0), entryOf(parts, 1)];
      const shared =
        this.kind(layer) === 'lsh'
          ? lshGradients(this.lshInput(qk, v, buckets), settings.lsh, gradOut)
          : fullGradients({ shape, qk, v, mask }, settings.lsh, gradOut);
      gradParts = [shared.qk, shared.v];
    }
    let gradNormal: Float64Array = new Float64Array(normal.length);
    this.projections(layer).forEach((name, k) => {
      const back = linearBackward(normal, this.of(name), width, this.merge(entryOf(gradParts, k)), grad(name));
      gradNormal = sum(gradNormal, back);
    });
    return this.normBackward(of.attentionNorm, x2, gradNormal, gradients);
  }

  /** [batch·n, heads·d] → [batch·heads, n, d] */
  private split(rows: Float64Array): Float64Array {
    const out = new Float64Array(rows.length);
    this.forEachFeature((row, head) => {
      out[head] = entryOf(rows, row);
    });
    return out;
  }

  /** The inverse of `split`. */
  private merge(ofHeads: Float64Array): Float64Array {
    const rows = new Float64Array(ofHeads.length);
    this.forEachFeature((row, head) => {
      rows[row] = entryOf(ofHeads, head);
    });
    return rows;
  }

  private forEachFeature(visit: (row: number, head: number) => void): void {
    const { heads, headSize } = this.settings;
    const { batch, n } = this.input;
    for (let token = 0; token < batch * n; token++) {
      for (let head = 0; head < heads; head++) {
        const there = (Math.floor(token / n) * heads + head) * n + (token % n);
        for (let e = 0; e < headSize; e++) visit((token * heads + head) * headSize + e, there * headSize + e);
      }
    }
  }
}

const sum = (a: Float64Array, b: Float64Array, sign = 1): Float64Array =>
  a.map((value, at) => value + sign * entryOf(b, at));

/** Rows [x1, x2] of twice the width. */
function interleave({ x1, x2 }: Streams, width: number): Float64Array {
  const out = new Float64Array(x1.length + x2.length);
  for (let row = 0; row < x1.length / width; row++) {
    out.set(x1.subarray(row * width, (row + 1) * width), 2 * row * width);
    out.set(x2.subarray(row * width, (row + 1) * width), (2 * row + 1) * width);
  }
  return out;
}

function separate(rows: Float64Array, width: number): Streams {
  const half = (which: number) =>
    Float64Array.from({ length: rows.length / 2 }, (_, at) =>
      entryOf(rows, (2 * Math.floor(at / width) + which) * width + (at % width)),
    );
  return { x1: half(0), x2: half(1) };
}
