import type { Shape } from '../../algorithm/settings';
import type { Timings, WorkOptions } from '../../engine/engine';
import type { Dispatch, GpuTensor } from '../runtime/context';
import { dispatchRanges } from '../runtime/dispatch-ranges';
import type { Constants } from '../runtime/kernel-text';
import type { KernelName } from '../runtime/kernels';
import type { BoundDispatch } from '../runtime/queue';
import type { AttentionInputs } from './inputs';

/**
 * Full attention over the same query-keys and values as an LSH attention, of all tokens or of some: the measure of every error. The same shared-QK
 * mathematics, streamed over the keys: no array of size n × n.
 */
export class FullAttention {
  /** [h, queries, d] */
  readonly out: GpuTensor;
  /** [h, n], written at the queries. */
  readonly lse: GpuTensor;
  private readonly queries: GpuTensor;
  private result: Promise<Timings> | undefined;

  /** `name` tells lists of queries apart that are in use at the same time; `tokens` are the queries, all by default. */
  constructor(
    readonly inputs: AttentionInputs,
    name: string,
    readonly tokens: Uint32Array<ArrayBuffer> = Uint32Array.from({ length: inputs.shape.n }, (_, i) => i),
  ) {
    const { context, shape, vec4s } = inputs;
    const { heads, n, d } = shape;
    const count = tokens.length;
    this.out = context.tensor(`full out: ${name}`, 'f32', [heads, count, d], [heads, count, 4 * vec4s]);
    this.lse = context.tensor(`full lse: ${name}`, 'f32', [heads, n]);
    this.queries = context.tensor(`full queries: ${name}`, 'u32', [count]);
  }

  /** Computes once, however often it is called. */
  run(options: WorkOptions = {}): Promise<Timings> {
    this.result ??= this.runNow(options).catch((error) => {
      this.result = undefined;
      throw error;
    });
    return this.result;
  }

  private async runNow(options: WorkOptions): Promise<Timings> {
    return this.inputs.context.queue.run(await this.prepare(), options);
  }

  /** Compiles and binds what `run` runs. */
  prepare(): Promise<BoundDispatch[]> {
    return this.inputs.context.prepare('full', this.dispatches());
  }

  /** The dispatches, not yet bound. */
  dispatches(): Dispatch[] {
    const { inputs } = this;
    const { context, shape, storage, qk, v } = inputs;
    context.write(this.queries.buffer, 0, this.tokens);
    const { kernel, constants, queries } = fullKernelOf(inputs);
    const count = this.tokens.length;
    const cost = queries * shape.heads * shape.n * 4 * shape.d;
    const results = [this.queries, this.out, this.lse].map((tensor) => tensor.buffer);
    return dispatchRanges(Math.ceil(count / queries), cost, context.queue.dispatchCost).map(
      ({ first, blocks }): Dispatch => ({
        step: 'full attention',
        kernel,
        constants,
        storage,
        block: inputs.params({ start: queries * first, count }),
        resources: [...inputs.bind(qk), ...inputs.bind(v), ...results],
        groups: [blocks, shape.heads, 1],
        cost: blocks * cost,
      }),
    );
  }
}

/** The kernel of full attention, its constants, and the queries of one of its workgroups. */
export function fullKernelOf(inputs: AttentionInputs): { kernel: KernelName; constants: Constants; queries: number } {
  const { choice, constants, blockConstants } = inputs;
  const isFew = choice.way === 'few';
  return {
    kernel: choice.full,
    constants: isFew ? constants : blockConstants,
    queries: isFew ? 64 : blockConstants.THREADS,
  };
}

/** Evenly spaced tokens, `most` at most; what stands for all where all would take too long. */
export function sampleTokens({ n }: Pick<Shape, 'n'>, most: number): Uint32Array<ArrayBuffer> {
  const count = Math.min(n, most);
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
}
