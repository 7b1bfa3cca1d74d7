import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { Ledger } from '../../src/gpu/runtime/ledger';
import { type BoundDispatch, Queue, timedPasses } from '../../src/gpu/runtime/queue';
import { testContext } from './context';

const context = await testContext();
const { device } = context;
const ledger = new Ledger(device);

/** Most dispatches of a test. */
const most = 2 * timedPasses + 8;

/** Notes the number of each dispatch that runs, after `turns` turns of a loop. */
const code = (workgroup: number) => `
  struct Params { number: u32, turns: u32 }
  struct Log { count: atomic<u32>, spin: f32, numbers: array<u32> }
  @group(0) @binding(0) var<uniform> p: Params;
  @group(0) @binding(1) var<storage, read_write> log: Log;
  @compute @workgroup_size(${workgroup})
  fn main(@builtin(local_invocation_index) thread: u32) {
    if (thread > 0u) { return; }
    var spin = 1.0;
    for (var k = 0u; k < p.turns; k++) { spin = sin(spin + f32(p.number)); }
    log.spin = spin;
    log.numbers[atomicAdd(&log.count, 1u)] = p.number;
  }`;

const pipelines = await Promise.all(
  [1, 2].map((workgroup) =>
    device.createComputePipelineAsync({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code: code(workgroup) }) },
    }),
  ),
);
const log = ledger.buffer(
  'log',
  8 + 4 * most,
  GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
);
const params = ledger.buffer('params', 256 * most, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
const queues: Queue[] = [];
afterAll(() => {
  for (const queue of queues) queue.free();
  for (const buffer of [log, params]) ledger.destroy(buffer);
  if (ledger.live !== 0) throw new Error(`${ledger.live} bytes were left over`);
});
beforeEach(() => device.queue.writeBuffer(log, 0, new Uint32Array(2 + most)));

/** A queue that has not yet measured the speed of the device. */
function newQueue(timestamps: boolean): Queue {
  const queue = new Queue(ledger, timestamps);
  queues.push(queue);
  return queue;
}

/** Operations that a new queue puts into one submit. */
const firstSubmit = newQueue(false).dispatchCost;

interface Options {
  step?: string;
  /** Share of the operations of a first submit. */
  share?: number;
  turns?: number;
  pipeline?: number;
}

/** A dispatch that notes its number. */
function dispatch(number: number, { step = 'step', share = 0, turns = 0, pipeline = 0 }: Options = {}): BoundDispatch {
  device.queue.writeBuffer(params, 256 * number, new Uint32Array([number, turns]));
  return {
    step,
    pipeline: pipelines[pipeline],
    bindGroup: device.createBindGroup({
      layout: pipelines[pipeline].getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: params, offset: 256 * number, size: 8 } },
        { binding: 1, resource: { buffer: log } },
      ],
    }),
    groups: [1, 1, 1],
    cost: share * firstSubmit,
  };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/** Numbers of the dispatches that ran, in order. */
async function ran(): Promise<number[]> {
  const [count, , ...numbers] = new Uint32Array(await context.readBuffer(log, 8 + 4 * most));
  return numbers.slice(0, count);
}

describe.each(context.queue.timestamps ? [true, false] : [false])(
  'a queue (with the clock of the device: %s)',
  (timestamps) => {
    test('runs dispatches in order, after all earlier runs and enqueued work', async () => {
      const queue = newQueue(timestamps);
      const all = upTo(12).map((number) => dispatch(number, { step: `step ${number % 5}`, share: 0.3 }));
      queue.enqueue(all.slice(0, 2));
      await Promise.all([queue.run(all.slice(2, 9)), queue.run(all.slice(9))]);
      expect(await ran()).toEqual(upTo(12));
    });

    test('cuts work into submits by cost: a new queue fills one, and a larger dispatch has its own', async () => {
      // With two submits in flight, both are cut before the queue learns the speed of the device.
      const progressOf = async (shares: number[]) => {
        const done: number[] = [];
        const work = shares.map((share, number) => dispatch(number, { share }));
        await newQueue(timestamps).run(work, { timed: timestamps, onProgress: (share) => done.push(share) });
        return done.slice(0, 2);
      };
      expect(await progressOf([0.25, 0.5, 0.25, 0.5, 0.5, 2])).toEqual([0.25, 0.5]);
      expect(await progressOf([0.5, 3, 0.5])).toEqual([0.125, 0.875]);
      expect(await progressOf([0.25, 0.25])).toEqual([1]);
    });

    test('reports progress after each submit, up to 1', async () => {
      const done: number[] = [];
      await newQueue(timestamps).run(
        upTo(9).map((number) => dispatch(number, { share: 1 })),
        { onProgress: (share) => done.push(share) },
      );
      expect(done.length).toBeGreaterThan(1);
      expect(done).toEqual([...new Set(done)].sort((a, b) => a - b));
      expect(done[0]).toBeGreaterThan(0);
      expect(done.at(-1)).toBe(1);
    });

    test('stops between two submits when aborted, throws the reason, and runs later work', async () => {
      const queue = newQueue(timestamps);
      const stop = new AbortController();
      const work = upTo(8).map((number) => dispatch(number, { share: 1 }));
      const run = queue.run(work, {
        timed: timestamps,
        signal: stop.signal,
        onProgress: () => stop.abort(new Error('enough')),
      });
      await expect(run).rejects.toThrow('enough');
      // One submit was done and the second in flight when the first progress was reported.
      expect(await ran()).toEqual([0, 1]);
      await expect(queue.run(work.slice(2), { signal: stop.signal })).rejects.toThrow('enough');
      await queue.run([dispatch(9)]);
      expect(await ran()).toEqual([0, 1, 9]);
    });

    test('times each step, in the order of the steps, and none when asked not to', async () => {
      const queue = newQueue(timestamps);
      const work = ['short', 'long', 'short', 'idle'].map((step, number) =>
        dispatch(number, { step, turns: step === 'long' ? 1e6 : 1 }),
      );
      await queue.warmUp(work);
      // The least of three runs: a busy machine delays some.
      const least = new Map<string, number>();
      for (let run = 0; run < 3; run++) {
        const start = performance.now();
        const timings = await queue.run(work);
        const elapsed = performance.now() - start;
        expect([...timings.keys()]).toEqual(['short', 'long', 'idle']);
        for (const [step, milliseconds] of timings) {
          expect(milliseconds).toBeGreaterThanOrEqual(0);
          expect(milliseconds).toBeLessThanOrEqual(elapsed);
          least.set(step, Math.min(least.get(step) ?? milliseconds, milliseconds));
        }
      }
      const [short, long, idle] = least.values();
      expect(long).toBeGreaterThan(short);
      expect(long).toBeGreaterThan(idle);
      expect([...(await queue.run(work, { timed: false }))]).toEqual([
        ['short', 0],
        ['long', 0],
        ['idle', 0],
      ]);
    });

    test('runs more passes in one submit than it times', async () => {
      const queue = newQueue(timestamps);
      const count = timedPasses + 4;
      const timings = await queue.run(upTo(count).map((number) => dispatch(number, { step: `step ${number}` })));
      expect(timings.size).toBe(count);
      expect(await ran()).toEqual(upTo(count));
      if (timestamps) expect([...timings.values()].slice(timedPasses)).toEqual([0, 0, 0, 0]);
    });

    test('rejects work that the device refuses with its message, and runs later work', async () => {
      const queue = newQueue(timestamps);
      const tooMany = device.limits.maxComputeWorkgroupsPerDimension + 1;
      await expect(queue.run([{ ...dispatch(0), groups: [tooMany, 1, 1] }])).rejects.toThrow(String(tooMany));
      expect(await ran()).toEqual([]);
      await queue.run([dispatch(1)]);
      expect(await ran()).toEqual([1]);
    });

    test('warms up with one workgroup of each kernel', async () => {
      const work = [0, 1, 0, 1, 1].map((pipeline, number) => ({
        ...dispatch(number, { pipeline }),
        groups: [3, 1, 1] as [number, number, number],
      }));
      await newQueue(timestamps).warmUp(work);
      const numbers = await ran();
      expect(numbers.map((number) => number === 0 || number === 2)).toEqual([true, false]);
    });
  },
);

test('without the clock of the device, each timed submit holds one step', async () => {
  const work = ['a', 'a', 'b', 'a'].map((step, number) => dispatch(number, { step, share: 0.01 }));
  const submits = async (timed: boolean) => {
    const done: number[] = [];
    await newQueue(false).run(work, { timed, onProgress: (share) => done.push(share) });
    return done;
  };
  expect(await submits(true)).toEqual([0.5, 0.75, 1].map((share) => expect.closeTo(share, 9)));
  expect(await submits(false)).toEqual([1]);
});
