import type { Timings, WorkOptions } from '../../engine/engine';
import { withFirefoxPoll } from './firefox-poll';
import type { Ledger } from './ledger';

/** One dispatch, ready to encode. */
export interface BoundDispatch {
  /** The step it belongs to; steps are timed by name. */
  step: string;
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  groups: [number, number, number];
  /** Approximate number of operations. Submits are cut by their cost. */
  cost: number;
}

/**
 * Target length of a submit: short enough that a page responds, and far below the two seconds after which an operating system resets a
 * GPU.
 */
const submitMilliseconds = 50;
/** Operations of the first submit, before the speed of the device is known. */
const firstCost = 2e8;
/** Most passes of one submit that are timed. Later passes count as taking no time. */
export const timedPasses = 128;

/** A set of timestamp queries and the buffers that bring its ticks back. */
interface Clock {
  set: GPUQuerySet;
  ticks: GPUBuffer;
  copy: GPUBuffer;
}

export interface RunOptions extends WorkOptions {
  /** True (the default) times the steps; a device without a clock then gets a submit for each step. Otherwise all timings are 0. */
  timed?: boolean;
}

/** Submits work to a device in pieces of about 50 ms, two of them in flight, and times its steps. */
export class Queue {
  /** Operations per millisecond, estimated from the submits so far. */
  private speed = firstCost / submitMilliseconds;
  private isCalibrated = false;
  private clocks: Clock[] = [];
  private tail: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly ledger: Ledger,
    /** True if the device times the steps; otherwise they are timed from outside, and each submit holds one step. */
    readonly timestamps: boolean,
  ) {}

  private get device(): GPUDevice {
    return this.ledger.device;
  }

  /**
   * Runs the dispatches in order, after all earlier runs, and resolves when they are done to the milliseconds of each step.
   * @throws the signal's reason, between two submits; Error with the device's message if it refuses the work
   */
  run(work: BoundDispatch[], options: RunOptions = {}): Promise<Timings> {
    const result = this.tail.then(() => this.runNow(work, options));
    this.tail = result.catch(() => {});
    return result;
  }

  /** Submits short work without waiting; reads that follow come after it. If the device refuses it, the next check of the ledger throws. */
  enqueue(work: BoundDispatch[]): void {
    this.ledger.watched(() => {
      const encoder = this.device.createCommandEncoder();
      encodePasses(encoder, work, () => undefined);
      this.device.queue.submit([encoder.finish()]);
    });
  }

  /** Runs one workgroup of each kernel, because some drivers compile a kernel on its first use. The results must be overwritten later. */
  async warmUp(work: BoundDispatch[]): Promise<void> {
    const byPipeline = new Map(work.map((dispatch) => [dispatch.pipeline, dispatch]));
    await this.run([...byPipeline.values()].map((dispatch) => ({ ...dispatch, groups: [1, 1, 1], cost: 0 })));
  }

  private async runNow(work: BoundDispatch[], { signal, onProgress, timed = true }: RunOptions): Promise<Timings> {
    const timings: Timings = new Map(work.map(({ step }) => [step, 0]));
    const total = work.reduce((sum, { cost }) => sum + cost, 0);
    const inFlight: Promise<void>[] = [];
    let finishedCost = 0;
    for (let next = 0; next < work.length; ) {
      if (signal?.aborted) break;
      const batch = this.nextBatch(work, next, timed);
      next += batch.length;
      const cost = batch.reduce((sum, dispatch) => sum + dispatch.cost, 0);
      const finished = this.submit(batch, timings, timed).then((milliseconds) => {
        this.learn(cost, milliseconds);
        finishedCost += cost;
        onProgress?.(finishedCost / total);
      });
      // The await below throws its error; this only marks the rejection as handled.
      finished.catch(() => {});
      inFlight.push(finished);
      // With a second submit in flight the device never waits for this thread.
      if (inFlight.length > (this.timestamps || !timed ? 1 : 0)) await inFlight.shift();
    }
    await Promise.all(inFlight);
    signal?.throwIfAborted();
    return timings;
  }

  /** Operations of the largest dispatch: about one submit, at the estimated speed of the device. */
  get dispatchCost(): number {
    return Math.max(firstCost / 8, this.speed * submitMilliseconds);
  }

  /** Destroys the buffers of the clocks. */
  free(): void {
    for (const { set, ticks, copy } of this.clocks.splice(0)) {
      set.destroy();
      for (const buffer of [ticks, copy]) if (this.ledger.has(buffer)) this.ledger.destroy(buffer);
    }
  }

  /** True once some work took long enough (2 ms) to estimate the speed of the device. */
  get calibrated(): boolean {
    return this.isCalibrated;
  }

  /** Updates the estimated speed. Short work is mostly waiting, so it gives a lower bound only. */
  private learn(cost: number, milliseconds: number): void {
    // NaN means that the submit had more passes than the clock times.
    if (!(milliseconds >= 0.2) || cost === 0) return;
    const measuredSpeed = cost / milliseconds;
    this.isCalibrated ||= milliseconds > 2;
    this.speed = cost >= firstCost / 4 ? (this.speed + measuredSpeed) / 2 : Math.max(this.speed, measuredSpeed);
  }

  private nextBatch(work: BoundDispatch[], first: number, timed: boolean): BoundDispatch[] {
    let end = first;
    let cost = 0;
    while (end < work.length) {
      if (end > first && cost + work[end].cost > this.speed * submitMilliseconds) break;
      if (end > first && timed && !this.timestamps && work[end].step !== work[first].step) break;
      cost += work[end++].cost;
    }
    return work.slice(first, end);
  }

  /**
   * Encodes and submits the work, adds to the timings, and resolves to its milliseconds when the device is done.
   * @throws Error with the device's message if it refuses the work
   */
  private async submit(work: BoundDispatch[], timings: Timings, isTimed: boolean): Promise<number> {
    this.device.pushErrorScope('validation');
    const encoder = this.device.createCommandEncoder();
    const clock = isTimed && this.timestamps ? this.idleClock() : undefined;
    const timedSteps: string[] = [];
    let isFull = false;
    encodePasses(encoder, work, (step) => {
      if (!clock) return undefined;
      isFull = timedSteps.length === timedPasses;
      if (isFull) return undefined;
      const first = 2 * timedSteps.push(step) - 2;
      return { querySet: clock.set, beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 };
    });
    let sum = 0;
    const add = (step: string, milliseconds: number) => {
      timings.set(step, (timings.get(step) ?? 0) + milliseconds);
      sum += milliseconds;
    };
    const start = performance.now();
    if (!clock) {
      this.device.queue.submit([encoder.finish()]);
      await this.throwRefusal();
      await withFirefoxPoll(this.device, this.device.queue.onSubmittedWorkDone());
      this.ledger.checkDevice();
      const milliseconds = performance.now() - start;
      if (isTimed) add(work[0].step, milliseconds);
      return milliseconds;
    }
    encoder.resolveQuerySet(clock.set, 0, 2 * timedSteps.length, clock.ticks, 0);
    encoder.copyBufferToBuffer(clock.ticks, 0, clock.copy, 0, 16 * timedSteps.length);
    this.device.queue.submit([encoder.finish()]);
    const refusal = this.throwRefusal();
    const mapped = this.ledger.watched(() => clock.copy.mapAsync(GPUMapMode.READ));
    await withFirefoxPoll(this.device, Promise.all([refusal, mapped]));
    const ticks = new BigInt64Array(clock.copy.getMappedRange(0, 16 * timedSteps.length));
    timedSteps.forEach((step, pass) => {
      add(step, Math.max(0, Number(ticks[2 * pass + 1] - ticks[2 * pass]) / 1e6));
    });
    clock.copy.unmap();
    return isFull ? Number.NaN : sum;
  }

  private async throwRefusal(): Promise<void> {
    const error = await this.device.popErrorScope();
    await this.ledger.check();
    if (error) throw new Error(error.message);
  }

  private idleClock(): Clock {
    this.clocks = this.clocks.filter(({ ticks, copy }) => this.ledger.has(ticks) && this.ledger.has(copy));
    let clock = this.clocks.find(({ copy }) => copy.mapState === 'unmapped');
    if (!clock) {
      const count = 2 * timedPasses;
      clock = {
        set: this.device.createQuerySet({ type: 'timestamp', count }),
        ticks: this.ledger.buffer('clock ticks', 8 * count, GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC),
        copy: this.ledger.buffer('clock copy', 8 * count, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ),
      };
      this.clocks.push(clock);
    }
    return clock;
  }
}

/**
 * Encodes neighbouring dispatches of one step as one pass. `timestamps` says where the device writes the ticks of a pass, if it times it.
 */
function encodePasses(
  encoder: GPUCommandEncoder,
  work: BoundDispatch[],
  timestamps: (step: string) => GPUComputePassTimestampWrites | undefined,
): void {
  for (let i = 0; i < work.length; ) {
    const { step } = work[i];
    const timestampWrites = timestamps(step);
    const pass = encoder.beginComputePass({ label: step, ...(timestampWrites && { timestampWrites }) });
    for (; i < work.length && work[i].step === step; i++) {
      pass.setPipeline(work[i].pipeline);
      pass.setBindGroup(0, work[i].bindGroup);
      pass.dispatchWorkgroups(...work[i].groups);
    }
    pass.end();
  }
}
