import { SpeedChart, type SpeedRow } from '../charts/speed';
import type { Engine } from '../engine/engine';
import { benchVectors, measureFull, measureLsh } from '../gpu/bench';
import { GpuEngine } from '../gpu/gpu-engine';
import { Context } from '../gpu/runtime/context';
import { VectorMaker } from '../input/vectors';

const roundCounts = [1, 4, 8];
const largest = 2 ** 20;

/** No run is begun that is expected to take longer than this: on a processor that plays a GPU, and on a GPU. In milliseconds. */
const longest = { software: 1000, hardware: 1000 };

/** The dialog that times LSH attention and full attention at growing lengths on the viewer's own device. */
export class Benchmark {
  private readonly dialog = document.querySelector('#measure') as HTMLDialogElement;
  private readonly chart: SpeedChart;
  private abort = new AbortController();

  constructor() {
    const part = (selector: string) => this.dialog.querySelector(selector) as HTMLElement;
    this.chart = new SpeedChart(part('.panels'), part('.finding'));
    part('header button').addEventListener('click', () => this.dialog.close());
    this.dialog.addEventListener('close', () => this.abort.abort());
  }

  /** Shows the dialog and measures until done, closed, or an error, which is said there. */
  async open(engine: Engine | undefined): Promise<void> {
    this.abort.abort();
    const abort = new AbortController();
    this.abort = abort;
    const rows: SpeedRow[] = [];
    if (!this.dialog.open) this.dialog.showModal();
    this.chart.show(rows, engine?.name ?? 'this device');
    if (!(engine instanceof GpuEngine)) {
      this.say('Only a GPU is measured, and this page has none.');
      return;
    }
    const { context, name, ownClock, software } = engine;
    const { device, f16, kernels } = context;
    // As fast as can be, even where that takes long to compile.
    const own = new Context({ device, name, software: false, timestamps: ownClock, f16 }, kernels);
    const limit = software ? longest.software : longest.hardware;
    const maker = new VectorMaker();
    const vectors = (n: number) =>
      maker.make({ kind: 'twins', shape: { heads: 1, n, d: 64 }, symbols: 0, ...benchVectors }, abort.signal);
    const options = { longest: limit, backward: false, signal: abort.signal, vectors };
    try {
      // A step to twice as many tokens is taken to cost a little over twice, or four times as much.
      const expected = new Map<number, number>();
      for (let n = 1024; n <= largest; n *= 2) {
        for (const rounds of [...roundCounts, 0]) {
          if ((expected.get(rounds) ?? 0) > limit) continue;
          this.say(`measuring ${n.toLocaleString('en')} tokens …`);
          const { forward } = rounds
            ? await measureLsh(own, n, rounds, 'paper', options)
            : await measureFull(own, n, options);
          expected.set(rounds, forward * (rounds ? 2.4 : 4));
          rows.push({ rounds, n, usPerToken: (1000 * forward) / n });
          this.chart.show(rows, name);
        }
      }
      this.say('One head of size 64, chunks of 64, causal, float32; median of several runs, compiling not counted.');
      this.dialog.dataset.state = 'ready';
    } catch (error) {
      if (!abort.signal.aborted) this.say(error instanceof Error ? error.message : String(error));
    } finally {
      own.free();
    }
  }

  private say(words: string): void {
    this.dialog.dataset.state = 'busy';
    (this.dialog.querySelector('.state') as HTMLElement).textContent = words;
  }
}
