import { address, layout } from '../../algorithm/layout';
import type { AttentionInput } from '../../algorithm/lsh';
import { directionCount, type Settings, type Shape, windowLength } from '../../algorithm/settings';
import type { Timings, WorkOptions } from '../../engine/engine';
import type { Context, Dispatch, GpuTensor } from '../runtime/context';
import { dispatchRanges } from '../runtime/dispatch-ranges';
import type { Constants } from '../runtime/kernel-text';
import type { BoundDispatch } from '../runtime/queue';
import { flag } from '../runtime/uniforms';
import { AttentionInputs, type InputOptions } from './inputs';
import { keyStep } from './params';
import { shortSort, sortDispatches } from './radix-sort';

/** vec4s in a uniform buffer of 64 KiB, the size that every device supports. */
const mostUniform = 4096;

export interface LshOptions extends InputOptions {
  /**
   * True (the default) keeps buckets and log-sum-exps of every round, for display and for layers that are computed again with the same
   * buckets. Otherwise rounds stream: besides qk, v and out, memory holds only the placement of every token in every round.
   */
  keepRounds?: boolean;
}

/** One LSH attention on the GPU, for one shape and one setting. */
export class LshAttention extends AttentionInputs {
  /**
   * Directions of each head of one sequence, as rows [h, R, ΣB/2, 4·D4]. Those of a head and round take `directionSize` vec4s, with
   * padding.
   */
  private readonly directions: GPUBuffer;
  private readonly directionSize: number;
  /** Bucket of each token, [h, R, n]; if rounds stream, of the last hashed round, [h, 1, n]. */
  readonly buckets: GpuTensor;
  /** Sort key of each token, then token at each sorted position, [2, h, R, n]. See shaders/lib/placement.wgsl. */
  readonly placement: GpuTensor;
  /** Combined output, [h, n, d]. */
  readonly out: GpuTensor;
  /**
   * Log-sum-exp of each round and, in row R, of all rounds combined, [h, R + 1, n]; if rounds stream, of all rounds combined, [h, 1, n].
   */
  readonly lse: GpuTensor;
  private readonly keepRounds: boolean;
  private forward: Promise<BoundDispatch[]> | undefined;

  /** @throws InputError as `AttentionInputs`, or if directions are too large for a buffer, or sort keys for 32 bits. */
  constructor(context: Context, shape: Shape, settings: Settings, { keepRounds = true, ...options }: LshOptions = {}) {
    super(context, shape, settings, options);
    const { heads, n } = shape;
    const { rounds } = settings;
    this.keepRounds = keepRounds;
    this.directionSize = 2 ** Math.max(4, Math.ceil(Math.log2(directionCount(settings) * this.vec4s)));
    const tensor = (name: string, type: GpuTensor['type'], lengths: number[]) =>
      context.tensor(this.nameOf(name), type, lengths);
    const directionBytes = (16 * this.directionSize * heads * rounds) / this.sequences;
    context.checkSize('rotations', directionBytes);
    this.directions = context.buffer('rotations', directionBytes, GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM);
    this.buckets = tensor('buckets', 'u32', [heads, keepRounds ? rounds : 1, n]);
    this.placement = tensor('placement', 'u32', [2, heads, rounds, n]);
    this.out = this.vectorTensor('out');
    this.lse = tensor('lse', 'f32', [heads, keepRounds ? rounds + 1 : 1, n]);
    keyStep(shape, settings);
  }

  /** Token at each sorted position, [h, R, n]: the second half of `placement`. */
  get order(): GpuTensor {
    const { heads, n } = this.shape;
    const shape = [heads, this.settings.rounds, n];
    const elements = this.placement.elements / 2;
    return { ...this.placement, ...layout('order', shape), offset: elements, elements };
  }

  /** Uploads qk and v, [heads, n, d], and rotations, [heads, d, rounds, ΣB_f/2] or [1, d, rounds, ΣB_f/2] for all heads. */
  upload({ qk, v, rotations }: Pick<AttentionInput, 'qk' | 'v' | 'rotations'>): void {
    this.uploadVectors({ qk, v });
    this.uploadRotations(rotations);
  }

  /** Uploads rotations; see `upload`. */
  uploadRotations(rotations: ArrayLike<number>): void {
    this.context.write(this.directions, 0, this.directionRows(rotations));
  }

  /** Runs the steps: hash and sort every round, then chunk, attend and combine each round. Needs `upload`. */
  async run(options: WorkOptions = {}): Promise<Timings> {
    return this.context.queue.run(await this.prepare(), options);
  }

  /** Compiles and binds the dispatches, cut to the speed of the device. */
  prepare(): Promise<BoundDispatch[]> {
    this.forward ??= this.prepareNow();
    return this.forward;
  }

  /**
   * Prepares, and runs one workgroup of each kernel, because some drivers compile a kernel on its first use. `run` overwrites the
   * results.
   */
  async warmUp(): Promise<void> {
    await this.context.queue.warmUp(await this.prepare());
  }

  private async prepareNow(): Promise<BoundDispatch[]> {
    const { context } = this;
    // Starts to compile all kernels at once. `prepare` below awaits them again and throws their errors.
    const compiled = this.dispatches().map(({ kernel, constants, storage }) =>
      context.kernels.get(kernel, constants, storage),
    );
    Promise.all(compiled).catch(() => {});
    // If the speed of the device is unknown, hash a few tokens, then more, until that takes long enough to estimate it.
    for (let tokens = 1024; !context.queue.calibrated; tokens *= 4) {
      await context.queue.run(await context.prepare('lsh calibration', this.hash(0, tokens)));
      if (tokens >= this.shape.n) break;
    }
    return context.prepare('lsh', this.dispatches());
  }

  /** The dispatches of all steps, not yet compiled or bound. Without `hashing` they start from the buckets of an earlier run. */
  dispatches(hashing = true): Dispatch[] {
    if (this.choice.way === 'batch') return [...(hashing ? this.hashAll() : []), ...this.shortDispatches()];
    const rounds = Array.from({ length: this.settings.rounds }, (_, round) => round);
    if (this.keepRounds) {
      return [
        ...(hashing ? this.hashDispatches() : []),
        ...(this.choice.sort === 'sort-short'
          ? [shortSort(this, this.params({}))]
          : rounds.flatMap((round) => sortDispatches(this, round))),
        ...(this.choice.way === 'few' ? this.attendFew() : rounds.flatMap((round) => this.attend(round))),
      ];
    }
    return [
      ...rounds.flatMap((round) => [...this.hash(round), ...sortDispatches(this, round)]),
      ...rounds.flatMap((round) => this.attend(round)),
    ];
  }

  /** The dispatches that hash all rounds. Needs rounds that are kept. */
  hashDispatches(): Dispatch[] {
    if (this.sequences > 1 || this.lengths) return this.hashAll();
    return Array.from({ length: this.settings.rounds }, (_, round) => this.hash(round)).flat();
  }

  /** Reads the buckets of one round, [h, n], after hashing it again if rounds stream. Needs `run`. */
  async bucketsOf(round: number): Promise<Uint32Array[]> {
    const { context, keepRounds, buckets } = this;
    const { heads, n } = this.shape;
    if (!keepRounds) await context.queue.run(await context.prepare('lsh hash', this.hash(round)), { timed: false });
    const row = (head: number) => context.read(buckets, address(buckets, head, keepRounds ? round : 0, 0), n);
    return (await Promise.all(Array.from({ length: heads }, (_, head) => row(head)))) as Uint32Array[];
  }

  private hash(round: number, tokens = this.shape.n): Dispatch[] {
    const { buckets, directions, directionSize, storage, settings, shape } = this;
    const { heads, n, d } = shape;
    const cost = 64 * directionCount(settings) * 2 * d;
    const bucketRounds = buckets.shape[1];
    const ofHead = (head: number) =>
      dispatchRanges(Math.ceil(Math.min(n, tokens) / 64), cost, this.context.queue.dispatchCost).map(
        ({ first, blocks }): Dispatch => ({
          step: 'hash',
          kernel: directionSize <= mostUniform ? 'hash' : 'hash-many',
          constants: { ...this.constants, SIZE: directionSize },
          storage,
          block: this.params({
            head,
            start: 64 * first,
            bucketStart: (head * bucketRounds + (round % bucketRounds)) * n,
          }),
          resources: [
            ...this.bind(this.qk),
            {
              buffer: directions,
              offset: 16 * directionSize * (head * settings.rounds + round),
              size: 16 * directionSize,
            },
            buckets.buffer,
          ],
          groups: [blocks, 1, 1],
          cost: blocks * cost,
        }),
      );
    return Array.from({ length: heads }, (_, head) => ofHead(head)).flat();
  }

  /** Hashes every head and round of a batch in one dispatch. */
  private hashAll(): Dispatch[] {
    const { directions, directionSize, sequences, storage, settings, shape } = this;
    const { heads, n, d } = shape;
    return [
      {
        step: 'hash',
        kernel: 'hash-all',
        constants: { ...this.constants, SIZE: directionSize },
        storage,
        block: this.params({ each: heads / sequences }),
        resources: [...this.bind(this.qk), directions, this.buckets.buffer],
        groups: [Math.ceil(n / 64), heads, settings.rounds],
        cost: heads * n * settings.rounds * directionCount(settings) * 2 * d,
      },
      ...(this.lengths ? [this.padBuckets(this.lengths)] : []),
    ];
  }

  /** Gives the pads of every sequence a bucket of their own. */
  private padBuckets(lengths: GPUBuffer): Dispatch {
    const { heads, n } = this.shape;
    return {
      step: 'hash',
      kernel: 'pad-buckets',
      block: this.params({ each: heads / this.sequences }),
      resources: [lengths, this.buckets.buffer],
      groups: [Math.ceil(n / 64), heads, this.settings.rounds],
      cost: heads * n * this.settings.rounds,
    };
  }

  /**
   * The uniform block of the batch kernels. `divided` duplicates give a pair the weight of one meeting, so its first meeting alone
   * counts.
   */
  shortParams(): ArrayBuffer {
    const flags = this.settings.duplicates === 'divided' ? flag.first : 0;
    return this.params({ duplicates: 'counted', flags, count: this.lse.shape[1] });
  }

  private shortDispatches(): Dispatch[] {
    const block = this.shortParams();
    return [shortSort(this, block), this.attendShort(block, Math.ceil(this.shape.n / 64))];
  }

  /** Attends in all rounds of a sequence of few tokens, and writes the log-sum-exp of each round. */
  private attendFew(): Dispatch[] {
    const { shape, lse, context } = this;
    const { queue } = context;
    return dispatchRanges(Math.ceil(shape.n / 64), this.shortCost, queue.dispatchCost).map(({ first, blocks }) =>
      this.attendShort(this.params({ start: 64 * first, count: lse.shape[1] }), blocks, { ROUNDS: true }),
    );
  }

  /** Operations of 64 tokens in each head with the short kernels. */
  private get shortCost(): number {
    const { shape, settings } = this;
    return 64 * shape.heads * settings.rounds * windowLength(settings) * 6 * shape.d;
  }

  private attendShort(block: ArrayBuffer, blocks: number, constants: Constants = {}): Dispatch {
    const { qk, v, placement, out, lse } = this;
    return {
      step: 'attend',
      kernel: 'attend-short',
      constants: { ...this.windowConstants, ...constants },
      storage: this.storage,
      block,
      resources: [...[qk, v].flatMap((tensor) => this.bind(tensor)), placement.buffer, ...this.bind(out), lse.buffer],
      groups: [blocks, this.shape.heads, 1],
      cost: blocks * this.shortCost,
    };
  }

  private attend(round: number): Dispatch[] {
    const { keepRounds, storage, shape, settings, placement, lse } = this;
    const constants = { ...this.blockConstants, ...this.windowConstants };
    const { heads, n, d } = shape;
    const size = constants.THREADS;
    const cost = size * heads * windowLength(settings) * d * 4;
    const resources = [this.qk, this.v].flatMap((tensor) => this.bind(tensor));
    return dispatchRanges(Math.ceil(n / size), cost, this.context.queue.dispatchCost).map(({ first, blocks }) => ({
      step: 'attend',
      kernel: 'attend',
      constants,
      storage,
      block: this.params({
        round,
        start: size * first,
        flags: (round === 0 ? flag.restart : 0) | (keepRounds ? flag.keepRounds : 0),
      }),
      resources: [...resources, placement.buffer, ...this.bind(this.out), lse.buffer],
      groups: [blocks, heads, 1],
      cost: blocks * cost,
    }));
  }

  /** The directions as rows, because the kernel reads one direction at a time. */
  private directionRows(rotations: ArrayLike<number>): Float32Array<ArrayBuffer> {
    const { d } = this.shape;
    const { rounds } = this.settings;
    const columns = directionCount(this.settings);
    const width = 4 * this.vec4s;
    const out = new Float32Array(this.directions.size / 4);
    const rotationHeads = rotations.length / (d * rounds * columns);
    for (let head = 0; head < this.shape.heads / this.sequences; head++) {
      const source = rotationHeads === 1 ? 0 : head;
      for (let k = 0; k < d; k++) {
        for (let rc = 0; rc < rounds * columns; rc++) {
          const round = Math.floor(rc / columns);
          const first = 4 * this.directionSize * (head * rounds + round);
          out[first + (rc % columns) * width + k] = rotations[(source * d + k) * rounds * columns + rc];
        }
      }
    }
    return out;
  }
}
