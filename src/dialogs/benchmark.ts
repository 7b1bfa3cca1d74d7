import { SpeedChart, type SpeedRow } from '../charts/speed';
import type { Engine } from '../engine/engine';
import { benchVectors, measureFull, measureLsh } from '../gpu/bench';
import { GpuEngine } from '../gpu/gpu-engine';
import { Context } from '../gpu/runtime/context';
import { vectorMaker } from '../input/vectors';
import { dialogs } from '../language/dialogs';
import { dialogOf } from '../ui/dialog';

const words = dialogs.benchmark;

const roundCounts = [1, 4, 8];
const mostTokens = 2 ** 20;

/** A run that is expected to take longer is not started. In milliseconds. */
const longestRun = 1000;

/** The dialog that times LSH attention and full attention at growing lengths on the viewer's own device. */
export class Benchmark {
  private readonly dialog = dialogOf('measure');
  private readonly chart = new SpeedChart(this.dialog.find('.panels'), this.dialog.find('.finding'));

  /** Shows the dialog and measures until done, closed, or an error. The dialog shows the error. */
  async open(engine: Engine | undefined): Promise<void> {
    await this.dialog.run(async (signal) => {
      this.chart.show([], engine?.name ?? words.thisDevice);
      if (!(engine instanceof GpuEngine)) throw new Error(words.onlyGpu);
      await this.measure(engine, signal);
      this.dialog.showState(words.conditions);
    });
  }

  private async measure(engine: GpuEngine, signal: AbortSignal): Promise<void> {
    const { context, name, ownClock } = engine;
    const { device, f16, kernels } = context;
    // `software: false` chooses the fastest kernels on every device, even where they take long to compile.
    const benchContext = new Context({ device, name, software: false, timestamps: ownClock, f16 }, kernels);
    const makeSeeded = vectorMaker();
    const vectors = (n: number) =>
      makeSeeded({ kind: 'twins', shape: { heads: 1, n, d: 64 }, symbols: 0, ...benchVectors }, signal);
    const options = { longest: longestRun, backward: false, signal, vectors };
    const rows: SpeedRow[] = [];
    // Twice as many tokens are expected to take 2.4 times as long with LSH attention and 4 times with full attention.
    const expected = new Map<number, number>();
    try {
      for (let n = 1024; n <= mostTokens; n *= 2) {
        for (const rounds of [...roundCounts, 0]) {
          if ((expected.get(rounds) ?? 0) > longestRun) continue;
          this.dialog.showState(words.measuring(n.toLocaleString('en')));
          const { forward } = rounds
            ? await measureLsh(benchContext, n, rounds, 'paper', options)
            : await measureFull(benchContext, n, options);
          expected.set(rounds, forward * (rounds ? 2.4 : 4));
          rows.push({ rounds, n, usPerToken: (1000 * forward) / n });
          this.chart.show(rows, name);
        }
      }
      this.chart.show(rows, name, rows.length > 0);
    } finally {
      benchContext.free();
    }
  }
}
