import type { Timings, WorkOptions } from '../../engine/engine';
import { withFirefoxPoll } from './firefox-poll';
import type { Ledger } from './ledger';

/** One dispatch, ready to be encoded. */
export interface BoundDispatch {
  /** The step it belongs to, under whose name it is timed. */
  step: string;
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  groups: [number, number, number];
  /** Floating-point operations, roughly: what a submit is cut by. */
  cost: number;
}

/** A submit this long keeps a page answering, and is far from the two seconds after which an operating system resets a GPU. */
const submitMilliseconds = 50;
/** Operations of the first submit, before the device's speed is known. */
const firstCost = 2e8;
/** Passes of one submit that are timed; those after them take no time. */
export const timedPasses = 128;

/** A query set and the way its ticks come back. */
interface Clock {
  set: GPUQuerySet;
  ticks: GPUBuffer;
  copy: GPUBuffer;
}

export interface RunOptions extends WorkOptions {
  /** Whether steps are timed, which takes a submit for each where the device has no clock. Otherwise they take no time. */
  timed?: boolean;
}

/** Hands work to a device in submits of about 50 ms, two in flight, and times its steps. */
export class Queue {
  /** Operations per millisecond, learnt from the submits so far. */
  private speed = firstCost / submitMilliseconds;
  private known = false;
  private clocks: Clock[] = [];
  private tail: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly ledger: Ledger,
    /** Steps are timed by the device; otherwise from outside, each submit holding one step only. */
    readonly timestamps: boolean,
  ) {}

  private get device(): GPUDevice {
    return this.ledger.device;
  }

  /**
   * Runs the dispatches in order and resolves when they are done. Runs do not overlap.
   * @throws the signal's reason, between two submits; Error with the device's words if it refuses the work.
   */
  run(work: BoundDispatch[], options: RunOptions = {}): Promise<Timings> {
    const result = this.tail.then(() => this.runNow(work, options));
    this.tail = result.catch(() => {});
    return result;
  }

  /** Hands over short work and does not wait: what is read afterwards comes after it. Later work says if the device refused. */
  enqueue(work: BoundDispatch[]): void {
    this.ledger.watched(() => {
      const encoder = this.device.createCommandEncoder();
      encodePasses(encoder, work, () => undefined);
      this.device.queue.submit([encoder.finish()]);
    });
  }

  /** One workgroup of each kernel: some drivers compile only then. What that computes is to be overwritten. */
  async warmUp(work: BoundDispatch[]): Promise<void> {
    const ofEach = new Map(work.map((dispatch) => [dispatch.pipeline, dispatch]));
    await this.run([...ofEach.values()].map((dispatch) => ({ ...dispatch, groups: [1, 1, 1], cost: 0 })));
  }

  private async runNow(work: BoundDispatch[], { signal, onProgress, timed = true }: RunOptions): Promise<Timings> {
    const timings: Timings = new Map(work.map(({ step }) => [step, 0]));
    const total = work.reduce((sum, { cost }) => sum + cost, 0);
    const inFlight: Promise<void>[] = [];
    let done = 0;
    for (let next = 0; next < work.length; ) {
      if (signal?.aborted) break;
      const batch = this.nextBatch(work, next, timed);
      next += batch.length;
      const cost = batch.reduce((sum, dispatch) => sum + dispatch.cost, 0);
      const finished = this.submit(batch, timings, timed).then((milliseconds) => {
        this.learn(cost, milliseconds);
        done += cost;
        onProgress?.(done / total);
      });
      // Whoever awaits it hears of an error; this only says that somebody will.
      finished.catch(() => {});
      inFlight.push(finished);
      // With a second submit in flight the device never waits for this thread.
      if (inFlight.length > (this.timestamps || !timed ? 1 : 0)) await inFlight.shift();
    }
    await Promise.all(inFlight);
    signal?.throwIfAborted();
    return timings;
  }

  /** Operations of the largest single dispatch: as much as a submit, by what is known of the device. */
  get dispatchCost(): number {
    return Math.max(firstCost / 8, this.speed * submitMilliseconds);
  }

  /** Gives back its buffers. */
  free(): void {
    for (const { set, ticks, copy } of this.clocks.splice(0)) {
      set.destroy();
      for (const buffer of [ticks, copy]) if (this.ledger.has(buffer)) this.ledger.destroy(buffer);
    }
  }

  /** Whether some work took long enough to tell how fast the device is. */
  get calibrated(): boolean {
    return this.known;
  }

  /** Short work is mostly waiting, and says at least how fast the device is. */
  private learn(cost: number, milliseconds: number): void {
    // NaN: there were more passes than the clock has room for.
    if (!(milliseconds >= 0.2) || cost === 0) return;
    const seen = cost / milliseconds;
    this.known ||= milliseconds > 2;
    this.speed = cost >= firstCost / 4 ? (this.speed + seen) / 2 : Math.max(this.speed, seen);
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
   * Encodes neighbouring dispatches of one step as one pass, submits, and resolves to the milliseconds it took when the device is
   * done. @throws Error with the device's words if it refuses.
   */
  private async submit(work: BoundDispatch[], timings: Timings, isTimed: boolean): Promise<number> {
    this.device.pushErrorScope('validation');
    const encoder = this.device.createCommandEncoder();
    const clock = isTimed && this.timestamps ? this.idleClock() : undefined;
    const timed: string[] = [];
    let isFull = false;
    encodePasses(encoder, work, (step) => {
      if (!clock) return undefined;
      isFull = timed.length === timedPasses;
      if (isFull) return undefined;
      const first = 2 * timed.push(step) - 2;
      return { querySet: clock.set, beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 };
    });
    let sum = 0;
    const add = (step: string, milliseconds: number) => {
      timings.set(step, (timings.get(step) ?? 0) + milliseconds);
      sum += milliseconds;
    };
    const started = performance.now();
    if (!clock) {
      this.device.queue.submit([encoder.finish()]);
      await this.throwRefusal();
      await withFirefoxPoll(this.device, this.device.queue.onSubmittedWorkDone());
      this.ledger.checkDevice();
      const milliseconds = performance.now() - started;
      if (isTimed) add(work[0].step, milliseconds);
      return milliseconds;
    }
    encoder.resolveQuerySet(clock.set, 0, 2 * timed.length, clock.ticks, 0);
    encoder.copyBufferToBuffer(clock.ticks, 0, clock.copy, 0, 16 * timed.length);
    this.device.queue.submit([encoder.finish()]);
    const refusal = this.throwRefusal();
    const mapped = this.ledger.watched(() => clock.copy.mapAsync(GPUMapMode.READ));
    await withFirefoxPoll(this.device, Promise.all([refusal, mapped]));
    const ticks = new BigInt64Array(clock.copy.getMappedRange(0, 16 * timed.length));
    timed.forEach((step, pass) => {
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

/** Neighbouring dispatches of one step as one pass, which the device's clock may be told to time. */
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
