import type { Shape } from '../../algorithm/settings';
import type { Timings, WorkOptions } from '../../engine/engine';
import type { Dispatch, GpuTensor } from '../runtime/context';
import type { BoundDispatch } from '../runtime/queue';
import { dispatchRanges, type LshAttention } from './lsh-attention';

/** Full attention beside an LSH attention, for all tokens or for some: what every error is measured against. */
export class Yardstick {
  /** [h, queries, d] */
  readonly out: GpuTensor;
  /** [h, n], written at the queries. */
  readonly lse: GpuTensor;
  private readonly queries: GpuTensor;
  private done: Promise<Timings> | undefined;

  /** `name` tells lists of queries apart that are in use at the same time; `tokens` are the queries, all if not given. */
  constructor(
    readonly lsh: LshAttention,
    name: string,
    readonly tokens: Uint32Array<ArrayBuffer> = Uint32Array.from({ length: lsh.shape.n }, (_, i) => i),
  ) {
    const { context, shape, vectors } = lsh;
    const { heads, n, d } = shape;
    const count = tokens.length;
    this.out = context.tensor(`full out: ${name}`, 'f32', [heads, count, d], [heads, count, 4 * vectors]);
    this.lse = context.tensor(`full lse: ${name}`, 'f32', [heads, n]);
    this.queries = context.tensor(`full queries: ${name}`, 'u32', [count]);
  }

  /** Computes once, however often it is called. */
  run(options: WorkOptions = {}): Promise<Timings> {
    this.done ??= this.runNow(options).catch((error) => {
      this.done = undefined;
      throw error;
    });
    return this.done;
  }

  private async runNow(options: WorkOptions): Promise<Timings> {
    return this.lsh.context.queue.run(await this.prepare(), options);
  }

  /** Compiles and binds what `run` runs. */
  prepare(): Promise<BoundDispatch[]> {
    return this.lsh.context.prepare('full', this.dispatches());
  }

  /** The dispatches, not yet bound. */
  dispatches(): Dispatch[] {
    const { lsh } = this;
    lsh.context.write(this.queries.buffer, 0, this.tokens);
    const { shape, storage } = lsh;
    const { kernel, constants, queries } = lsh.fullKernel;
    const count = this.tokens.length;
    const cost = queries * shape.heads * shape.n * 4 * shape.d;
    const results = [this.queries, this.out, this.lse].map((t) => t.buffer);
    return dispatchRanges(Math.ceil(count / queries), cost, lsh.context.queue.dispatchCost).map(
      ({ first, blocks }): Dispatch => ({
        step: 'full attention',
        kernel,
        constants,
        storage,
        block: lsh.params({ start: queries * first, count }),
        resources: [...lsh.bind(lsh.qk), ...lsh.bind(lsh.v), ...results],
        groups: [blocks, shape.heads, 1],
        cost: blocks * cost,
      }),
    );
  }
}

/** Evenly spaced tokens, `most` at most; what stands for all where all would take too long. */
export function sampleTokens({ n }: Pick<Shape, 'n'>, most: number): Uint32Array<ArrayBuffer> {
  const count = Math.min(n, most);
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
}
