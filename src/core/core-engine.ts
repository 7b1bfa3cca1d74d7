import type { Curve, Engine, Job, MatrixView, Timings, WorkOptions } from './engine';
import { InputError } from './errors';
import type { TokenNumbers } from './readout';

/** What the worker computes, by name; the worker implements it, the page calls it through messages. */
export interface CoreCalls {
  compute(job: Omit<Job, 'vectors'> & { vectors: Omit<Job['vectors'], 'label'> }): CorePlaces;
  bucketSizes(head: number): Uint32Array[];
  token(head: number, token: number): TokenNumbers;
  curve(): { curve: Curve; timings: Timings };
  matrix(view: MatrixView): Uint8ClampedArray<ArrayBuffer>;
}

/** Where the tokens went, for drawing: each [h, R, n]. */
export interface CorePlaces {
  buckets: Int32Array;
  order: Int32Array;
  rank: Int32Array;
  timings: Timings;
}

export interface Answer {
  id: number;
  value?: unknown;
  /** Message of an error, and whether it is an InputError. */
  error?: string;
  input?: boolean;
}

/** The engine without a GPU: the core, in a worker so that the page goes on answering. */
export class CoreEngine implements Engine {
  readonly kind = 'core';
  readonly name = 'the processor';
  readonly mostTokens = 512;
  readonly ownClock = true;
  readonly lost = new Promise<never>(() => {});
  /** What the last job gave; undefined before. */
  places: CorePlaces | undefined;
  /** The matrix as RGBA: red √weight in full attention, green seen, blue allowed by causality. */
  cells: Uint8ClampedArray<ArrayBuffer> = new Uint8ClampedArray(4);
  private readonly worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  private readonly waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  private nextId = 0;
  private rounds = 0;
  private n = 0;

  constructor() {
    this.worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const call = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if (data.error === undefined) call?.resolve(data.value as never);
      else call?.reject(data.input ? new InputError(data.error) : new Error(data.error));
    };
  }

  async compute(job: Job, { signal }: WorkOptions = {}): Promise<Timings> {
    const { n } = job.vectors.shape;
    if (n > this.mostTokens) {
      throw new InputError(`${n} tokens were asked for; without WebGPU at most ${this.mostTokens} are computed.`);
    }
    const { label: _, ...vectors } = job.vectors;
    const places = await this.call('compute', { ...job, vectors });
    signal?.throwIfAborted();
    this.places = places;
    this.rounds = job.settings.rounds;
    this.n = n;
    return places.timings;
  }

  bucketSizes(head: number): Promise<Uint32Array[]> {
    return this.call('bucketSizes', head);
  }

  token(head: number, token: number): Promise<TokenNumbers> {
    return this.call('token', head, token);
  }

  async tokenAt(head: number, round: number, position: number): Promise<number> {
    return this.places?.order[(head * this.rounds + round) * this.n + position] ?? 0;
  }

  async curve({ signal }: WorkOptions = {}): Promise<{ curve: Curve; timings: Timings }> {
    const answer = await this.call('curve');
    signal?.throwIfAborted();
    return answer;
  }

  async matrix(view: MatrixView): Promise<void> {
    this.cells = await this.call('matrix', view);
  }

  memory(): undefined {
    return undefined;
  }

  destroy(): void {
    this.worker.terminate();
  }

  private call<M extends keyof CoreCalls>(
    method: M,
    ...args: Parameters<CoreCalls[M]>
  ): Promise<ReturnType<CoreCalls[M]>> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, method, args });
    });
  }
}
