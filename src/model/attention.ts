/** The three ways in which a layer attends, as dispatches over tensors [sequences·heads, n, d]. */
import type { LocalSettings, ModelSettings } from '../algorithm/model-settings';
import type { Shape } from '../algorithm/settings';
import { Backward } from '../gpu/attention/backward';
import { FullAttention } from '../gpu/attention/full-attention';
import { AttentionInputs } from '../gpu/attention/inputs';
import { LshAttention } from '../gpu/attention/lsh-attention';
import type { Context, Dispatch, GpuTensor } from '../gpu/runtime/context';
import { clear } from './parameters';

/** Attention of one layer between its projections. */
export interface Attention {
  /** What is projected: queries and keys in one, and values; or queries, keys, values. */
  readonly parts: GpuTensor[];
  readonly out: GpuTensor;
  readonly gradOut: GpuTensor;
  /** Of the parts. */
  readonly gradParts: GpuTensor[];
  /** From parts to out; `again`: as it was done before, with the buckets of then. */
  forward(again: boolean): Dispatch[];
  /** From gradOut, the parts and what `forward` left to gradParts. */
  backward(): Dispatch[];
}

/** What kinds of attention have in common. Names of tensors are those of one layer, where they are kept for it. */
export interface AttentionOptions {
  context: Context;
  settings: ModelSettings;
  sequences: number;
  n: number;
  name: (tensor: string) => string;
  trained: boolean;
}

export class LshLayer implements Attention {
  readonly lsh: LshAttention;
  private readonly gradients: Backward | undefined;

  constructor({ context, settings, sequences, n, name, trained }: AttentionOptions) {
    const shape = { heads: sequences * settings.heads, n, d: settings.headSize };
    this.lsh = new LshAttention(context, shape, settings.lsh, { sequences, name });
    this.gradients = trained ? new Backward(this.lsh) : undefined;
  }

  get parts(): GpuTensor[] {
    return [this.lsh.qk, this.lsh.v];
  }

  get out(): GpuTensor {
    return this.lsh.out;
  }

  get gradOut(): GpuTensor {
    return trainedOnly(this.gradients).gradOut;
  }

  get gradParts(): GpuTensor[] {
    const { gradQk, gradV } = trainedOnly(this.gradients);
    return [gradQk, gradV];
  }

  forward(again: boolean): Dispatch[] {
    return this.lsh.dispatches(!again);
  }

  backward(): Dispatch[] {
    return [...this.gradParts.map(cleared), ...trainedOnly(this.gradients).dispatches()];
  }
}

export class FullLayer implements Attention {
  private readonly inputs: AttentionInputs;
  private readonly full: FullAttention;
  private readonly gradients: Backward | undefined;

  constructor({ context, settings, sequences, n, name, trained }: AttentionOptions) {
    const shape = { heads: sequences * settings.heads, n, d: settings.headSize };
    this.inputs = new AttentionInputs(context, shape, settings.lsh, { sequences, name });
    this.full = new FullAttention(this.inputs, name('all'));
    this.gradients = trained ? new Backward(this.full) : undefined;
  }

  get parts(): GpuTensor[] {
    return [this.inputs.qk, this.inputs.v];
  }

  get out(): GpuTensor {
    return this.full.out;
  }

  get gradOut(): GpuTensor {
    return trainedOnly(this.gradients).gradOut;
  }

  get gradParts(): GpuTensor[] {
    const { gradQk, gradV } = trainedOnly(this.gradients);
    return [gradQk, gradV];
  }

  forward(): Dispatch[] {
    return this.full.dispatches();
  }

  backward(): Dispatch[] {
    return [...this.gradParts.map(cleared), ...trainedOnly(this.gradients).dispatches()];
  }
}

export class LocalLayer implements Attention {
  readonly parts: GpuTensor[];
  readonly out: GpuTensor;
  readonly gradOut: GpuTensor;
  readonly gradParts: GpuTensor[];
  private readonly lse: GpuTensor;
  private readonly rows: GpuTensor;
  private readonly shape: Shape;
  private readonly block: ArrayBuffer;
  /** Keys that a query sees, at most. */
  private readonly window: number;

  constructor(
    { context, settings, sequences, n, name, trained }: AttentionOptions,
    { chunk, lookBack, lookAhead }: LocalSettings,
  ) {
    const { heads, headSize: d, lsh } = settings;
    this.shape = { heads: sequences * heads, n, d };
    const rows = this.shape.heads;
    const vector = (title: string) => context.tensor(title, 'f32', [rows, n, d], [rows, n, 4 * Math.ceil(d / 4)]);
    this.parts = ['q', 'k', 'v'].map((part) => vector(name(part)));
    this.out = vector(name('out'));
    this.lse = context.tensor(name('local lse'), 'f32', [rows, n]);
    const none = context.tensor('nothing', 'u32', [0]);
    this.gradOut = trained ? vector('grad out') : none;
    this.gradParts = trained ? ['grad q', 'grad k', 'grad v'].map(vector) : [];
    this.rows = trained ? context.tensor('backward rows', 'f32', [rows, n, 2]) : none;
    this.window = Math.min(n, chunk * (1 + lookBack + lookAhead));
    this.block = new ArrayBuffer(32);
    const chunks = Math.ceil(n / chunk);
    new Uint32Array(this.block).set([rows, n, chunk, chunks, lookBack, lookAhead, lsh.causal ? 1 : 0]);
    new Float32Array(this.block)[7] = 1 / Math.sqrt(d);
  }

  forward(): Dispatch[] {
    return [this.dispatch('local-attend', 4, [this.out, this.lse])];
  }

  backward(): Dispatch[] {
    const { gradOut, out, lse, rows } = this;
    const [gradQ, gradK, gradV] = this.gradParts;
    return [
      this.dispatch('local-backward-query', 8, [gradOut, out, lse, gradQ, rows]),
      this.dispatch('local-backward-key', 8, [gradOut, rows, gradK, gradV]),
    ];
  }

  private dispatch(kernel: Dispatch['kernel'], each: number, tensors: GpuTensor[]): Dispatch {
    const { heads, n, d } = this.shape;
    return {
      step: 'attend',
      kernel,
      constants: { D4: Math.ceil(d / 4) },
      block: this.block,
      resources: [...this.parts, ...tensors].map(({ buffer }) => buffer),
      groups: [Math.ceil(n / 64), heads, 1],
      cost: heads * n * this.window * d * each,
    };
  }
}

const cleared = ({ buffer, elements }: GpuTensor): Dispatch => clear('attend', buffer, elements);

function trainedOnly(gradients: Backward | undefined): Backward {
  if (!gradients) throw new Error('this model is not trained');
  return gradients;
}
