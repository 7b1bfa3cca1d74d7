import type { Timings, WorkOptions } from '../core/engine';
import type { CurvePoint } from '../core/measure';
import type { Shape } from '../core/settings';
import type { Draft, Tensor } from './context';
import { type LshAttention, slices } from './pipeline';

/** Full attention beside an LSH attention, for all tokens or for some: what every error is measured against. */
export class Yardstick {
  /** [h, n, d], written at the queries. */
  readonly out: Tensor;
  /** [h, n], written at the queries. */
  readonly lse: Tensor;
  private readonly queries: Tensor;
  private done: Promise<Timings> | undefined;

  /** `name` tells lists of queries apart that are in use at the same time; `tokens` are the queries, all if not given. */
  constructor(
    private readonly lsh: LshAttention,
    name: 'all' | 'sample' | 'rows',
    readonly tokens: Uint32Array<ArrayBuffer> = Uint32Array.from({ length: lsh.shape.n }, (_, i) => i),
  ) {
    const { context, shape, vectors } = lsh;
    const { heads, n, d } = shape;
    this.out = context.tensor('full out', 'f32', [heads, n, d], [heads, n, 4 * vectors]);
    this.lse = context.tensor('full lse', 'f32', [heads, n]);
    this.queries = context.tensor(`full queries: ${name}`, 'u32', [tokens.length]);
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
    const { context } = this.lsh;
    context.device.queue.writeBuffer(this.queries.buffer, 0, this.tokens);
    return context.queue.run(await context.prepare('full', this.drafts()), options);
  }

  private drafts(): Draft[] {
    const { shape, qk, v, tileConstants, params } = this.lsh;
    const count = this.tokens.length;
    const cost = 64 * shape.heads * shape.n * 4 * shape.d;
    return slices(Math.ceil(count / 64), cost, this.lsh.context.queue.dispatchCost).map(
      ({ first, blocks }): Draft => ({
        step: 'full attention',
        kernel: 'full',
        constants: tileConstants,
        block: params.call(this.lsh, { start: 64 * first, count }),
        resources: [qk, v, this.queries, this.out, this.lse].map((t) => t.buffer),
        groups: [blocks, shape.heads, 1],
        cost: blocks * cost,
      }),
    );
  }

  /**
   * Error and captured mass for 1 … R rounds, over the queries. Needs `run` of both. Counting each pair in the first slot that holds it
   * makes the running combination the softmax over the union of pairs seen so far: one pass over the rounds gives every point, and
   * where duplicates are divided it is the output itself. A ring of rounds has no such prefix, so there each point attends anew.
   */
  async curve(options: WorkOptions = {}): Promise<CurvePoint[]> {
    const { lsh } = this;
    const { context, settings, shape } = lsh;
    const { rounds, wrap, duplicates } = settings;
    const union = lsh.accumulator('union ');
    const counted = duplicates === 'counted' ? lsh.accumulator('counted ') : union;
    const groups = Math.ceil(this.tokens.length / 64);
    const size = shape.heads * groups;
    const sums: Tensor[] = [];
    const drafts: Draft[] = [];
    const measure = (name: string, of: typeof union) => {
      const into = context.tensor(name, 'f32', [size, 4]);
      sums.push(into);
      drafts.push({
        step: 'measure',
        kernel: 'measure',
        constants: lsh.constants,
        block: lsh.params({ count: this.tokens.length }),
        resources: [this.queries, of.out, of.lse, this.out, this.lse, into].map((t) => t.buffer),
        groups: [groups, shape.heads, 1],
        cost: this.tokens.length * shape.d * shape.heads * 6,
      });
    };
    for (let r = 1; r <= rounds; r++) {
      const from = wrap ? 0 : r - 1;
      drafts.push(...lsh.rounds(from, r, union, 'first'));
      measure(`curve union ${r}`, union);
      if (counted === union) continue;
      drafts.push(...lsh.rounds(from, r, counted, 'counted'));
      measure(`curve counted ${r}`, counted);
    }
    await context.queue.run(await context.prepare('curve', drafts), options);
    const points: CurvePoint[] = [];
    const each = counted === union ? 1 : 2;
    for (let r = 1; r <= rounds; r++) {
      const ofUnion = total(await context.read(sums[(r - 1) * each]));
      const ofOut = each === 1 ? ofUnion : total(await context.read(sums[(r - 1) * each + 1]));
      points.push({
        rounds: r,
        error: ofOut[0] === 0 ? 0 : Math.sqrt(ofOut[0] / ofOut[1]),
        captured: ofUnion[2] / (this.tokens.length * shape.heads),
      });
    }
    return points;
  }
}

/** Column sums of [workgroups, 4], in float64. */
function total(parts: ArrayLike<number>): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < parts.length; i += 4) {
    for (let k = 0; k < 3; k++) sums[k] += parts[i + k];
  }
  return sums;
}

/** Evenly spaced tokens, `most` at most; what stands for all where all would take too long. */
export function sampleTokens({ n }: Pick<Shape, 'n'>, most: number): Uint32Array<ArrayBuffer> {
  const count = Math.min(n, most);
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
}
