import { rotations } from '../../algorithm/hash';
import { median } from '../../algorithm/statistics';
import { turnDirections } from '../../algorithm/turned-directions';
import type { Curve, Engine, Job, Timings } from '../../engine/engine';
import { GpuEngine } from '../../gpu/gpu-engine';
import { makeJob, type UserVectors } from '../../input/job';
import { dialogs } from '../../language/dialogs';
import type { State } from '../../state/schema';
import { applyChange } from '../../state/state';

/** Most tokens over all heads with which a run of many rounds stays quick. */
const mostTokens = { cpu: 256, software: 1024, hardware: 2048 };

/** A time is the median of so many runs. A first run longer than `longRun` milliseconds is the only one. */
const runs = 3;
const longRun = 150;

const presetNames: Record<State['preset'], string> = dialogs.presets;
const inputNames: Record<State['input'], string> = dialogs.inputs;

/** A job that was run, and the milliseconds of its steps. */
export interface TrialResult {
  job: Job;
  timings: Timings;
}

/** Runs variations of one setting on its own engine, so that the page's engine keeps its results. */
export class Trials {
  private readonly engine: Engine;
  /** The setting that is varied, with at most as many tokens as stay quick. */
  readonly state: State;
  private readonly file: UserVectors['file'];

  /** @throws the signal's reason, from the method that runs when the signal is aborted. */
  constructor(
    engine: Engine,
    state: State,
    { file }: UserVectors,
    private readonly signal: AbortSignal,
  ) {
    this.engine = engine.createSibling();
    const most = engine instanceof GpuEngine ? mostTokens[engine.software ? 'software' : 'hardware'] : mostTokens.cpu;
    const n = Math.min(state.n, Math.max(2, Math.floor(most / state.heads)));
    this.state = { ...state, n };
    this.file = file && n < file.n ? firstTokens(file, n) : file;
  }

  get device(): string {
    return this.engine.name;
  }

  /** The setting with a change, as a job. `seed` replaces the seed of the directions only. The vectors stay the same. */
  async job(change: Partial<State>, seed = this.state.seed): Promise<Job> {
    const state = applyChange(this.state, change);
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

  /** Error and captured share of the last run, for 1 … R rounds. */
  async curve(): Promise<Curve> {
    const { curve } = await this.engine.curve({ signal: this.signal });
    this.signal.throwIfAborted();
    return curve;
  }

  /** Median milliseconds of some runs of a job, of one step or of all. The job must have run before, so that its kernels are compiled. */
  async milliseconds(job: Job, step?: string): Promise<number> {
    const times: number[] = [];
    const started = performance.now();
    do {
      const { timings } = await this.runJob(job);
      times.push(step ? (timings.get(step) ?? Number.NaN) : [...timings.values()].reduce((a, b) => a + b, 0));
    } while (times.length < runs && (times.length > 1 || performance.now() - started < longRun));
    return median(times);
  }

  /** Tokens in each bucket in the last run, for all rounds of all heads, [heads · R][B]. */
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

/** The setting that trials measure and their device, in words. `state` is the page's setting, which may have more tokens. */
export function describeSetting(
  { state: { heads, n, d, chunk, preset, input }, device }: Trials,
  state: State,
): string {
  return dialogs.setting({
    heads,
    tokens: n.toLocaleString('en'),
    allTokens: n < state.n ? state.n.toLocaleString('en') : undefined,
    headSize: d,
    chunk,
    preset: presetNames[preset],
    input: inputNames[input],
    device,
  });
}
