/** The three kinds of attention of a layer (LSH, full, local), as dispatches over tensors [sequences·heads, n, d]. */
import { type LocalSettings, type ModelSettings, paddedLength } from '../algorithm/model-settings';
import { kernelRanges, type Shape } from '../algorithm/settings';
import { Backward } from '../gpu/attention/backward';
import { FullAttention } from '../gpu/attention/full-attention';
import { AttentionInputs } from '../gpu/attention/inputs';
import { LshAttention } from '../gpu/attention/lsh-attention';
import type { Context, Dispatch, GpuTensor } from '../gpu/runtime/context';
import { trainingUniforms } from '../gpu/runtime/training-uniforms';
import { packUniform } from '../gpu/runtime/uniforms';
import { clear } from './parameters';

/** The attention of one layer, between its projections. */
export interface Attention {
  /** The projections of the layer input: query-keys and values, or queries, keys and values, [sequences·heads, n, d] each. */
  readonly projections: GpuTensor[];
  /** Output, [sequences·heads, n, d]. */
  readonly out: GpuTensor;
  /** Gradient of `out`. */
  readonly gradOut: GpuTensor;
  /** Gradients of `projections`. */
  readonly gradProjections: GpuTensor[];
  /** Computes `out` from `projections`. With `isRepeated` an LSH layer reuses the buckets of the first forward pass. */
  forward(isRepeated: boolean): Dispatch[];
  /** Computes `gradProjections` from `gradOut`, `projections` and the results of `forward`. */
  backward(): Dispatch[];
}

/** Options of every kind of attention. */
export interface AttentionOptions {
  context: Context;
  settings: ModelSettings;
  sequences: number;
  n: number;
  /** Maps the name of a tensor to the name of its buffer, which belongs to one layer or is shared by all. */
  name: (tensor: string) => string;
  /** True takes memory for gradients. */
  trained: boolean;
  /** Number of tokens of each sequence that are no pads, [sequences]. Default: no token is a pad. */
  lengths?: GPUBuffer | undefined;
}

/** LSH attention of one layer. */
export class LshLayer implements Attention {
  readonly lsh: LshAttention;
  private readonly gradients: Backward | undefined;

  constructor({ context, settings, sequences, n, name, trained, lengths }: AttentionOptions) {
    const padded = paddedLength(settings, n);
    const shape = { heads: sequences * settings.heads, n, d: settings.headSize, padded };
    this.lsh = new LshAttention(context, shape, settings.lsh, { sequences, name, lengths });
    this.gradients = trained ? new Backward(this.lsh) : undefined;
  }

  get projections(): GpuTensor[] {
    return [this.lsh.qk, this.lsh.v];
  }

  get out(): GpuTensor {
    return this.lsh.out;
  }

  get gradOut(): GpuTensor {
    return checkTrained(this.gradients).gradOut;
  }

  get gradProjections(): GpuTensor[] {
    const { gradQk, gradV } = checkTrained(this.gradients);
    return [gradQk, gradV];
  }

  forward(isRepeated: boolean): Dispatch[] {
    return this.lsh.dispatches(!isRepeated);
  }

  backward(): Dispatch[] {
    return [...this.gradProjections.map(clearTensor), ...checkTrained(this.gradients).dispatches()];
  }
}

/** What full attention does not read, with values that the kernels accept. */
const unhashed = { rounds: 1, factors: [2], chunk: kernelRanges.leastChunk, lookBack: 0, lookAhead: 0 };

/** Full attention of one layer. */
export class FullLayer implements Attention {
  private readonly inputs: AttentionInputs;
  private readonly full: FullAttention;
  private readonly gradients: Backward | undefined;

  constructor({ context, settings, sequences, n, name, trained }: AttentionOptions) {
    const shape = { heads: sequences * settings.heads, n, d: settings.headSize };
    this.inputs = new AttentionInputs(context, shape, { ...settings.lsh, ...unhashed }, { sequences, name });
    this.full = new FullAttention(this.inputs, name('all'));
    this.gradients = trained ? new Backward(this.full) : undefined;
  }

  get projections(): GpuTensor[] {
    return [this.inputs.qk, this.inputs.v];
  }

  get out(): GpuTensor {
    return this.full.out;
  }

  get gradOut(): GpuTensor {
    return checkTrained(this.gradients).gradOut;
  }

  get gradProjections(): GpuTensor[] {
    const { gradQk, gradV } = checkTrained(this.gradients);
    return [gradQk, gradV];
  }

  forward(): Dispatch[] {
    return this.full.dispatches();
  }

  backward(): Dispatch[] {
    return [...this.gradProjections.map(clearTensor), ...checkTrained(this.gradients).dispatches()];
  }
}

/** Local attention of one layer, over chunks of the original order. */
export class LocalLayer implements Attention {
  readonly projections: GpuTensor[];
  readonly out: GpuTensor;
  readonly gradOut: GpuTensor;
  readonly gradProjections: GpuTensor[];
  private readonly lse: GpuTensor;
  private readonly rows: GpuTensor;
  private readonly shape: Shape;
  private readonly block: ArrayBuffer;
  /** Most keys that a query sees. */
  private readonly window: number;

  constructor(
    { context, settings, sequences, n, name, trained }: AttentionOptions,
    { chunk, lookBack, lookAhead }: LocalSettings,
  ) {
    const { heads, headSize: d, lsh } = settings;
    this.shape = { heads: sequences * heads, n, d };
    const rows = this.shape.heads;
    const vector = (title: string) => context.tensor(title, 'f32', [rows, n, d], [rows, n, 4 * Math.ceil(d / 4)]);
    this.projections = ['q', 'k', 'v'].map((title) => vector(name(title)));
    this.out = vector(name('out'));
    this.lse = context.tensor(name('local lse'), 'f32', [rows, n]);
    const none = context.tensor('nothing', 'u32', [0]);
    this.gradOut = trained ? vector('grad out') : none;
    this.gradProjections = trained ? ['grad q', 'grad k', 'grad v'].map(vector) : [];
    this.rows = trained ? context.tensor('backward rows', 'f32', [rows, n, 2]) : none;
    this.window = Math.min(n, chunk * (1 + lookBack + lookAhead));
    this.block = packUniform(trainingUniforms.Local, {
      heads: rows,
      n,
      chunk,
      chunks: Math.ceil(paddedLength(settings, n) / chunk),
      before: lookBack,
      after: lookAhead,
      causal: lsh.causal ? 1 : 0,
      scale: 1 / Math.sqrt(d),
    });
  }

  forward(): Dispatch[] {
    return [this.dispatch('local-attend', 4, [this.out, this.lse])];
  }

  backward(): Dispatch[] {
    const { gradOut, out, lse, rows } = this;
    const [gradQ, gradK, gradV] = this.gradProjections;
    return [
      this.dispatch('local-backward-query', 8, [gradOut, out, lse, gradQ, rows]),
      this.dispatch('local-backward-key', 8, [gradOut, rows, gradK, gradV]),
    ];
  }

  private dispatch(kernel: Dispatch['kernel'], operations: number, tensors: GpuTensor[]): Dispatch {
    const { heads, n, d } = this.shape;
    return {
      step: 'attend',
      kernel,
      constants: { D4: Math.ceil(d / 4) },
      block: this.block,
      resources: [...this.projections, ...tensors].map(({ buffer }) => buffer),
      groups: [Math.ceil(n / 64), heads, 1],
      cost: heads * n * this.window * d * operations,
    };
  }
}

/** The dispatch that sets a tensor to zero. */
const clearTensor = ({ buffer, elements }: GpuTensor): Dispatch => clear('attend', buffer, elements);

function checkTrained(gradients: Backward | undefined): Backward {
  if (!gradients) throw new Error('this model has no gradients: make it with another mode than "nothing"');
  return gradients;
}
