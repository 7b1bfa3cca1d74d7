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
import type { OwnTextActions, OwnTextDialog } from './own-text';
import type { RoundsSweep } from './rounds-sweep';
import type { SortYourself } from './sort-yourself';

/** The dialogs over the page. Each is loaded when it is first opened. */
export class Dialogs {
  private benchmarkDialog: Benchmark | undefined;
  private sweepDialog: RoundsSweep | undefined;
  private experimentsDialog: Experiments | undefined;
  private sortDialog: SortYourself | undefined;
  private exportDialog: ExportDialog | undefined;
  private ownTextDialog: OwnTextDialog | undefined;

  constructor(
    private readonly page: Page,
    private readonly actions: { change(change: Partial<State>): void; ownText: OwnTextActions },
  ) {}

  async measure(engine: Engine | undefined): Promise<void> {
    const { Benchmark } = await loadScript(import('./benchmark'));
    this.benchmarkDialog ??= new Benchmark();
    await this.benchmarkDialog.open(engine);
  }

  async sweep(engine: Engine | undefined, state: State, userVectors: UserVectors): Promise<void> {
    const { RoundsSweep } = await loadScript(import('./rounds-sweep'));
    this.sweepDialog ??= new RoundsSweep(this.page);
    await this.sweepDialog.open(engine, state, userVectors);
  }

  async experiments(engine: Engine | undefined, state: State, userVectors: UserVectors): Promise<void> {
    const { Experiments } = await loadScript(import('./experiments'));
    this.experimentsDialog ??= new Experiments(this.actions);
    this.experimentsDialog.open(engine, state, userVectors);
  }

  /** Opens the exercise of sorting by hand. `closed` is called when a person closes it. */
  async sortYourself(closed: () => void): Promise<void> {
    const { SortYourself } = await loadScript(import('./sort-yourself'));
    this.sortDialog ??= new SortYourself(closed);
    this.sortDialog.open();
  }

  async exportFiles(stage: StageLike | undefined): Promise<void> {
    const { ExportDialog } = await loadScript(import('./export-dialog'));
    this.exportDialog ??= new ExportDialog(this.page);
    this.exportDialog.open(stage);
  }

  /** Opens the dialog in which a model learns a person's text, perhaps with the text of a file. */
  async ownText(engine: Engine | undefined, file?: File): Promise<void> {
    const { OwnTextDialog } = await loadScript(import('./own-text'));
    this.ownTextDialog ??= new OwnTextDialog(this.page, this.actions.ownText);
    this.ownTextDialog.open(engine, file);
  }

  /** Explanations of the numbers in the open dialog. Undefined while no dialog with such numbers is open. */
  get evidence(): ExperimentsEvidence | undefined {
    return this.sweepDialog?.evidence ?? this.experimentsDialog?.evidence ?? this.ownTextDialog?.evidence;
  }
}
