import { address } from '../algorithm/layout';
import type { TokenPlacement } from '../algorithm/missed-pairs';
import {
  bucketCount,
  checkSettings,
  directionCount,
  type Settings,
  type Shape,
  windowLength,
} from '../algorithm/settings';
import type { TokenNumbers } from '../algorithm/token-report';
import type { Engine, FullOutputs, Job, MatrixView, Outputs, Stretch, Timings, WorkOptions } from '../engine/engine';
import { InputError } from '../shared/errors';
import { FullAttention, fullKernelOf, sampleTokens } from './attention/full-attention';
import { unpadded } from './attention/inputs';
import { inspectToken, placementOfTokens } from './attention/inspect';
import { LshAttention } from './attention/lsh-attention';
import { missedPairsConstants } from './attention/missed-pairs';
import { keyStep } from './attention/params';
import { curveConstants, roundsCurveOf } from './attention/rounds-curve';
import { Context, type Dispatch, type GpuTensor } from './runtime/context';
import type { OpenDevice } from './runtime/device';
import { dispatchRanges } from './runtime/dispatch-ranges';
import { withFirefoxPoll } from './runtime/firefox-poll';
import type { Constants } from './runtime/kernel-text';
import type { KernelName } from './runtime/kernels';
import { flag, packUniform, uniforms } from './runtime/uniforms';

/** The most tokens for which full attention is computed for every query. Longer sequences take a sample of evenly spaced queries. */
export const allQueries = 2048;
/** Queries of that sample. */
const sampledQueries = 128;

/** Side of the texture of the matrix, in texels: the most rows and columns shown at once. */
export const matrixSize = 512;

/** Constants of the kernel that computes the log-sum-exps of matrix rows. */
const rowLseConstants = (lsh: LshAttention) => ({ ...lsh.constants, ...lsh.threads(32) });

/** The engine on a GPU. The stage draws from its tensors in place. */
export class GpuEngine implements Engine {
  readonly kind = 'gpu';
  readonly name: string;
  readonly mostTokens = 2 ** 20;
  readonly ownClock: boolean;
  readonly software: boolean;
  readonly lost: Promise<unknown>;
  readonly context: Context;
  /** The cells of the matrix: red is √weight in full attention, green a seen pair, blue a pair that causality allows. */
  readonly matrixCells: GPUTexture;
  private current: LshAttention | undefined;
  private fullAttention: FullAttention | undefined;
  private lastPlacement: Promise<unknown> = Promise.resolve();
  /** The vectors that `into` holds. */
  private uploaded: { vectors: Job['vectors']; into: GPUBuffer } | undefined;

  constructor(
    private readonly open: OpenDevice,
    context = new Context(open),
  ) {
    this.context = context;
    this.name = open.name;
    this.ownClock = open.timestamps;
    this.software = open.software;
    this.lost = open.lost;
    const usage = GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_SRC;
    this.matrixCells = this.context.ledger.texture('matrix cells', matrixSize, usage);
  }

  get hasResult(): boolean {
    return this.current !== undefined;
  }

  /** The attention of the last job. @throws Error if no job is computed yet. */
  get lsh(): LshAttention {
    if (!this.current) throw new Error('nothing was computed yet: await compute first');
    return this.current;
  }

  check(shape: Shape, settings: Settings): void {
    checkSettings(shape, settings);
    if (shape.n > this.mostTokens) {
      throw new InputError(`${shape.n} tokens are too many to show; choose at most ${this.mostTokens}.`);
    }
    const { heads, n, d } = shape;
    const { rounds } = settings;
    const width = 4 * Math.ceil(d / 4);
    this.context.checkSize('qk', 4 * heads * n * width, 2);
    keyStep(shape, settings);
    this.context.checkSize('placement', 8 * heads * rounds * n);
    this.context.checkSize('lse', 4 * heads * (rounds + 1) * n);
    this.context.checkSize('rotations', 4 * heads * rounds * directionCount(settings) * width);
  }

  async compute({ vectors, settings, rotations }: Job, options: WorkOptions = {}): Promise<Timings> {
    this.check(vectors.shape, settings);
    this.current = undefined;
    this.fullAttention = undefined;
    const lsh = new LshAttention(this.context, vectors.shape, settings);
    // Vectors of an earlier job are not uploaded again if the buffers still hold them.
    const { qk } = lsh;
    if (this.uploaded?.vectors !== vectors || this.uploaded.into !== qk.buffer) lsh.uploadVectors(vectors);
    this.uploaded = { vectors, into: qk.buffer };
    lsh.uploadRotations(rotations);
    const run = lsh.run(options);
    const { constants, windowConstants } = lsh;
    this.compileAhead(lsh, ['histogram', 'token-placement']);
    this.compileAhead(lsh, ['row'], constants);
    this.compileAhead(lsh, ['row-lse'], rowLseConstants(lsh));
    this.compileAhead(lsh, ['inspect', 'matrix'], windowConstants);
    const timings = await run;
    this.current = lsh;
    return timings;
  }

  /** Starts to compile kernels that are needed next, while the device is busy. Their first use throws any errors. */
  private compileAhead({ storage }: LshAttention, names: KernelName[], constants?: Constants): void {
    const { kernels } = this.context;
    for (const name of names) {
      const compiled = constants ? kernels.get(name, constants, storage) : kernels.get(name);
      compiled.catch(() => {});
    }
  }

  async bucketSizes(head: number): Promise<Uint32Array[]> {
    const { context, settings, shape, buckets } = this.lsh;
    const count = bucketCount(settings);
    const sizes = context.tensor('bucket sizes', 'u32', [settings.rounds, count]);
    this.clear(sizes);
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
    context.queue.enqueue(work);
    const all = await context.read(sizes);
    return Array.from({ length: settings.rounds }, (_, r) =>
      Uint32Array.from(all.subarray(r * count, (r + 1) * count)),
    );
  }

  token(head: number, token: number): Promise<TokenNumbers> {
    return inspectToken(this.lsh, head, token);
  }

  /** Calls run in order, because they share buffers: a pointer over a pair may call while the page updates. */
  placementOf(head: number, tokens: number[]): Promise<TokenPlacement[]> {
    const placements = this.lastPlacement.then(() => placementOfTokens(this.lsh, head, tokens));
    this.lastPlacement = placements.catch(() => {});
    return placements;
  }

  async tokenAt(head: number, round: number, position: number): Promise<number> {
    const { context, order } = this.lsh;
    return (await context.read(order, address(order, head, round, position), 1))[0];
  }

  async curve(options: WorkOptions = {}) {
    const { lsh } = this;
    const fullKernel = fullKernelOf(lsh);
    this.compileAhead(lsh, [fullKernel.kernel], fullKernel.constants);
    this.compileAhead(lsh, ['missed-pairs'], missedPairsConstants(lsh));
    this.compileAhead(lsh, ['curve'], curveConstants(lsh));
    const full = this.wholeFullAttention ?? new FullAttention(lsh, 'sample', sampleTokens(lsh.shape, sampledQueries));
    const timings = await full.run({ ...options, onProgress: (done) => options.onProgress?.(done / 2) });
    const points = await roundsCurveOf(lsh, full, {
      ...options,
      onProgress: (done) => options.onProgress?.(0.5 + done / 2),
    });
    return { curve: { points, queries: full.tokens.length }, timings };
  }

  /** The most tokens of a round that can be drawn one by one within a frame. */
  get drawnTokens(): number {
    return this.software ? 512 : 16384;
  }

  /** Segments of each drawn thread, an even number, for a round of that many threads. */
  threadSegments(threads: number): number {
    return this.software || threads > 1024 ? 12 : 24;
  }

  /** Bins of each order between which the loom shows flows, if tokens are too many to draw. */
  get flowBins(): number {
    return this.software ? 16 : 128;
  }

  /** Tokens that flow between two bins, [R, bins sorted, bins original]. */
  get flowCounts(): GpuTensor {
    const { flowBins: bins } = this;
    return this.context.tensor('flows', 'u32', [this.lsh.settings.rounds, bins, bins]);
  }

  async flows(head: number, { start, first, span }: Stretch): Promise<void> {
    const { flowBins, flowCounts, lsh } = this;
    const { context, order, placement } = lsh;
    // The tensor above must exist, because the stage binds it in any case.
    if (span <= this.drawnTokens) return context.ledger.check();
    this.clear(flowCounts);
    const work = await context.prepare('flows', [
      {
        step: 'flows',
        kernel: 'flows',
        block: packUniform(uniforms.Flows, {
          n: lsh.shape.n,
          orderStart: address(order, head, 0, 0),
          start,
          first,
          span,
          bins: flowBins,
        }),
        resources: [placement.buffer, flowCounts.buffer],
        groups: [Math.ceil(span / 64), lsh.settings.rounds, 1],
        cost: span * lsh.settings.rounds * 8,
      },
    ]);
    await context.queue.run(work, { timed: false });
  }

  /** Every so many queries, one is counted for the density of the matrix. */
  get queryStride(): number {
    return Math.ceil(this.lsh.shape.n / (this.software ? 2 ** 14 : 2 ** 17));
  }

  private clear({ buffer }: GpuTensor): void {
    this.context.submit((encoder) => encoder.clearBuffer(buffer));
  }

  /** Draws the matrix of many tokens as a density: the number of pairs that meet in each cell. */
  private async density({ head, count, each, sortedBy, onlyRound }: MatrixView): Promise<void> {
    const { lsh } = this;
    const { context, settings, shape } = lsh;
    const { n } = shape;
    const meetings = context.tensor('meetings', 'u32', [count, count]);
    this.clear(meetings);
    const round = sortedBy ?? onlyRound;
    const rounds = round === undefined ? settings.rounds : 1;
    const window = windowLength(settings);
    const stride = this.queryStride;
    const flags = (sortedBy === undefined ? 0 : flag.sorted) | (round === undefined ? 0 : flag.oneRound);
    const common = { head, count, each, flags, ...(round !== undefined && { round }) };
    // A cell is half bright if it holds the mean number of meetings, with every slot counted.
    const scale = (Math.LN2 * count * count * stride) / (n * rounds * window);
    const work = await context.prepare('density', [
      {
        step: 'matrix',
        kernel: 'density',
        block: lsh.params({ ...common, start: stride }),
        resources: [meetings.buffer, undefined, undefined, undefined, lsh.placement.buffer],
        groups: [Math.ceil(n / 64), rounds, 1],
        cost: (n / stride) * rounds * window * 8,
      },
      {
        step: 'matrix',
        kernel: 'density-paint',
        block: lsh.params({ ...common, scale }),
        resources: [meetings.buffer, this.matrixCells.createView()],
        groups: [Math.ceil(count / 8), Math.ceil(count / 8), 1],
        cost: count ** 2,
      },
    ]);
    await context.queue.run(work, { timed: false });
  }

  async matrix(view: MatrixView): Promise<void> {
    if (view.each > 1) return this.density(view);
    const { lsh } = this;
    const { context, shape, windowConstants, storage, placement } = lsh;
    const { head, start, count, sortedBy, onlyRound } = view;
    const dispatch = {
      head,
      count,
      round: sortedBy ?? onlyRound ?? 0,
      flags: (sortedBy === undefined ? 0 : flag.sorted) | (onlyRound === undefined ? 0 : flag.oneRound),
    };
    const rowLse = context.tensor('row lse', 'f32', [shape.n]);
    const qk = lsh.bind(lsh.qk);
    const cost = 4 * shape.n * shape.d;
    const rows = dispatchRanges(Math.min(count, shape.n - start), cost, context.queue.dispatchCost).map(
      ({ first, blocks }): Dispatch => ({
        step: 'matrix',
        kernel: 'row-lse',
        constants: rowLseConstants(lsh),
        storage,
        block: lsh.params({ ...dispatch, start: start + first }),
        resources: [...qk, rowLse.buffer, undefined, placement.buffer],
        groups: [blocks, 1, 1],
        cost: blocks * cost,
      }),
    );
    const side = Math.ceil(count / 8);
    const work = await context.prepare('matrix', [
      ...rows,
      {
        step: 'matrix',
        kernel: 'matrix',
        constants: windowConstants,
        block: lsh.params({ ...dispatch, start }),
        storage,
        resources: [...qk, rowLse.buffer, undefined, placement.buffer, this.matrixCells.createView()],
        groups: [side, side, 1],
        cost: count ** 2 * (4 * shape.d + 8 * lsh.settings.rounds),
      },
    ]);
    await context.queue.run(work, { timed: false });
  }

  /** Full attention of every query, unless the sequence is too long. */
  private get wholeFullAttention(): FullAttention | undefined {
    if (this.lsh.shape.n > allQueries) return undefined;
    this.fullAttention ??= new FullAttention(this.lsh, 'all');
    return this.fullAttention;
  }

  async outputs(): Promise<Outputs> {
    const { context, out, order, shape } = this.lsh;
    const [rows, sorted] = await Promise.all([context.read(out), context.read(order)]);
    return { out: unpadded(rows, shape.d), order: sorted };
  }

  async full(): Promise<FullOutputs> {
    const { context, shape } = this.lsh;
    const full = this.wholeFullAttention;
    if (!full)
      throw new Error(`full attention of all ${shape.n} queries is not computed; use at most ${allQueries} tokens`);
    await full.run();
    const [rows, lse] = await Promise.all([context.read(full.out), context.read(full.lse)]);
    return { out: unpadded(rows, shape.d), lse };
  }

  /** Resolves when the device has finished all submitted work, or is lost. */
  async idle(): Promise<void> {
    const { device } = this.context;
    await withFirefoxPoll(device, device.queue.onSubmittedWorkDone()).catch(() => {});
  }

  createSibling(): GpuEngine {
    return new GpuEngine(this.open, this.context.createSibling());
  }

  free(): void {
    this.context.free();
    this.context.ledger.destroy(this.matrixCells);
  }

  memory() {
    return { live: this.context.ledger.live, peak: this.context.ledger.peak };
  }
}
