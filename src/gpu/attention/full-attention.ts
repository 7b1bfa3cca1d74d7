import type { Shape } from '../../algorithm/settings';
import type { Timings, WorkOptions } from '../../engine/engine';
import type { Dispatch, GpuTensor } from '../runtime/context';
import { dispatchRanges } from '../runtime/dispatch-ranges';
import type { Constants } from '../runtime/kernel-text';
import type { KernelName } from '../runtime/kernels';
import type { BoundDispatch } from '../runtime/queue';
import type { AttentionInputs } from './inputs';

/**
 * Full attention over the query-keys and values of an LSH attention, for all tokens or for some of them. It has the same shared-QK scores
 * and causal mask, so the error of LSH attention is measured against it. The kernels stream over the keys: no array of size n × n exists.
 */
export class FullAttention {
  /** Output of each query, [h, queries, d], in the order of `tokens`. */
  readonly out: GpuTensor;
  /** Log-sum-exp of the scores, [h, n], written at the queries only. */
  readonly lse: GpuTensor;
  private readonly queries: GpuTensor;
  private result: Promise<Timings> | undefined;

  /**
   * @param name part of the names of the buffers; instances in use at the same time need different names
   * @param tokens the queries, by default all n tokens
   */
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

  /** Computes `out` and `lse` once; later calls return the same promise, unless it was rejected. Needs uploaded inputs. */
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

  /** Compiles and binds the dispatches. */
  prepare(): Promise<BoundDispatch[]> {
    return this.inputs.context.prepare('full', this.dispatches());
  }

  /** The dispatches, not yet compiled or bound, one for each range of queries. Uploads the list of queries. */
  dispatches(): Dispatch[] {
    const { inputs } = this;
    const { context, shape, storage, qk, v } = inputs;
    context.write(this.queries.buffer, 0, this.tokens);
    const { kernel, constants, groupQueries } = fullKernelOf(inputs);
    const count = this.tokens.length;
    const cost = groupQueries * shape.heads * shape.n * 4 * shape.d;
    const results = [this.queries, this.out, this.lse].map((tensor) => tensor.buffer);
    return dispatchRanges(Math.ceil(count / groupQueries), cost, context.queue.dispatchCost).map(
      ({ first, blocks }): Dispatch => ({
        step: 'full attention',
        kernel,
        constants,
        storage,
        block: inputs.params({ start: groupQueries * first, count }),
        resources: [...inputs.bind(qk), ...inputs.bind(v), ...results],
        groups: [blocks, shape.heads, 1],
        cost: blocks * cost,
      }),
    );
  }
}

/** The kernel of full attention, its constants, and the number of queries of one workgroup. */
export function fullKernelOf(inputs: AttentionInputs): {
  kernel: KernelName;
  constants: Constants;
  groupQueries: number;
} {
  const { choice, constants, blockConstants } = inputs;
  const isFew = choice.way === 'few';
  return {
    kernel: choice.full,
    constants: isFew ? constants : blockConstants,
    groupQueries: isFew ? 64 : blockConstants.THREADS,
  };
}

/** At most `most` evenly spaced tokens: a sample of queries for sequences whose full attention would take too long. */
export function sampleTokens({ n }: Pick<Shape, 'n'>, most: number): Uint32Array<ArrayBuffer> {
  const count = Math.min(n, most);
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
}
