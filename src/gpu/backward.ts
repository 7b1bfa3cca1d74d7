import type { Timings, WorkOptions } from '../core/engine';
import { InputError } from '../core/errors';
import type { Context, Draft, Tensor } from './context';
import { type LshAttention, padded, slices, unpadded } from './pipeline';
import type { Dispatch } from './queue';
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
  private work: Promise<Dispatch[]> | undefined;

  constructor(
    private readonly lsh: LshAttention,
    private readonly full?: Yardstick,
  ) {
    const { context, shape, vectors } = lsh;
    if (lsh.halves) throw new InputError(`The gradients of ${shape.n} tokens are too large to be bound.`);
    const { heads, n, d } = shape;
    this.gradOut = context.tensor('grad out', 'f32', [heads, n, d], [heads, n, 4 * vectors]);
    this.grads = context.tensor('grads', 'f32', [2, heads, n, d], [2, heads, n, 4 * vectors]);
    this.rows = context.tensor('backward rows', 'f32', [heads, n, 2]);
  }

  private get context(): Context {
    return this.lsh.context;
  }

  /** gradOut [h, n, d] */
  upload(gradOut: ArrayLike<number>): void {
    this.context.device.queue.writeBuffer(this.gradOut.buffer, 0, padded(gradOut, this.lsh.shape.d));
  }

  /** Needs `upload`. */
  async run(options: WorkOptions = {}): Promise<Timings> {
    const { device, queue } = this.context;
    const encoder = device.createCommandEncoder();
    encoder.clearBuffer(this.grads.buffer);
    device.queue.submit([encoder.finish()]);
    this.work ??= this.context.prepare('backward', [
      this.rowsDraft(),
      ...(this.full ? this.fullDrafts() : this.lshDrafts()),
    ]);
    return queue.run(await this.work, options);
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
    const { out, lse } = full ?? lsh;
    // The combined log-sum-exp is the last row of each head, whether or not those of the rounds were kept before it.
    const rowsOfHead = lse.elements / (heads * n);
    return {
      step: 'rows',
      kernel: 'backward-rows',
      constants: lsh.constants,
      block: lsh.params({ count: rowsOfHead * n, start: (rowsOfHead - 1) * n }),
      resources: [this.gradOut, out, lse, this.rows].map((tensor) => tensor.buffer),
      groups: [Math.ceil(n / 64), heads, 1],
      cost: heads * n * d * 2,
    };
  }

  private lshDrafts(): Draft[] {
    const { lsh } = this;
    return Array.from({ length: lsh.settings.rounds }, (_, round) =>
      lsh.attendSlices(8).flatMap(({ first, blocks, cost }) => {
        const block = lsh.params({ round, start: 64 * first });
        return this.pair('attend', block, [blocks, lsh.shape.heads, 1], cost);
      }),
    ).flat();
  }

  private fullDrafts(): Draft[] {
    const { heads, n, d } = this.lsh.shape;
    const cost = 64 * heads * n * 8 * d;
    return slices(Math.ceil(n / 64), cost, this.context.queue.dispatchCost).flatMap(({ first, blocks }) => {
      return this.pair('full', this.lsh.params({ start: 64 * first }), [blocks, heads, 1], blocks * cost);
    });
  }

  /** Queries, then keys. */
  private pair(of: 'attend' | 'full', block: ArrayBuffer, groups: Draft['groups'], cost: number): Draft[] {
    const { qk, v, tileConstants, places } = this.lsh;
    const own = of === 'attend' ? places.buffer : undefined;
    const [gradOut, rows, grads] = [this.gradOut, this.rows, this.grads].map((tensor) => tensor.buffer);
    const common = { constants: tileConstants, block, groups, cost };
    return [
      {
        ...common,
        step: 'backward, queries',
        kernel: `${of}-backward-query`,
        resources: [qk.buffer, undefined, v.buffer, undefined, own, gradOut, rows, grads],
      },
      {
        ...common,
        step: 'backward, keys',
        kernel: `${of}-backward-key`,
        resources: [qk.buffer, undefined, gradOut, undefined, own, v.buffer, rows, grads],
      },
    ];
  }
}
