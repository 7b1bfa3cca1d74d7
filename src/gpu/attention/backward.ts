import { windowLength } from '../../algorithm/settings';
import type { Timings, WorkOptions } from '../../engine/engine';
import type { Context, Dispatch, GpuTensor } from '../runtime/context';
import { type DispatchRange, dispatchRanges } from '../runtime/dispatch-ranges';
import type { BoundDispatch } from '../runtime/queue';
import { flag } from '../runtime/uniforms';
import { FullAttention } from './full-attention';
import { type AttentionInputs, unpadded } from './inputs';
import type { LshAttention } from './lsh-attention';
import type { DispatchParams } from './params';
import '../runtime/training-kernels';

/** Most bytes of a segment. A GPU needs many positions at once to be busy, a software adapter does not. */
const segmentBytes = { software: 2 ** 22, gpu: 2 ** 26 };

/**
 * Gradients of Σ out·gradOut with respect to qk and v, for LSH attention or for full attention of all queries. Weights are computed again
 * from the log-sum-exp, so no array of size n × n or n × window exists. Needs `run` of the forward pass.
 *
 * Each round takes two passes, one with a query a thread and one with a key a thread, so that only one thread of a dispatch adds to a
 * number. A pass goes through ranges of sorted positions. It gathers the vectors of a range into a segment, computes their gradients
 * there, and adds these to the gradients of the tokens.
 */
export class Backward {
  /** Gradient of out, [h, n, d]. */
  readonly gradOut: GpuTensor;
  /** Gradient of qk, [h, n, d]. */
  readonly gradQk: GpuTensor;
  /** Gradient of v, [h, n, d]. */
  readonly gradV: GpuTensor;
  /** Log-sum-exp and gradOut · out of each query, [h, n, 2]. */
  private readonly rows: GpuTensor;
  private work: Promise<BoundDispatch[]> | undefined;

  private readonly inputs: AttentionInputs;

  constructor(private readonly attention: LshAttention | FullAttention) {
    this.inputs = attention instanceof FullAttention ? attention.inputs : attention;
    const { context, shape } = this.inputs;
    const { heads, n } = shape;
    this.gradOut = this.inputs.vectorTensor('grad out', true);
    this.gradQk = this.inputs.vectorTensor('grad qk');
    this.gradV = this.inputs.vectorTensor('grad v');
    this.rows = context.tensor('backward rows', 'f32', [heads, n, 2]);
  }

  private get context(): Context {
    return this.inputs.context;
  }

  /** Uploads gradOut, [h, n, d]. */
  upload(gradOut: ArrayLike<number>): void {
    this.inputs.write(this.gradOut, gradOut);
  }

  /** Computes the gradients. Needs `upload`. */
  async run(options: WorkOptions = {}): Promise<Timings> {
    this.context.submit((encoder) => {
      encoder.clearBuffer(this.gradQk.buffer);
      encoder.clearBuffer(this.gradV.buffer);
    });
    return this.context.queue.run(await this.prepare(), options);
  }

  /** Prepares, and runs one workgroup of each kernel; see LshAttention.warmUp. */
  async warmUp(): Promise<void> {
    await this.context.queue.warmUp(await this.prepare());
  }

  /** Reads the gradients of qk and v, [h, n, d] each. */
  async read(): Promise<{ qk: Float32Array; v: Float32Array }> {
    const { d } = this.inputs.shape;
    const [qk, v] = await Promise.all([this.gradQk, this.gradV].map((tensor) => this.context.read(tensor)));
    return { qk: unpadded(qk, d), v: unpadded(v, d) };
  }

  /** Compiles and binds the dispatches; see `dispatches`. */
  prepare(): Promise<BoundDispatch[]> {
    this.work ??= this.context.prepare('backward', this.dispatches());
    return this.work;
  }

  /** The dispatches, not yet compiled or bound. They add to `gradQk` and `gradV`, which must be zero before. */
  dispatches(): Dispatch[] {
    const { attention } = this;
    if (attention instanceof FullAttention) return [this.rowsDispatch(), ...this.fullDispatches()];
    if (attention.choice.way === 'batch') return this.batchDispatches(attention);
    return [this.rowsDispatch(), ...this.lshDispatches(attention)];
  }

  private rowsDispatch(): Dispatch {
    const { inputs } = this;
    const { heads, n, d } = inputs.shape;
    const { out, lse } = this.attention;
    // The combined log-sum-exp is the last row of each head; the rows of the rounds come before it if rounds are kept.
    const rowsOfHead = lse.elements / (heads * n);
    return {
      step: 'rows',
      kernel: 'backward-rows',
      constants: inputs.constants,
      storage: inputs.storage,
      block: inputs.params({ count: rowsOfHead * n, start: (rowsOfHead - 1) * n }),
      resources: [...inputs.bind(this.gradOut), ...inputs.bind(out), lse.buffer, this.rows.buffer],
      groups: [Math.ceil(n / 64), heads, 1],
      cost: heads * n * d * 2,
    };
  }

  private lshDispatches({ shape, settings, placement }: LshAttention): Dispatch[] {
    const cost = 64 * shape.heads * windowLength(settings) * shape.d * 8;
    const rounds = Array.from({ length: settings.rounds }, (_, round) => round);
    const { all, segment } = this.ranges(cost);
    return rounds.flatMap((round) =>
      all.flatMap((range) =>
        this.rangeDispatches('attend', cost, range, segment, placement, { round, flags: flag.sorted }),
      ),
    );
  }

  private fullDispatches(): Dispatch[] {
    const { heads, n, d } = this.inputs.shape;
    const cost = 64 * heads * n * 8 * d;
    const { all, segment } = this.ranges(cost);
    // The kernels that move vectors bind a placement, but do not read it for tokens in their original order.
    const placement = this.context.tensor('nothing', 'u32', [0]);
    return all.flatMap((range) => this.rangeDispatches('full', cost, range, segment, placement));
  }

  /** The dispatches for a batch of short sequences, with every round at once. */
  private batchDispatches(lsh: LshAttention): Dispatch[] {
    const { gradOut, gradQk, gradV, rows } = this;
    const { windowConstants: constants, storage, qk, v, placement, out, lse, shape, settings } = lsh;
    const { heads, n, d } = shape;
    const block = lsh.shortParams();
    const cost = heads * n * settings.rounds * windowLength(settings) * 8 * d;
    const dispatch = (from: 'query' | 'key', right: GpuTensor, rest: GpuTensor[]): Dispatch => ({
      step: from === 'query' ? 'backward, queries' : 'backward, keys',
      kernel: `short-backward-${from}`,
      constants,
      storage,
      block,
      resources: [
        ...[qk, right].flatMap((tensor) => lsh.bind(tensor)),
        ...[placement, ...rest].map(({ buffer }) => buffer),
      ],
      groups: [Math.ceil(n / 64), heads, 1],
      cost,
    });
    return [
      dispatch('query', v, [gradOut, out, lse, gradQk, rows]),
      dispatch('key', gradOut, [v, rows, gradQk, gradV]),
    ];
  }

  /** Ranges of blocks of 64 positions, each block of that cost, and a segment that fits any range, [h, positions, 2, d]. */
  private ranges(cost: number): { all: DispatchRange[]; segment: GPUBuffer } {
    const { context, shape, vec4s } = this.inputs;
    const { dispatchCost } = context.queue;
    const blockBytes = 64 * shape.heads * 32 * vec4s;
    const mostBytes = context.software ? segmentBytes.software : segmentBytes.gpu;
    const most = Math.max(1, Math.floor(mostBytes / blockBytes));
    const all = dispatchRanges(Math.ceil(shape.n / 64), Math.max(cost, dispatchCost / most), dispatchCost);
    return { all, segment: context.buffer('backward segment', blockBytes * all[0].blocks) };
  }

  /** The dispatches of one range of positions: of its queries, then of its keys. */
  private rangeDispatches(
    of: 'attend' | 'full',
    cost: number,
    { first, blocks }: DispatchRange,
    segment: GPUBuffer,
    placement: GpuTensor,
    dispatch: DispatchParams = {},
  ): Dispatch[] {
    const { inputs } = this;
    const { constants, storage, qk, v, shape, tileConstants, windowConstants, vec4s } = inputs;
    const { heads } = shape;
    const count = 64 * blocks;
    const block = inputs.params({ ...dispatch, start: 64 * first, count });
    const steps = { query: 'backward, queries', key: 'backward, keys' };
    const move = (kernel: 'gather' | 'scatter-add', from: 'query' | 'key', tensor: GpuTensor, half = 0): Dispatch => ({
      step: steps[from],
      kernel,
      constants: kernel === 'gather' ? constants : { ...constants, HALF: half },
      storage,
      block,
      resources: [...inputs.bind(tensor), undefined, undefined, placement.buffer, segment],
      groups: [blocks * vec4s, heads, 1],
      cost: 4 * vec4s * heads * count,
    });
    const pass = (from: 'query' | 'key', right: GpuTensor): Dispatch => ({
      step: steps[from],
      kernel: `${of}-backward-${from}`,
      constants: of === 'attend' ? { ...tileConstants, ...windowConstants } : tileConstants,
      storage,
      block,
      resources: [
        ...[qk, right].flatMap((tensor) => inputs.bind(tensor)),
        of === 'attend' ? placement.buffer : undefined,
        segment,
        this.rows.buffer,
      ],
      groups: [blocks, heads, 1],
      cost: cost * blocks,
    });
    return [
      move('gather', 'query', this.gradOut),
      pass('query', v),
      move('scatter-add', 'query', this.gradQk, 1),
      move('gather', 'key', v),
      pass('key', this.gradOut),
      move('scatter-add', 'key', this.gradV, 0),
      move('scatter-add', 'key', this.gradQk, 1),
    ];
  }
}
