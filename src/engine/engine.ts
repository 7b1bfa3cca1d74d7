/** The interface that the GPU engine and the CPU engine implement. */

import type { CurvePoint } from '../algorithm/fidelity';
import type { Vectors } from '../algorithm/inputs';
import type { TokenPlacement } from '../algorithm/missed-pairs';
import type { Settings, Shape } from '../algorithm/settings';
import type { TokenNumbers } from '../algorithm/token-report';

/** One attention to compute: vectors, settings, and directions [heads, d, rounds, ΣB_f/2]. */
export interface Job {
  vectors: Vectors;
  settings: Settings;
  rotations: Float32Array;
}

export interface WorkOptions {
  signal?: AbortSignal | undefined;
  /** Receives the share of the work that is done, 0 to 1. */
  onProgress?: ((done: number) => void) | undefined;
}

/** Milliseconds of each step, in the order of computation. */
export type Timings = Map<string, number>;

/** The part of the matrix to draw: `count` rows and columns from `start` on. */
export interface MatrixView {
  head: number;
  start: number;
  count: number;
  /** Tokens or sorted positions in each row and column. Above 1, a cell counts the pairs that met. */
  each: number;
  /** Round whose sorted order the rows and columns follow; undefined for token order. */
  sortedBy: number | undefined;
  /** Round whose pairs are shown; undefined for the pairs of all rounds. */
  onlyRound: number | undefined;
}

/** The part of the loom to draw: `span` tokens from `start` on, and `span` sorted positions from `first` on. */
export interface Stretch {
  start: number;
  first: number;
  span: number;
}

/** Error, captured and lost mass for 1 … R rounds, and the number of queries of each head behind them. */
export interface Curve {
  points: CurvePoint[];
  queries: number;
}

/** A job's outputs: out [h, n, d], and the token at each sorted position, order [h, R, n]. */
export interface Outputs {
  out: ArrayLike<number>;
  order: ArrayLike<number>;
}

/** Outputs of full attention: out [h, n, d], and the log-sum-exp of each query's scores, lse [h, n]. */
export interface FullOutputs {
  out: ArrayLike<number>;
  lse: ArrayLike<number>;
}

/** Computes LSH attention on the GPU, or on the CPU in a worker. Calls run in order; all but `compute` refer to the last computed job. */
export interface Engine {
  readonly kind: 'gpu' | 'cpu';
  /** Name of the device, for display. */
  readonly name: string;
  /** Most tokens of one head. */
  readonly mostTokens: number;
  /** True if the device's clock times the steps; false if they are timed from outside. */
  readonly ownClock: boolean;
  /** Resolves when the engine's device is lost for a reason outside the page. */
  readonly lost: Promise<unknown>;
  /** @throws InputError in one sentence for a job that is out of range or too large for the engine's memory. */
  check(shape: Shape, settings: Settings): void;
  /** Computes a job; the previous one is gone as soon as this is called. @throws InputError as `check`; the signal's reason. */
  compute(job: Job, options?: WorkOptions): Promise<Timings>;
  /** Tokens in each bucket, [R, B]. */
  bucketSizes(head: number): Promise<Uint32Array[]>;
  token(head: number, token: number): Promise<TokenNumbers>;
  /** Buckets and ranks of some tokens in every round, in the order of `tokens`. */
  placementOf(head: number, tokens: number[]): Promise<TokenPlacement[]>;
  /** The token at a sorted position. */
  tokenAt(head: number, round: number, position: number): Promise<number>;
  /** Compares 1 … R rounds with full attention, and times full attention. */
  curve(options?: WorkOptions): Promise<{ curve: Curve; timings: Timings }>;
  /** Computes the cells of the matrix for drawing. */
  matrix(view: MatrixView): Promise<void>;
  /** Computes what the loom draws of a stretch too long to show single tokens. Engines without such lengths have none. */
  flows?(head: number, stretch: Stretch): Promise<void>;
  /** Reads back the last job's outputs. */
  outputs(): Promise<Outputs>;
  /** Full attention of the last job's vectors. @throws Error when there are too many tokens to compute it for all queries. */
  full(): Promise<FullOutputs>;
  /** Another engine on the same device with its own memory. It does not change this engine's results. */
  createSibling(): Engine;
  /** Frees all memory. The engine cannot be used afterwards. */
  free(): void;
  /** Bytes of tensors now (`live`) and at most since the start (`peak`). */
  memory(): { live: number; peak: number } | undefined;
}
