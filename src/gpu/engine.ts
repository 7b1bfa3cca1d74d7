import type { Engine, Job, MatrixView, Timings, WorkOptions } from '../core/engine';
import { InputError } from '../core/errors';
import type { TokenNumbers } from '../core/readout';
import { bucketCount, checkSettings, directionCount, type Settings, type Shape } from '../core/settings';
import { address } from '../core/tensor';
import { Context, type Tensor } from './context';
import type { OpenDevice } from './device';
import { inspectToken } from './inspect';
import { flag } from './params';
import { LshAttention } from './pipeline';
import { sampleTokens, Yardstick } from './yardstick';

/** Up to here full attention is computed for every query; above, for evenly spaced ones. */
export const allQueries = 2048;
const sampledQueries = 128;

/** Side of the matrix's texture: the most pairs a side that are shown at once. */
export const matrixSize = 512;

/** The engine on a GPU. Its tensors may be drawn from in place. */
export class GpuEngine implements Engine {
  readonly kind = 'gpu';
  readonly name: string;
  readonly mostTokens = 65536;
  readonly ownClock: boolean;
  readonly software: boolean;
  readonly lost: Promise<unknown>;
  readonly context: Context;
  /** What the matrix is drawn from: red √weight in full attention, green seen, blue allowed by causality. */
  readonly matrixCells: GPUTexture;
  private current: LshAttention | undefined;
  private yardstick: Yardstick | undefined;

  constructor(open: OpenDevice) {
    this.context = new Context(open);
    this.name = open.name;
    this.ownClock = open.timestamps;
    this.software = open.software;
    this.lost = open.lost;
    const usage = GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_SRC;
    this.matrixCells = this.context.ledger.texture('matrix cells', matrixSize, usage);
  }

  /** The attention of the last job. @throws Error before there was one. */
  get lsh(): LshAttention {
    if (!this.current) throw new Error('nothing was computed yet');
    return this.current;
  }

  check(shape: Shape, settings: Settings): void {
    checkSettings(shape, settings);
    if (shape.n > this.mostTokens) {
      throw new InputError(`${shape.n} tokens were asked for; at most ${this.mostTokens} can be shown.`);
    }
    const { heads, n, d } = shape;
    const { rounds } = settings;
    const width = 4 * Math.ceil(d / 4);
    this.context.checkSize('qk', 4 * heads * n * width);
    this.context.checkSize('lse', 4 * heads * (rounds + 1) * n);
    this.context.checkSize('rotations', 4 * heads * rounds * directionCount(settings) * width);
  }

  async compute({ vectors, settings, rotations }: Job, options: WorkOptions = {}): Promise<Timings> {
    this.check(vectors.shape, settings);
    this.current = undefined;
    this.yardstick = undefined;
    const lsh = new LshAttention(this.context, vectors.shape, settings);
    lsh.upload({ ...vectors, rotations });
    this.compileAhead(lsh);
    const timings = await lsh.run(options);
    this.current = lsh;
    return timings;
  }

  /** Starts to compile what will be asked for next, while the device is busy; who asks for it hears of errors. */
  private compileAhead({ constants, tileConstants }: LshAttention): void {
    const { kernels } = this.context;
    for (const name of ['inspect', 'row', 'matrix', 'measure'] as const) kernels.get(name, constants).catch(() => {});
    kernels.get('full', tileConstants).catch(() => {});
    kernels.get('histogram').catch(() => {});
  }

  async bucketSizes(head: number): Promise<Uint32Array[]> {
    const { context, settings, shape, buckets } = this.lsh;
    const count = bucketCount(settings);
    const sizes = context.tensor('bucket sizes', 'u32', [settings.rounds, count]);
    const encoder = context.device.createCommandEncoder();
    encoder.clearBuffer(sizes.buffer);
    context.device.queue.submit([encoder.finish()]);
    const work = await context.prepare('histogram', [
      {
        step: 'histogram',
        kernel: 'histogram',
        block: this.lsh.params({ head, count }),
        resources: [buckets.buffer, sizes.buffer],
        groups: [Math.ceil(shape.n / 64), settings.rounds, 1],
        cost: shape.n * settings.rounds,
      },
    ]);
    await context.queue.run(work);
    const all = await context.read(sizes);
    return Array.from({ length: settings.rounds }, (_, r) =>
      Uint32Array.from(all.subarray(r * count, (r + 1) * count)),
    );
  }

  token(head: number, token: number): Promise<TokenNumbers> {
    return inspectToken(this.lsh, head, token);
  }

  async tokenAt(head: number, round: number, position: number): Promise<number> {
    const { context, order } = this.lsh;
    return (await context.read(order, address(order, head, round, position), 1))[0];
  }

  async curve(options: WorkOptions = {}) {
    const { shape } = this.lsh;
    const yardstick = this.wholeYardstick ?? new Yardstick(this.lsh, 'sample', sampleTokens(shape, sampledQueries));
    const timings = await yardstick.run({ ...options, onProgress: (done) => options.onProgress?.(done / 2) });
    const points = await yardstick.curve({ ...options, onProgress: (done) => options.onProgress?.(0.5 + done / 2) });
    return { curve: { points, queries: yardstick.tokens.length }, timings };
  }

  async matrix(view: MatrixView): Promise<void> {
    const { lsh } = this;
    const { context, shape } = lsh;
    const lse = await this.rowsLse(view);
    const block = lsh.params({
      head: view.head,
      start: view.start,
      count: view.count,
      round: view.sortedBy ?? view.onlyRound ?? 0,
      flags: (view.sortedBy === undefined ? 0 : flag.sorted) | (view.onlyRound === undefined ? 0 : flag.oneRound),
    });
    const buffers = [lsh.qk, lse, lsh.buckets, lsh.order, lsh.rank].map((t) => t.buffer);
    const side = Math.ceil(view.count / 8);
    const work = await context.prepare('matrix', [
      {
        step: 'matrix',
        kernel: 'matrix',
        constants: lsh.constants,
        block,
        resources: [...buffers, this.matrixCells.createView()],
        groups: [side, side, 1],
        cost: view.count ** 2 * (4 * shape.d + 8 * lsh.settings.rounds),
      },
    ]);
    await context.queue.run(work);
  }

  /** Full attention's log-sum-exp [h, n], valid at least for the rows of the view. */
  private async rowsLse({ head, start, count, sortedBy }: MatrixView): Promise<Tensor> {
    const { lsh } = this;
    let yardstick = this.wholeYardstick;
    if (!yardstick) {
      const { order } = lsh;
      const rows =
        sortedBy === undefined
          ? Uint32Array.from({ length: count }, (_, i) => start + i)
          : Uint32Array.from(await lsh.context.read(order, address(order, head, sortedBy, start), count));
      yardstick = new Yardstick(lsh, 'rows', rows);
    }
    await yardstick.run();
    return yardstick.lse;
  }

  /** Full attention of every query, where that does not take long. */
  private get wholeYardstick(): Yardstick | undefined {
    if (this.lsh.shape.n > allQueries) return undefined;
    this.yardstick ??= new Yardstick(this.lsh, 'all');
    return this.yardstick;
  }

  memory() {
    return { live: this.context.ledger.live, peak: this.context.ledger.peak };
  }
}
