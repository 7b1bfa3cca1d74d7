/** The engine without a GPU: src/algorithm in a worker. */

import { placementOfToken, type TokenPlacement } from '../algorithm/missed-pairs';
import { checkSettings, directionCount, type Settings, type Shape } from '../algorithm/settings';
import type { TokenNumbers } from '../algorithm/token-report';
import { InputError } from '../shared/errors';
import type { Curve, Engine, FullOutputs, Job, MatrixView, Outputs, Timings, WorkOptions } from './engine';
import { WorkerCalls } from './worker-calls';

/** The worker's functions. The worker implements them; the page calls them through messages. */
export interface CpuCalls {
  compute(job: Omit<Job, 'vectors'> & { vectors: Omit<Job['vectors'], 'label'> }): CpuPlacement;
  bucketSizes(head: number): Uint32Array[];
  token(head: number, token: number): TokenNumbers;
  curve(): { curve: Curve; timings: Timings };
  matrix(view: MatrixView): Uint8ClampedArray<ArrayBuffer>;
  outputs(): Outputs;
  full(): FullOutputs;
}

/** Buckets, order and rank of all tokens, [h, R, n] each, for drawing. */
export interface CpuPlacement {
  buckets: Int32Array;
  order: Int32Array;
  rank: Int32Array;
  timings: Timings;
}

/** Most numbers in the random directions, 32 MiB: they are drawn on the page's own thread. */
const mostDirections = 2 ** 23;

/** Computes with src/algorithm in a worker, so that the page stays responsive. */
export class CpuEngine implements Engine {
  readonly kind = 'cpu';
  readonly name = 'the processor, without WebGPU';
  readonly mostTokens = 512;
  readonly ownClock = true;
  readonly lost = new Promise<never>(() => {});
  /** Placement of the last job; undefined before the first. */
  placement: CpuPlacement | undefined;
  /** The matrix as RGBA: red √weight in full attention, green seen, blue allowed by causality. */
  cells: Uint8ClampedArray<ArrayBuffer> = new Uint8ClampedArray(4);
  private readonly calls = new WorkerCalls<CpuCalls>(
    () => new Worker(new URL('./cpu-worker.ts', import.meta.url), { type: 'module' }),
  );
  private rounds = 0;
  private n = 0;

  check(shape: Shape, settings: Settings): void {
    checkSettings(shape, settings);
    if (shape.n > this.mostTokens) {
      throw new InputError(`n is ${shape.n}; without WebGPU it must be at most ${this.mostTokens}.`);
    }
    const directions = shape.heads * shape.d * settings.rounds * directionCount(settings);
    if (directions > mostDirections) {
      throw new InputError(
        `The random directions have ${directions} numbers; without WebGPU at most ${mostDirections} are allowed.`,
      );
    }
  }

  async compute(job: Job, { signal }: WorkOptions = {}): Promise<Timings> {
    this.check(job.vectors.shape, job.settings);
    const { label: _, ...vectors } = job.vectors;
    this.placement = undefined;
    const placement = await this.calls.call(signal, 'compute', { ...job, vectors });
    this.placement = placement;
    this.rounds = job.settings.rounds;
    this.n = vectors.shape.n;
    return placement.timings;
  }

  bucketSizes(head: number): Promise<Uint32Array[]> {
    return this.calls.call(undefined, 'bucketSizes', head);
  }

  token(head: number, token: number): Promise<TokenNumbers> {
    return this.calls.call(undefined, 'token', head, token);
  }

  async placementOf(head: number, tokens: number[]): Promise<TokenPlacement[]> {
    if (!this.placement) throw new Error('No job has been computed yet.');
    const size = this.rounds * this.n;
    const ofHead = (values: Int32Array) => values.subarray(head * size, (head + 1) * size);
    const { buckets, rank } = this.placement;
    const placement = { n: this.n, buckets: ofHead(buckets), rank: ofHead(rank) };
    return tokens.map((token) => placementOfToken(placement, token));
  }

  async tokenAt(head: number, round: number, position: number): Promise<number> {
    return this.placement?.order[(head * this.rounds + round) * this.n + position] ?? 0;
  }

  /** Aborting ends the worker, and its job with it: the job must be computed again. */
  curve({ signal }: WorkOptions = {}): Promise<{ curve: Curve; timings: Timings }> {
    return this.calls.call(signal, 'curve');
  }

  async matrix(view: MatrixView): Promise<void> {
    this.cells = await this.calls.call(undefined, 'matrix', view);
  }

  outputs(): Promise<Outputs> {
    return this.calls.call(undefined, 'outputs');
  }

  full(): Promise<FullOutputs> {
    return this.calls.call(undefined, 'full');
  }

  createSibling(): CpuEngine {
    return new CpuEngine();
  }

  free(): void {
    this.calls.end(new DOMException('ended', 'AbortError'));
  }

  memory(): undefined {
    return undefined;
  }
}
