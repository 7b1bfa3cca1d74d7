import { address, layout } from '../../algorithm/layout';
import type { AttentionInput } from '../../algorithm/lsh';
import { checkSettings, directionCount, type Settings, type Shape, windowLength } from '../../algorithm/settings';
import type { Timings, WorkOptions } from '../../engine/engine';
import { toHalf } from '../../formats/half';
import { InputError } from '../../shared/errors';
import { bindingBytes, bytesOf, type Context, type Dispatch, type GpuTensor, type Resource } from '../runtime/context';
import type { Constants, VectorStorage } from '../runtime/kernel-text';
import type { KernelName } from '../runtime/kernels';
import type { BoundDispatch } from '../runtime/queue';
import { fewTokens } from './kernel-choice';
import { type DispatchParams, flag, keyStep, packParams } from './params';
import { shortSort, sortDispatches, sortKernel } from './radix-sort';

/** vec4s that a uniform of 64 KiB, which every device has, holds. */
const mostUniform = 4096;

/** Tokens of a sequence that is short. */
const longestShort = 512;

export interface LshOptions {
  /**
   * Whether buckets and log-sum-exps of every round are kept, to be shown or for the backward pass. Without, rounds stream: besides qk, v
   * and out only where every token went in every round is held.
   */
  keep?: boolean;
  /**
   * How qk, v and a gradient of out are stored. 16 bits take half the memory and its traffic, where the device has them; sums, results and
   * all arithmetic stay in 32.
   */
  storage?: 'f32' | 'f16';
  /** Most bytes of one binding; larger tensors of vectors are bound as two halves. For tests. */
  bindingBytes?: number;
  /** Sequences that are attended to side by side, as heads: those of each hash with the directions of the first's. */
  sequences?: number;
  /** Names of tensors that are not shared with other attentions of the context. */
  name?: (tensor: string) => string;
  /** For full attention alone: nothing is held that only hashing needs. */
  full?: boolean;
  /** Whether queries are worked on in blocks even where tokens are few. For tests. */
  blocks?: boolean;
}

/**
 * One LSH attention on the GPU, for one shape and one setting. Its tensors keep their buffers from one instance to the next as long as
 * their sizes stay the same.
 */
export class LshAttention {
  readonly qk: GpuTensor;
  readonly v: GpuTensor;
  /** Directions of each head of a sequence and round as rows [h, R, ΣB/2, 4·D4], with room behind those of each so that they take `directionSize` vec4s. */
  private readonly directions: GPUBuffer;
  private readonly directionSize: number;
  /** [h, R, n], or of one round at a time, [h, 1, n]. */
  readonly buckets: GpuTensor;
  /** Key of each token, then token at each sorted position, [2, h, R, n]. See shaders/lib/placement.wgsl. */
  readonly placement: GpuTensor;
  /** Combined output, [h, n, d]. */
  readonly out: GpuTensor;
  /** Log-sum-exp of each round and, as row R, of all rounds combined, [h, R + 1, n]; or of these alone, [h, 1, n]. */
  readonly lse: GpuTensor;
  /** How tensors of vectors are stored; where they are bound as two halves, `halfRows` vectors lie in the first. */
  readonly storage: VectorStorage;
  readonly halfRows: number;
  private readonly nameOf: (tensor: string) => string;
  private readonly keep: boolean;
  private readonly sequences: number;
  private readonly blocks: boolean;
  private forward: Promise<BoundDispatch[]> | undefined;

  /** @throws InputError if a size or setting is out of range, or if the device cannot store 16-bit floats that are asked for. */
  constructor(
    readonly context: Context,
    readonly shape: Shape,
    readonly settings: Settings,
    {
      keep = true,
      storage = 'f32',
      bindingBytes: most = bindingBytes,
      sequences = 1,
      name: nameOf = (tensor) => tensor,
      full = false,
      blocks = false,
    }: LshOptions = {},
  ) {
    checkSettings(shape, settings, sequences);
    const { heads, n } = shape;
    const { rounds } = settings;
    this.keep = keep;
    this.sequences = sequences;
    this.blocks = blocks;
    this.nameOf = nameOf;
    const f16 = storage === 'f16';
    if (f16 && !context.f16) throw new InputError(`${context.name} cannot store 16-bit floats.`);
    this.storage = { halves: 16 * heads * n * this.vectors > most, f16 };
    // A binding may begin at any multiple of 256 bytes.
    this.halfRows = 32 * Math.ceil((heads * n) / 64);
    this.qk = this.vectorTensor('qk', true);
    this.v = this.vectorTensor('v', true);
    this.directionSize = 2 ** Math.max(4, Math.ceil(Math.log2(directionCount(settings) * this.vectors)));
    const hashed = (name: string, type: GpuTensor['type'], lengths: number[]) =>
      full ? context.tensor('nothing', 'u32', [0]) : context.tensor(nameOf(name), type, lengths);
    const directionBytes = (16 * this.directionSize * heads * rounds) / sequences;
    if (!full) context.checkSize('rotations', directionBytes);
    this.directions = full
      ? context.buffer('nothing', 16)
      : context.buffer('rotations', directionBytes, GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM);
    this.buckets = hashed('buckets', 'u32', [heads, keep ? rounds : 1, n]);
    this.placement = hashed('placement', 'u32', [2, heads, rounds, n]);
    this.out = full ? context.tensor('nothing', 'u32', [0]) : this.vectorTensor('out');
    this.lse = hashed('lse', 'f32', [heads, keep ? rounds + 1 : 1, n]);
    keyStep(shape, settings);
  }

  /** Token at each sorted position, [h, R, n]: the second half of `placement`. */
  get order(): GpuTensor {
    const { heads, n } = this.shape;
    const shape = [heads, this.settings.rounds, n];
    const elements = this.placement.elements / 2;
    return { ...this.placement, ...layout('order', shape), offset: elements, elements };
  }

  /** vec4s in a vector. */
  get vectors(): number {
    return Math.ceil(this.shape.d / 4);
  }

  /** Constants of the kernels that hold whole vectors. */
  get constants(): { D4: number } {
    return { D4: this.vectors };
  }

  /** And of those that go through windows. */
  get windowConstants(): { D4: number; RING: boolean } {
    return { D4: this.vectors, RING: this.settings.wrap };
  }

  /**
   * Threads of a workgroup of one query, which wait for each other. A software device makes a coroutine of every four, and that costs more
   * than what they do.
   */
  threads(onGpu: number, atLeast = 4): { THREADS: number } {
    return { THREADS: this.context.software ? 4 * Math.ceil(atLeast / 4) : onGpu };
  }

  /**
   * Of the kernels that work on blocks of queries: what fits 16 KiB of workgroup memory. A software device gains nothing from large
   * blocks, and takes longer to compile them: it writes out the clearing of workgroup memory.
   */
  get blockConstants(): { D4: number; THREADS: number; TILE: number } {
    const D4 = this.vectors;
    if (this.context.software) return D4 > 16 ? { D4, THREADS: 4, TILE: 4 } : { D4, THREADS: 8, TILE: 8 };
    return D4 > 16 ? { D4, THREADS: 16, TILE: 8 } : { D4, THREADS: 32, TILE: 16 };
  }

  /** Of the kernels that work on tiles of other vectors. */
  get tileConstants(): { D4: number; TILE: number } {
    const D4 = this.vectors;
    return { D4, TILE: this.context.software ? 4 : D4 > 16 ? 8 : 16 };
  }

  /** A tensor [h, n, d] whose vectors fill whole vec4s; what is `given` may be stored in 16 bits. */
  vectorTensor(name: string, given = false): GpuTensor {
    const { heads, n, d } = this.shape;
    return this.context.tensor(
      this.nameOf(name),
      given && this.storage.f16 ? 'f16' : 'f32',
      [heads, n, d],
      [heads, n, 4 * this.vectors],
      2,
    );
  }

  /** The two bindings of a tensor [h, n, d]: it is whole in the first, or each holds a half. */
  bind({ buffer, elements, type }: GpuTensor): [Resource, Resource] {
    if (!this.storage.halves) return [buffer, undefined];
    const size = bytesOf[type] * 4 * this.vectors * this.halfRows;
    return [
      { buffer, size },
      { buffer, offset: size, size: bytesOf[type] * elements - size },
    ];
  }

  /** qk and v [heads, n, d]; rotations [heads, d, rounds, ΣB_f/2], or of one head for all. */
  upload({ qk, v, rotations }: Pick<AttentionInput, 'qk' | 'v' | 'rotations'>): void {
    this.uploadVectors({ qk, v });
    this.uploadRotations(rotations);
  }

  uploadVectors({ qk, v }: Pick<AttentionInput, 'qk' | 'v'>): void {
    this.write(this.qk, qk);
    this.write(this.v, v);
  }

  /** Fills a tensor [h, n, d]. In pieces: a browser copies what it is given before it sends it on. */
  write({ buffer, type }: GpuTensor, rows: ArrayLike<number>): void {
    const floats = padded(rows, this.shape.d);
    const numbers = type === 'f16' ? toHalf(floats) : floats;
    const most = 2 ** 23;
    for (let first = 0; first < numbers.length; first += most) {
      const count = Math.min(most, numbers.length - first);
      this.context.write(buffer, bytesOf[type] * first, numbers, first, count);
    }
  }

  uploadRotations(rotations: ArrayLike<number>): void {
    this.context.write(this.directions, 0, this.directionRows(rotations));
  }

  /** The steps: hash and sort every round, then for each round chunk, attend and combine. Needs `upload`. */
  async run(options: WorkOptions = {}): Promise<Timings> {
    return this.context.queue.run(await this.prepare(), options);
  }

  /** Compiles and binds what `run` runs, cut into dispatches by the device's speed. */
  prepare(): Promise<BoundDispatch[]> {
    this.forward ??= this.prepareNow();
    return this.forward;
  }

  /** Prepares, and runs one workgroup of each kernel: some drivers compile only then. What that computes is overwritten by `run`. */
  async warmUp(): Promise<void> {
    await this.context.queue.warmUp(await this.prepare());
  }

  private async prepareNow(): Promise<BoundDispatch[]> {
    const { context } = this;
    // All of them at once, those that take long among them; who needs one hears of its errors.
    const compiled = this.dispatches().map(({ kernel, constants, storage }) =>
      context.kernels.get(kernel, constants, storage),
    );
    Promise.all(compiled).catch(() => {});
    // On a device not known yet: hash a few tokens first, then more, until that takes long enough to tell its speed.
    for (let tokens = 1024; !context.queue.calibrated; tokens *= 4) {
      await context.queue.run(await context.prepare('lsh calibration', this.hash(0, tokens)));
      if (tokens >= this.shape.n) break;
    }
    return context.prepare('lsh', this.dispatches());
  }

  /** Whether tokens go through their slots one by one: a block of sorted positions would be mostly edges. */
  get isShort(): boolean {
    return this.sequences > 1 && this.shape.n <= longestShort && !this.storage.halves;
  }

  /** Whether tokens do so in one sequence, as they are few. */
  private get isFew(): boolean {
    return this.sequences === 1 && this.shape.n <= fewTokens && !this.storage.halves && !this.blocks;
  }

  /** The kernel of full attention, and how many queries a workgroup of it takes. */
  get fullKernel(): { kernel: KernelName; constants: Constants; queries: number } {
    if (this.isFew) return { kernel: 'full-short', constants: this.constants, queries: 64 };
    return { kernel: 'full', constants: this.blockConstants, queries: this.blockConstants.THREADS };
  }

  /** The steps as dispatches not yet bound; without hashing, from the buckets that are there. */
  dispatches(hashing = true): Dispatch[] {
    if (this.isShort) return [...(hashing ? this.hashAll() : []), ...this.shortDispatches()];
    const rounds = Array.from({ length: this.settings.rounds }, (_, round) => round);
    if (this.keep) {
      return [
        ...(hashing ? this.hashDispatches() : []),
        ...(sortKernel(this.shape.n) === 'sort-short'
          ? [shortSort(this, this.params({}))]
          : rounds.flatMap((round) => sortDispatches(this, round))),
        ...(this.isFew ? this.attendFew() : rounds.flatMap((round) => this.attend(round))),
      ];
    }
    return [
      ...rounds.flatMap((round) => [...this.hash(round), ...sortDispatches(this, round)]),
      ...rounds.flatMap((round) => this.attend(round)),
    ];
  }

  /** Buckets of all rounds, where they are kept. */
  hashDispatches(): Dispatch[] {
    if (this.sequences > 1) return this.hashAll();
    return Array.from({ length: this.settings.rounds }, (_, round) => this.hash(round)).flat();
  }

  /** Buckets [h, n] of one round, hashed once more where they were not kept. Needs `run`. */
  async bucketsOf(round: number): Promise<Uint32Array[]> {
    const { context, keep, buckets } = this;
    const { heads, n } = this.shape;
    if (!keep) await context.queue.run(await context.prepare('lsh hash', this.hash(round)), { timed: false });
    const row = (head: number) => context.read(buckets, address(buckets, head, keep ? round : 0, 0), n);
    return (await Promise.all(Array.from({ length: heads }, (_, head) => row(head)))) as Uint32Array[];
  }

  params(dispatch: DispatchParams): ArrayBuffer {
    return packParams(this.shape, this.settings, { halfRows: this.halfRows, ...dispatch });
  }

  private hash(round: number, tokens = this.shape.n): Dispatch[] {
    const { buckets, directions, directionSize, storage, settings, shape } = this;
    const { heads, n, d } = shape;
    const cost = 64 * directionCount(settings) * 2 * d;
    const kept = buckets.shape[1];
    const ofHead = (head: number) =>
      dispatchRanges(Math.ceil(Math.min(n, tokens) / 64), cost, this.context.queue.dispatchCost).map(
        ({ first, blocks }): Dispatch => ({
          step: 'hash',
          kernel: directionSize <= mostUniform ? 'hash' : 'hash-many',
          constants: { ...this.constants, SIZE: directionSize },
          storage,
          block: this.params({ head, start: 64 * first, bucketStart: (head * kept + (round % kept)) * n }),
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

  /** Every head and round in one dispatch: many short sequences. */
  private hashAll(): Dispatch[] {
    const { directions, directionSize, sequences, storage, settings, shape } = this;
    const { heads, n, d } = shape;
    return [
      {
        step: 'hash',
        kernel: 'hash-all',
        constants: { ...this.constants, SIZE: directionSize, ALL: true },
        storage,
        block: this.params({ each: heads / sequences }),
        resources: [...this.bind(this.qk), directions, this.buckets.buffer],
        groups: [Math.ceil(n / 64), heads, settings.rounds],
        cost: heads * n * settings.rounds * directionCount(settings) * 2 * d,
      },
    ];
  }

  /** What a pair that meets often is to count once for goes by its first meeting. */
  shortParams(): ArrayBuffer {
    const flags = this.settings.duplicates === 'divided' ? flag.first : 0;
    return this.params({ duplicates: 'counted', flags, count: this.lse.shape[1] });
  }

  private shortDispatches(): Dispatch[] {
    const block = this.shortParams();
    return [shortSort(this, block), this.attendShort(block, Math.ceil(this.shape.n / 64))];
  }

  /** Every round of a sequence of few tokens, with the log-sum-exp of each. */
  private attendFew(): Dispatch[] {
    const { shape, lse, context } = this;
    const { queue } = context;
    return dispatchRanges(Math.ceil(shape.n / 64), this.shortCost, queue.dispatchCost).map(({ first, blocks }) =>
      this.attendShort(this.params({ start: 64 * first, count: lse.shape[1] }), blocks, { ROUNDS: true }),
    );
  }

  /** What 64 tokens of each head cost that go through their slots one by one. */
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
    const { keep, storage, shape, settings, placement, lse } = this;
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
        flags: (round === 0 ? flag.restart : 0) | (keep ? flag.keep : 0),
      }),
      resources: [...resources, placement.buffer, ...this.bind(this.out), lse.buffer],
      groups: [blocks, heads, 1],
      cost: blocks * cost,
    }));
  }

  /** Directions as rows: the kernel reads one direction at a time. */
  private directionRows(rotations: ArrayLike<number>): Float32Array<ArrayBuffer> {
    const { d } = this.shape;
    const { rounds } = this.settings;
    const columns = directionCount(this.settings);
    const width = 4 * this.vectors;
    const out = new Float32Array(this.directions.size / 4);
    const given = rotations.length / (d * rounds * columns);
    for (let head = 0; head < this.shape.heads / this.sequences; head++) {
      const source = given === 1 ? 0 : head;
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

/** Cuts `total` blocks of equal cost into dispatches of at most `most` operations, and of no more workgroups than any device takes. */
export function dispatchRanges(total: number, cost: number, most: number): { first: number; blocks: number }[] {
  const length = Math.min(65535, Math.max(1, Math.floor(most / cost)));
  const out: { first: number; blocks: number }[] = [];
  for (let first = 0; first < total; first += length) out.push({ first, blocks: Math.min(length, total - first) });
  return out;
}

/** Rows of d numbers as float32 rows of whole vec4s. */
export function padded(rows: ArrayLike<number>, d: number): Float32Array<ArrayBuffer> {
  if (d % 4 === 0) return rows instanceof Float32Array ? (rows as Float32Array<ArrayBuffer>) : Float32Array.from(rows);
  const width = 4 * Math.ceil(d / 4);
  const count = rows.length / d;
  const out = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < d; k++) out[row * width + k] = rows[row * d + k];
  }
  return out;
}

/** The inverse of `padded`. */
export function unpadded(rows: ArrayLike<number>, d: number): Float32Array {
  const width = 4 * Math.ceil(d / 4);
  const out = new Float32Array((rows.length / width) * d);
  for (let i = 0; i < out.length; i++) out[i] = rows[Math.floor(i / d) * width + (i % d)];
  return out;
}
