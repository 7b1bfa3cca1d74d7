import type { Timings, WorkOptions } from '../core/engine';
import type { Context, Draft, Tensor } from './context';
import { type LshAttention, padded, slices, unpadded } from './pipeline';
import type { Yardstick } from './yardstick';

/**
 * Gradients of Σ out·gradOut with respect to qk and v, of LSH attention or, given a yardstick of all queries, of full attention. Weights are
 * computed again from the log-sum-exp; nothing of size n × n or n × window is kept. Needs `run` of the forward pass.
 *
 * Each round is gone through twice: once with a query a thread, once with a key a thread, so that every number is added to by one
 * invocation of a dispatch.
 */
export class Backward {
  /** [h, n, d] */
  readonly gradOut: Tensor;
  /** Gradients of qk, then of v, [2, h, n, d]. */
  readonly grads: Tensor;
  /** Log-sum-exp and gradOut · out of each query, [h, n, 2]. */
  private readonly rows: Tensor;

  constructor(
    private readonly lsh: LshAttention,
    private readonly full?: Yardstick,
  ) {
    const { context, shape, vectors } = lsh;
    const { heads, n, d } = shape;
    this.gradOut = context.tensor('grad out', 'f32', [heads, n, d], [heads, n, 4 * vectors]);
    this.grads = context.tensor('grads', 'f32', [2, heads, n, d], [2, heads, n, 4 * vectors]);
    this.rows = context.tensor('backward rows', 'f32', [heads, n, 2]);
  }

  private get context(): Context {
    return this.lsh.context;
  }

  /** gradOut [h, n, d] */
  async run(gradOut: ArrayLike<number>, options: WorkOptions = {}): Promise<Timings> {
    const { device, queue } = this.context;
    device.queue.writeBuffer(this.gradOut.buffer, 0, padded(gradOut, this.lsh.shape.d));
    const encoder = device.createCommandEncoder();
    encoder.clearBuffer(this.grads.buffer);
    device.queue.submit([encoder.finish()]);
    const drafts = [this.rowsDraft(), ...(this.full ? this.fullDrafts() : this.lshDrafts())];
    return queue.run(await this.context.prepare('backward', drafts), options);
  }

  /** The gradients, [h, n, d] each. */
  async read(): Promise<{ qk: Float32Array; v: Float32Array }> {
    const { heads, n, d } = this.lsh.shape;
    const both = unpadded(await this.context.read(this.grads), d);
    const size = heads * n * d;
    return { qk: both.subarray(0, size), v: both.subarray(size, 2 * size) };
  }

  private rowsDraft(): Draft {
    const { lsh, full } = this;
    const { heads, n, d } = lsh.shape;
    const { rounds } = lsh.settings;
    const { out, lse } = full ?? lsh.result;
    return {
      step: 'rows',
      kernel: 'backward-rows',
      constants: lsh.constants,
      block: lsh.params(full ? { count: n } : { count: (rounds + 1) * n, start: rounds * n }),
      resources: [this.gradOut, out, lse, this.rows].map((tensor) => tensor.buffer),
      groups: [Math.ceil(n / 64), heads, 1],
      cost: heads * n * d * 2,
    };
  }

  private lshDrafts(): Draft[] {
    const { lsh } = this;
    const { buckets, order, rank } = lsh;
    const places = [buckets, order, rank].map((tensor) => tensor.buffer);
    return Array.from({ length: lsh.settings.rounds }, (_, round) =>
      lsh.attendSlices(8).flatMap(({ first, blocks, cost }) => {
        const block = lsh.params({ round, start: 64 * first });
        return this.pair('attend', block, places, [blocks, lsh.shape.heads, 1], cost);
      }),
    ).flat();
  }

  private fullDrafts(): Draft[] {
    const { heads, n, d } = this.lsh.shape;
    const cost = 64 * heads * n * 8 * d;
    return slices(Math.ceil(n / 64), cost, this.context.queue.dispatchCost).flatMap(({ first, blocks }) => {
      const none = [undefined, undefined, undefined];
      return this.pair('full', this.lsh.params({ start: 64 * first }), none, [blocks, heads, 1], blocks * cost);
    });
  }

  /** Queries, then keys. */
  private pair(
    of: 'attend' | 'full',
    block: ArrayBuffer,
    places: (GPUBuffer | undefined)[],
    groups: Draft['groups'],
    cost: number,
  ): Draft[] {
    const { qk, v, tileConstants } = this.lsh;
    const [gradOut, rows, grads] = [this.gradOut, this.rows, this.grads].map((tensor) => tensor.buffer);
    const common = { constants: tileConstants, block, groups, cost };
    return [
      {
        ...common,
        step: 'backward, queries',
        kernel: `${of}-backward-query`,
        resources: [qk.buffer, v.buffer, ...places, gradOut, rows, grads],
      },
      {
        ...common,
        step: 'backward, keys',
        kernel: `${of}-backward-key`,
        resources: [qk.buffer, gradOut, ...places, v.buffer, rows, grads],
      },
    ];
  }
}
