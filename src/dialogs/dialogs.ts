import type { Engine } from '../engine/engine';
import type { ExperimentsEvidence } from '../explain/experiments';
import type { UserVectors } from '../input/job';
import { fetched } from '../shared/tasks';
import type { StageLike } from '../stage/picture';
import type { State } from '../state/schema';
import type { Page } from '../ui/page';
import type { Measurement } from './benchmark';
import type { Experiments } from './experiments';
import type { ExportDialog } from './export-dialog';
import type { Sweep } from './rounds-sweep';

/** The dialogs over the page, each loaded when it is first asked for. */
export class Dialogs {
  private ofMeasurement: Measurement | undefined;
  private ofSweep: Sweep | undefined;
  private ofExperiments: Experiments | undefined;
  private ofExport: ExportDialog | undefined;

  constructor(
    private readonly page: Page,
    private readonly change: (change: Partial<State>) => void,
  ) {}

  async measure(engine: Engine | undefined): Promise<void> {
    const { Measurement } = await fetched(import('./benchmark'));
    this.ofMeasurement ??= new Measurement();
    await this.ofMeasurement.open(engine);
  }

  async sweep(engine: Engine | undefined, state: State, userVectors: UserVectors): Promise<void> {
    const { Sweep } = await fetched(import('./rounds-sweep'));
    this.ofSweep ??= new Sweep(this.page);
    await this.ofSweep.open(engine, state, userVectors);
  }

  async experiments(engine: Engine | undefined, state: State, userVectors: UserVectors): Promise<void> {
    const { Experiments } = await fetched(import('./experiments'));
    this.ofExperiments ??= new Experiments(this.change);
    this.ofExperiments.open(engine, state, userVectors);
  }

  async exportFiles(stage: StageLike | undefined): Promise<void> {
    const { ExportDialog } = await fetched(import('./export-dialog'));
    this.ofExport ??= new ExportDialog(this.page);
    this.ofExport.open(stage);
  }

  /** What the numbers of an open dialog were made from; undefined while none with numbers to explain is open. */
  get evidence(): ExperimentsEvidence | undefined {
    return this.ofSweep?.evidence ?? this.ofExperiments?.evidence;
  }
}
