import { AccuracyChart } from '../charts/accuracy';
import { LossChart } from '../charts/loss';
import { MemoryChart } from '../charts/memory';
import type { Engine } from '../engine/engine';
import type { LayersEvidence } from '../explain/layers';
import { GpuEngine } from '../gpu/gpu-engine';
import { readouts as words } from '../language/readouts';
import { InputError } from '../shared/errors';
import { formatBytes } from '../shared/format';
import type { StageLike } from '../stage/picture';
import { themes } from '../state/palette';
import type { State } from '../state/schema';
import { shownTowerPhase } from '../state/state';
import type { TaskExample } from '../training/example';
import { TrainingSession } from '../training/training-session';
import type { WeightsFile } from '../training/weights-file';
import type { Page } from '../ui/page';
import type { TrainingAct } from '../ui/panel';
import { keptBytes, showTowerReadout } from './tower-readout';

/** Milliseconds between two phases of a run. */
const pace = 600;

export interface LayersActions {
  change(change: Partial<State>): void;
  /** Renders the page, because there is something new to show. */
  render(): void;
}

/** The view of reversible layers: the tower, its memory charts, its training and its read-out. */
export class LayersView {
  private readonly session: TrainingSession;
  /** Weights from a file, for the next model that is opened. */
  private weights: WeightsFile | undefined;
  private player: ReturnType<typeof setInterval> | undefined;
  private readonly charts;

  constructor(
    private readonly page: Page,
    private readonly actions: LayersActions,
  ) {
    this.session = new TrainingSession(actions.render, (message) => page.showMessage(message));
    this.charts = {
      memory: new MemoryChart(page.layerCharts),
      loss: new LossChart(page.layerCharts),
      accuracy: new AccuracyChart(page.layerCharts),
    };
  }

  /** Makes the model of a state if it differs from the present one. Measurements follow later. @throws InputError if the state allows no model. */
  async recompute(engine: Engine, state: State): Promise<void> {
    if (!(engine instanceof GpuEngine)) {
      throw new InputError(words.tower.needsGpu);
    }
    // A file that is read while this model opens is for the next one.
    const { weights } = this;
    this.weights = undefined;
    await this.session.open(engine.context, state);
    if (weights) this.session.load(weights);
  }

  leave(): void {
    this.session.leave();
  }

  get isTraining(): boolean {
    return this.session.isTraining;
  }

  /** The data behind the shown numbers; undefined before the first result. */
  evidence(state: State): LayersEvidence | undefined {
    const { findings } = this.session;
    return findings && { findings, state };
  }

  /** A sequence of the training task, with the model's guesses. */
  get example(): TaskExample | undefined {
    return this.session.example;
  }

  anotherExample(): void {
    this.session.anotherExample();
  }

  render(engine: Engine, stage: StageLike, state: State): void {
    const { session } = this;
    const { findings } = session;
    if (!findings) return;
    const theme = themes[this.page.applyTheme(state.theme)];
    const { layers, keep } = state;
    const towerPhase = shownTowerPhase(state);
    stage.showTower?.({
      theme,
      layers,
      phase: towerPhase,
      kept: findings.kept[keep],
      most: findings.kept.activations,
      total: words.tower.kept(formatBytes(keptBytes(findings, { keep, layers, towerPhase })), keep === 'buckets'),
      size: formatBytes,
    });
    this.charts.memory.show(findings.depths, layers, findings.task);
    this.charts.loss.show(findings.losses, findings.firstStep, Math.log(findings.task.symbols - 1));
    this.charts.accuracy.show(findings.rows, session.accuracy.columns, state.rounds, findings.task.length);
    showTowerReadout(this.page.readout, { ...state, towerPhase }, findings);
    this.page.showLegend(undefined, false);
    this.page.showDevice(engine.name, { bytes: session.bytes, words: words.memory.training });
  }

  /** Runs through the phases in order, from the start if the end was reached. A second call stops the run. */
  play(state: () => State): void {
    if (this.player !== undefined) {
      this.rest();
      return;
    }
    const isOver = () => state().scene !== 'tower' || shownTowerPhase(state()) >= 4 * state().layers;
    if (isOver()) this.actions.change({ towerPhase: 0 });
    this.player = setInterval(() => {
      if (isOver()) this.rest();
      else this.actions.change({ towerPhase: shownTowerPhase(state()) + 1 });
    }, pace);
  }

  /** Stops the run at the present phase. */
  rest(): void {
    clearInterval(this.player);
    this.player = undefined;
  }

  async train(act: TrainingAct, state: State): Promise<void> {
    const { session } = this;
    if (act === 'load') this.page.chooseFile();
    else if (act === 'step') session.trainOneStep();
    else if (act === 'reset') session.reset();
    else if (act === 'toggle') {
      if (session.isTraining) session.pause();
      else session.start();
    } else {
      const file = await session.save();
      if (file) this.page.offer(`reformer-${state.taskLength}-${state.layers}.safetensors`, file);
    }
    this.actions.render();
  }

  /** Reads weights from a file and changes to the state that they need. @throws InputError that names the file's fault. */
  take(content: Uint8Array): void {
    const { file, change } = this.session.read(content);
    this.weights = file;
    this.actions.change(change);
  }
}
