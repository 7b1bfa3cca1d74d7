import type { CurvePoint } from '../algorithm/fidelity';
import type { Vectors } from '../algorithm/inputs';
import type { TokenPlacement } from '../algorithm/missed-pairs';
import type { Settings, Shape } from '../algorithm/settings';
import type { TokenNumbers } from '../algorithm/token-report';

/** What is computed: vectors, how, and with which directions [heads, d, rounds, ΣB_f/2]. */
export interface Job {
  vectors: Vectors;
  settings: Settings;
  rotations: Float32Array;
}

export interface WorkOptions {
  signal?: AbortSignal | undefined;
  /** Share of the work that is done, 0 to 1. */
  onProgress?: ((done: number) => void) | undefined;
}

/** Milliseconds of each step, in the order of the work. */
export type Timings = Map<string, number>;

/** The rows and columns of the matrix that is shown: a square of pairs from `start` on. */
export interface MatrixView {
  head: number;
  start: number;
  count: number;
  /** Tokens, or sorted positions, that a row or column stands for: 1, or more from far away, where a cell says how many pairs met. */
  each: number;
  /** Rows and columns are sorted positions of this round. */
  sortedBy: number | undefined;
  /** Only pairs seen in this round, not in any. */
  onlyRound: number | undefined;
}

/** The stretch of the loom that is shown: as many tokens, from `start` on, as sorted positions, from `first` on. */
export interface Stretch {
  start: number;
  first: number;
  span: number;
}

/** Error, captured and lost mass for 1 … R rounds, and over how many queries of each head they were measured. */
export interface Curve {
  points: CurvePoint[];
  queries: number;
}

/** What a job came to: out [h, n, d], and the token at each sorted position, [h, R, n]. */
export interface Outputs {
  out: ArrayLike<number>;
  order: ArrayLike<number>;
}

/** What full attention comes to: out [h, n, d], and the log-sum-exp of each query's scores, [h, n]. */
export interface FullOutputs {
  out: ArrayLike<number>;
  lse: ArrayLike<number>;
}

/** What computes: a GPU, or the core in a worker. Calls follow one another; all but `compute` are about the last job computed. */
export interface Engine {
  readonly kind: 'gpu' | 'cpu';
  /** The device, for people. */
  readonly name: string;
  /** Most tokens of one head that it takes. */
  readonly mostTokens: number;
  /** Whether steps are timed by the device's own clock, or from outside. */
  readonly ownClock: boolean;
  /** Resolves when it can no longer compute through no fault of the page's. */
  readonly lost: Promise<unknown>;
  /** @throws InputError in one sentence if it cannot compute that: out of range, or too large for its memory. */
  check(shape: Shape, settings: Settings): void;
  /** What was computed before is gone as soon as this is called. @throws InputError as `check`; the signal's reason. */
  compute(job: Job, options?: WorkOptions): Promise<Timings>;
  /** Tokens in each bucket, [R, B]. */
  bucketSizes(head: number): Promise<Uint32Array[]>;
  token(head: number, token: number): Promise<TokenNumbers>;
  /** Where some tokens went in every round, in the order asked for. */
  placementOf(head: number, tokens: number[]): Promise<TokenPlacement[]>;
  /** The token at a sorted position. */
  tokenAt(head: number, round: number, position: number): Promise<number>;
  /** Error, captured and lost mass against full attention; times full attention too. */
  curve(options?: WorkOptions): Promise<{ curve: Curve; timings: Timings }>;
  /** Computes the matrix for drawing. */
  matrix(view: MatrixView): Promise<void>;
  /** Computes what the loom shows of a stretch too long to tell tokens apart; undefined where there is no such length. */
  flows?(head: number, stretch: Stretch): Promise<void>;
  /** Reads back what the last job came to. */
  outputs(): Promise<Outputs>;
  /** Full attention of the last job's vectors. @throws Error where tokens are so many that it is computed for some of them only. */
  full(): Promise<FullOutputs>;
  /** Another engine on the same device, with memory of its own: what it computes leaves this one as it is. */
  createSibling(): Engine;
  /** Gives back all that it holds; it cannot be used any more. */
  free(): void;
  /** Bytes of tensors that exist now and at most since the start. */
  memory(): { live: number; peak: number } | undefined;
}
