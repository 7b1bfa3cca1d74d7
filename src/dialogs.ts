import type { Engine } from './core/engine';
import type { Experiments } from './experiments';
import type { ExperimentsEvidence } from './explain/experiments';
import type { Own } from './job';
import type { Measurement } from './measurement';
import type { Page } from './page';
import type { StageLike } from './stage/picture';
import type { State } from './state/schema';
import type { Sweep } from './sweep';
import type { TakeAway } from './take-away-dialog';
import { fetched } from './tasks';

/** The dialogs over the page, each loaded when it is first asked for. */
export class Dialogs {
  private ofMeasurement: Measurement | undefined;
  private ofSweep: Sweep | undefined;
  private ofExperiments: Experiments | undefined;
  private ofTakeAway: TakeAway | undefined;

  constructor(
    private readonly page: Page,
    private readonly change: (change: Partial<State>) => void,
  ) {}

  async measure(engine: Engine | undefined): Promise<void> {
    const { Measurement } = await fetched(import('./measurement'));
    this.ofMeasurement ??= new Measurement();
    await this.ofMeasurement.open(engine);
  }

  async sweep(engine: Engine | undefined, state: State, own: Own): Promise<void> {
    const { Sweep } = await fetched(import('./sweep'));
    this.ofSweep ??= new Sweep(this.page);
    await this.ofSweep.open(engine, state, own);
  }

  async experiments(engine: Engine | undefined, state: State, own: Own): Promise<void> {
    const { Experiments } = await fetched(import('./experiments'));
    this.ofExperiments ??= new Experiments(this.change);
    this.ofExperiments.open(engine, state, own);
  }

  async takeAway(stage: StageLike | undefined): Promise<void> {
    const { TakeAway } = await fetched(import('./take-away-dialog'));
    this.ofTakeAway ??= new TakeAway(this.page);
    this.ofTakeAway.open(stage);
  }

  /** What the numbers of an open dialog were made from; undefined while none with numbers to explain is open. */
  get evidence(): ExperimentsEvidence | undefined {
    return this.ofSweep?.evidence ?? this.ofExperiments?.evidence;
  }
}
