import type { Timings, WorkOptions } from '../core/engine';
import type { AttentionInput } from '../core/lsh';
import { checkSettings, directionCount, type Settings, type Shape, windowLength } from '../core/settings';
import type { Context, Draft, Tensor } from './context';
import { type DispatchParams, flag, packParams } from './params';
import type { Dispatch } from './queue';
import { sortDrafts } from './sort';

/** Where the running combination of rounds is kept. */
export interface Accumulator {
  /** Combined output, [h, n, d]. */
  out: Tensor;
  /** Log-sum-exp of each round and, as row R, of all rounds combined, [h, R + 1, n]. */
  lse: Tensor;
}

/**
 * One LSH attention on the GPU, for one shape and one setting. Its tensors keep their buffers from one instance to the next as long as
 * their sizes stay the same.
 */
export class LshAttention {
  readonly qk: Tensor;
  readonly v: Tensor;
  readonly rotations: Tensor;
  /** [h, R, n] */
  readonly buckets: Tensor;
  /** Token at each sorted position, [h, R, n]. */
  readonly order: Tensor;
  /** Sorted position of each token, [h, R, n]. */
  readonly rank: Tensor;
  readonly result: Accumulator;
  private forward: Promise<Dispatch[]> | undefined;

  /** @throws InputError if a size or setting is out of range. */
  constructor(
    readonly context: Context,
    readonly shape: Shape,
    readonly settings: Settings,
  ) {
    checkSettings(shape, settings);
    const { heads, n, d } = shape;
    const { rounds } = settings;
    const width = 4 * this.vectors;
    this.qk = context.tensor('qk', 'f32', [heads, n, d], [heads, n, width]);
    this.v = context.tensor('v', 'f32', [heads, n, d], [heads, n, width]);
    const columns = directionCount(settings);
    this.rotations = context.tensor('rotations', 'f32', [heads, rounds, columns, d], [heads, rounds, columns, width]);
    this.buckets = context.tensor('buckets', 'u32', [heads, rounds, n]);
    this.order = context.tensor('order', 'u32', [heads, rounds, n]);
    this.rank = context.tensor('rank', 'u32', [heads, rounds, n]);
    this.result = this.accumulator('');
  }

  /** vec4s in a vector. */
  get vectors(): number {
    return Math.ceil(this.shape.d / 4);
  }

  /** Constants of the kernels that hold whole vectors. */
  get constants(): { D4: number } {
    return { D4: this.vectors };
  }

  get tileConstants(): { D4: number; TILE: number } {
    return { D4: this.vectors, TILE: this.vectors > 16 ? 8 : 16 };
  }

  accumulator(prefix: string): Accumulator {
    const { heads, n, d } = this.shape;
    return {
      out: this.context.tensor(`${prefix}out`, 'f32', [heads, n, d], [heads, n, 4 * this.vectors]),
      lse: this.context.tensor(`${prefix}lse`, 'f32', [heads, this.settings.rounds + 1, n]),
    };
  }

  /** qk and v [heads, n, d]; rotations [heads, d, rounds, ΣB_f/2], or of one head for all. */
  upload({ qk, v, rotations }: Pick<AttentionInput, 'qk' | 'v' | 'rotations'>): void {
    const { d } = this.shape;
    const { queue } = this.context.device;
    queue.writeBuffer(this.qk.buffer, 0, padded(qk, d));
    queue.writeBuffer(this.v.buffer, 0, padded(v, d));
    queue.writeBuffer(this.rotations.buffer, 0, this.directions(rotations));
  }

  /** The steps: hash, sort, then for each round chunk, attend and combine. */
  async run(options: WorkOptions = {}): Promise<Timings> {
    this.forward ??= this.context.prepare('lsh', [
      ...this.hash(),
      ...sortDrafts(this),
      ...this.rounds(0, this.settings.rounds, this.result),
    ]);
    return this.context.queue.run(await this.forward, options);
  }

  params(dispatch: DispatchParams): ArrayBuffer {
    return packParams(this.shape, this.settings, dispatch);
  }

  private hash(): Draft[] {
    const { heads, n, d } = this.shape;
    const { rounds } = this.settings;
    const cost = 64 * heads * rounds * directionCount(this.settings) * 2 * d;
    return slices(Math.ceil(n / 64), cost, this.context.queue.dispatchCost).map(
      ({ first, blocks }): Draft => ({
        step: 'hash',
        kernel: 'hash',
        constants: this.constants,
        block: this.params({ start: 64 * first }),
        resources: [this.qk.buffer, this.rotations.buffer, this.buckets.buffer],
        groups: [blocks, rounds, heads],
        cost: blocks * cost,
      }),
    );
  }

  /** Attends rounds `from` … `to` − 1 and combines them into `into`, begun anew at round 0; `to` rounds count as all. */
  rounds(from: number, to: number, into: Accumulator, duplicates?: DispatchParams['duplicates']): Draft[] {
    const drafts: Draft[] = [];
    for (let round = from; round < to; round++) {
      for (const { first, blocks, cost } of this.attendSlices(4)) {
        const block = this.params({
          round,
          rounds: to,
          start: 64 * first,
          flags: round === 0 ? flag.restart : 0,
          ...(duplicates && { duplicates }),
        });
        drafts.push({
          step: 'attend',
          kernel: 'attend',
          constants: this.tileConstants,
          block,
          resources: [this.qk, this.v, this.buckets, this.order, this.rank, into.out, into.lse].map((t) => t.buffer),
          groups: [blocks, this.shape.heads, 1],
          cost,
        });
      }
    }
    return drafts;
  }

  /** The blocks of 64 sorted positions of a round, cut into dispatches, at so many operations for each number of each slot. */
  attendSlices(operations: number): { first: number; blocks: number; cost: number }[] {
    const { heads, n, d } = this.shape;
    const cost = 64 * heads * windowLength(this.settings) * d * operations;
    return slices(Math.ceil(n / 64), cost, this.context.queue.dispatchCost).map(({ first, blocks }) => ({
      first,
      blocks,
      cost: blocks * cost,
    }));
  }

  /** Directions as rows, [heads, rounds, columns, 4·D4]: the kernel reads one direction at a time. */
  private directions(rotations: ArrayLike<number>): Float32Array<ArrayBuffer> {
    const { heads, d } = this.shape;
    const { rounds } = this.settings;
    const columns = directionCount(this.settings);
    const width = 4 * this.vectors;
    const out = new Float32Array(heads * rounds * columns * width);
    const given = rotations.length / (d * rounds * columns);
    for (let head = 0; head < heads; head++) {
      const source = given === 1 ? 0 : head;
      for (let k = 0; k < d; k++) {
        for (let rc = 0; rc < rounds * columns; rc++) {
          out[(head * rounds * columns + rc) * width + k] = rotations[(source * d + k) * rounds * columns + rc];
        }
      }
    }
    return out;
  }
}

/** Cuts `total` blocks of equal cost into dispatches of at most `most` operations, and of no more workgroups than any device takes. */
export function slices(total: number, cost: number, most: number): { first: number; blocks: number }[] {
  const length = Math.min(65535, Math.max(1, Math.floor(most / cost)));
  const out: { first: number; blocks: number }[] = [];
  for (let first = 0; first < total; first += length) out.push({ first, blocks: Math.min(length, total - first) });
  return out;
}

/** Rows of d numbers as float32 rows of whole vec4s. */
export function padded(rows: ArrayLike<number>, d: number): Float32Array<ArrayBuffer> {
  if (d % 4 === 0) return Float32Array.from(rows);
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
