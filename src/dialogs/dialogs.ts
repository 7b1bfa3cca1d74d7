import type { Engine } from '../engine/engine';
import type { ExperimentsEvidence } from '../explain/experiments';
import type { UserVectors } from '../input/job';
import { loadScript } from '../shared/tasks';
import type { StageLike } from '../stage/picture';
import type { State } from '../state/schema';
import type { Page } from '../ui/page';
import type { Benchmark } from './benchmark';
import type { Experiments } from './experiments';
import type { ExportDialog } from './export-dialog';
import type { RoundsSweep } from './rounds-sweep';

/** The dialogs over the page, each loaded when it is first asked for. */
export class Dialogs {
  private ofBenchmark: Benchmark | undefined;
  private ofRoundsSweep: RoundsSweep | undefined;
  private ofExperiments: Experiments | undefined;
  private ofExport: ExportDialog | undefined;

  constructor(
    private readonly page: Page,
    private readonly change: (change: Partial<State>) => void,
  ) {}

  async measure(engine: Engine | undefined): Promise<void> {
    const { Benchmark } = await loadScript(import('./benchmark'));
    this.ofBenchmark ??= new Benchmark();
    await this.ofBenchmark.open(engine);
  }

  async sweep(engine: Engine | undefined, state: State, userVectors: UserVectors): Promise<void> {
    const { RoundsSweep } = await loadScript(import('./rounds-sweep'));
    this.ofRoundsSweep ??= new RoundsSweep(this.page);
    await this.ofRoundsSweep.open(engine, state, userVectors);
  }

  async experiments(engine: Engine | undefined, state: State, userVectors: UserVectors): Promise<void> {
    const { Experiments } = await loadScript(import('./experiments'));
    this.ofExperiments ??= new Experiments(this.change);
    this.ofExperiments.open(engine, state, userVectors);
  }

  async exportFiles(stage: StageLike | undefined): Promise<void> {
    const { ExportDialog } = await loadScript(import('./export-dialog'));
    this.ofExport ??= new ExportDialog(this.page);
    this.ofExport.open(stage);
  }

  /** What the numbers of an open dialog were made from; undefined while none with numbers to explain is open. */
  get evidence(): ExperimentsEvidence | undefined {
    return this.ofRoundsSweep?.evidence ?? this.ofExperiments?.evidence;
  }
}
