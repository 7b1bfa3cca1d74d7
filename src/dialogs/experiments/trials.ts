import { rotations } from '../../algorithm/hash';
import { median } from '../../algorithm/statistics';
import { turnDirections } from '../../algorithm/turned-directions';
import type { Curve, Engine, Job, Timings } from '../../engine/engine';
import { GpuEngine } from '../../gpu/gpu-engine';
import { makeJob, type UserVectors } from '../../input/job';
import type { State } from '../../state/schema';
import { changed } from '../../state/state';

/** Most tokens, of all heads together, with which a run of many rounds stays quick. */
const mostTokens = { core: 256, software: 1024, hardware: 2048 };

/** Runs of which the middle one is the time; where one takes longer than this, in milliseconds, it is the only one. */
const runs = 3;
const longRun = 150;

/** What one run came to. */
export interface TrialResult {
  job: Job;
  timings: Timings;
}

/** Runs variations of one setting, on an engine of its own beside the page's. */
export class Trials {
  private readonly engine: Engine;
  /** The setting that is varied, with no more tokens than stay quick. */
  readonly state: State;
  private readonly file: UserVectors['file'];

  /** @throws the signal's reason from whatever is running when it is aborted. */
  constructor(
    engine: Engine,
    state: State,
    { file }: UserVectors,
    private readonly signal: AbortSignal,
  ) {
    this.engine = engine.createSibling();
    const most = engine instanceof GpuEngine ? mostTokens[engine.software ? 'software' : 'hardware'] : mostTokens.core;
    const n = Math.min(state.n, Math.max(2, Math.floor(most / state.heads)));
    this.state = { ...state, n };
    this.file = file && n < file.n ? firstTokens(file, n) : file;
  }

  get device(): string {
    return this.engine.name;
  }

  /** The varied setting as a job; `seed` is for the directions alone, vectors stay. */
  async job(change: Partial<State>, seed = this.state.seed): Promise<Job> {
    const state = changed(this.state, change);
    const job = await makeJob(state, this.engine, this.file, this.signal);
    if (seed === state.seed) return job;
    const { vectors, settings } = job;
    return {
      vectors,
      settings,
      rotations: turnDirections(rotations(vectors.shape, settings, seed), vectors.shape, state.turn),
    };
  }

  async run(change: Partial<State>): Promise<TrialResult> {
    return this.runJob(await this.job(change));
  }

  async runJob(job: Job): Promise<TrialResult> {
    const timings = await this.engine.compute(job, { signal: this.signal });
    this.signal.throwIfAborted();
    return { job, timings };
  }

  /** Error and captured mass of what was run last, for 1 … R rounds. */
  async curve(): Promise<Curve> {
    const { curve } = await this.engine.curve({ signal: this.signal });
    this.signal.throwIfAborted();
    return curve;
  }

  /** Milliseconds of some runs of a job, the middle one; of one step, or of all. What compiles was to be run before. */
  async milliseconds(job: Job, step?: string): Promise<number> {
    const times: number[] = [];
    const started = performance.now();
    do {
      const { timings } = await this.runJob(job);
      times.push(step ? (timings.get(step) ?? Number.NaN) : [...timings.values()].reduce((a, b) => a + b, 0));
    } while (times.length < runs && (times.length > 1 || performance.now() - started < longRun));
    return median(times);
  }

  /** Tokens in the buckets of all rounds of all heads of what was run last, [heads · R][B]. */
  async sizes(): Promise<Uint32Array[]> {
    const all: Uint32Array[] = [];
    for (let head = 0; head < this.state.heads; head++) all.push(...(await this.engine.bucketSizes(head)));
    this.signal.throwIfAborted();
    return all;
  }

  async outputs() {
    const outputs = await this.engine.outputs();
    this.signal.throwIfAborted();
    return outputs;
  }

  async full() {
    const outputs = await this.engine.full();
    this.signal.throwIfAborted();
    return outputs;
  }

  free(): void {
    this.engine.free();
  }
}

/** The first tokens of every head of a file. */
function firstTokens(file: NonNullable<UserVectors['file']>, n: number): NonNullable<UserVectors['file']> {
  const cut = (rows: Float32Array) => {
    const out = new Float32Array(file.heads * n * file.d);
    for (let head = 0; head < file.heads; head++) {
      const first = head * file.n * file.d;
      out.set(rows.subarray(first, first + n * file.d), head * n * file.d);
    }
    return out;
  };
  return { ...file, n, qk: cut(file.qk), ...(file.v && { v: cut(file.v) }) };
}

/** What was used, in words. */
export function usedWords({ heads, n, d, chunk, preset, input }: State, asked: State): string {
  const cut = n < asked.n ? `, of ${asked.n.toLocaleString('en')} to stay quick` : '';
  const headWords = heads > 1 ? `${heads} heads, ` : '';
  const vectors = { twins: 'twins', sphere: 'points on a sphere', duplication: 'duplication task', own: 'your file' };
  return `${headWords}${n.toLocaleString('en')} tokens${cut}, d ${d}, chunk ${chunk}, preset ${preset}, ${vectors[input]}`;
}
