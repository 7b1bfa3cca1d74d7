import { AccuracyTable } from './charts/accuracy';
import { BucketChart } from './charts/buckets';
import { bytes } from './charts/chart';
import { LossChart } from './charts/loss';
import { MemoryChart } from './charts/memory';
import { RoundsChart } from './charts/rounds';
import { StepChart } from './charts/steps';
import { CoreEngine } from './core/core-engine';
import type { Curve, Engine, Job, MatrixView, Stretch, Timings } from './core/engine';
import { InputError } from './core/errors';
import type { Vectors } from './core/inputs';
import { readToken, type TokenReadout } from './core/readout';
import { readVectorFile, type VectorFile, vectorFileLimit } from './core/vectorfile';
import { openDevice } from './gpu/device';
import { GpuEngine } from './gpu/engine';
import { jobKey, makeJob, matrixView, stretchOf } from './job';
import { keptBytes, showLesson } from './lesson';
import { Measurement } from './measurement';
import type { WeightsFile } from './model/weights-file';
import { Page } from './page';
import { Panel, type TrainingAct } from './panel/panel';
import { showReadout } from './readout';
import { FlatStage } from './stage/flat';
import type { Pick, Picture, StageLike } from './stage/picture';
import { Stage } from './stage/stage';
import { themes } from './state/palette';
import { controls, type State } from './state/schema';
import {
  changed,
  fromQuery,
  settingsOf,
  shapeOf,
  shownHead,
  shownMoment,
  shownRound,
  shownToken,
  toQuery,
} from './state/state';
import { cellWords, pairWords, tokenNames } from './words';
import { Workshop } from './workshop';

/** Everything that was computed for a state, each with the state it belongs to. */
interface Results {
  job: string;
  timings: Timings;
  vectors: Vectors;
  sizes: { key: string; value: Uint32Array[] } | undefined;
  token: { key: string; value: TokenReadout } | undefined;
  matrix: { key: string; view: MatrixView } | undefined;
  stretch: { key: string; value: Stretch } | undefined;
  curve: { value: Curve; fullMilliseconds: number } | undefined;
}

const retries = 5;

/** Why work ends when a person presses stop. */
const stopped = new DOMException('stopped', 'AbortError');

/** Milliseconds after an error within which a browser has said that the device is lost. */
const lossNews = 1500;

/** Keeps state, engine and everything drawn in step: whatever changes, only what depends on it is computed again. */
export class App {
  private state: State;
  /** The last state that was computed and drawn, with the file it was made from. */
  private good: { state: State; file: VectorFile | undefined; fileNumber: number } | undefined;
  private engine: Engine | undefined;
  private stage: StageLike | undefined;
  private results: Results | undefined;
  private file: VectorFile | undefined;
  private fileNumber = 0;
  private running = false;
  private abort = new AbortController();
  /** The job being computed at this moment. */
  private computing: string | undefined;
  private losses = 0;
  private ended = false;
  private picks = 0;
  private readonly measurement = new Measurement();
  private readonly page = new Page();
  private readonly panel: Panel;
  private readonly charts = {
    buckets: new BucketChart(this.page.charts),
    rounds: new RoundsChart(this.page.charts),
    steps: new StepChart(this.page.charts),
    memory: new MemoryChart(this.page.layerCharts),
    loss: new LossChart(this.page.layerCharts),
    accuracy: new AccuracyTable(this.page.layerCharts),
  };
  private readonly workshop = new Workshop(
    () => this.draw(),
    (words) => this.page.say(words),
  );
  /** Weights from a file, for the model that is about to be opened. */
  private weights: WeightsFile | undefined;
  private player: ReturnType<typeof setInterval> | undefined;

  constructor(query: string) {
    const { state, problems } = fromQuery(query);
    this.state = state;
    this.panel = new Panel(this.page.panel, state, {
      change: (change) => this.change(change),
      refuse: (message) => {
        this.page.say(message);
        this.panel.show(this.state);
      },
      openFile: () => this.page.chooseFile(),
      resetView: () => this.stage?.resetView(),
      measure: () => void this.measurement.open(this.engine),
      play: () => this.play(),
      training: (act) => void this.train(act),
    });
    if (problems.length) this.page.say(problems.join(' '));
    this.page.onFile = (file) => this.takeFile(file);
    this.page.onKey = (event) => this.key(event);
    this.page.onStop = () => this.abort.abort(stopped);
    this.page.onTheme = () => this.settle();
    this.page.onResize = () => this.draw();
    this.page.onRoom = (room) => {
      const isLayers = this.state.scene === 'tower';
      if (isLayers !== (room === 'layers')) this.change({ scene: room === 'layers' ? 'tower' : 'both' });
    };
  }

  /** Opens the GPU, or else the core, and computes the first picture. */
  async start(): Promise<void> {
    this.page.busy();
    await this.openEngine();
    await this.settle();
  }

  change(change: Partial<State>): void {
    if (this.ended) return;
    this.page.say(undefined);
    // What was pointed at may be something else in a moment.
    this.picks++;
    this.page.tip(undefined, { x: 0, y: 0 });
    if (change.input === 'own' && !this.file) {
      this.panel.show(this.state);
      this.page.say('Drop a .npy, .csv or .safetensors file of vectors on the page, or open one.');
      return;
    }
    this.state = changed(this.state, change);
    if (this.state.input === 'own' && this.file) {
      const { heads, n, d } = this.file;
      this.state = { ...this.state, heads, n, d };
    }
    this.page.busy();
    void this.settle();
  }

  private async openEngine(): Promise<void> {
    this.stage?.dispose();
    this.stage = undefined;
    this.results = undefined;
    try {
      const open = await openDevice(navigator.gpu);
      if (open) {
        open.device.addEventListener('uncapturederror', (event) => {
          this.page.say(`The GPU reported: ${(event as GPUUncapturedErrorEvent).error.message.split('\n')[0]}`);
        });
        const engine = new GpuEngine(open);
        this.stage = await Stage.create(this.page.view, engine);
        this.engine = engine;
        void engine.lost.then(() => this.recover(engine));
      }
    } catch (error) {
      console.warn('WebGPU cannot be used:', error);
    }
    if (!this.stage) {
      const engine = new CoreEngine();
      this.engine = engine;
      this.stage = new FlatStage(this.page.view, engine);
      this.page.add(
        `Without WebGPU this page computes on the processor, with at most ${engine.mostTokens} tokens; a current Chrome, Edge, Safari or Firefox has it.`,
      );
    }
    this.stage.onPick = (pick, chosen, at) => void this.pick(pick, chosen, at);
  }

  private async recover(engine: GpuEngine): Promise<void> {
    if (this.engine !== engine) return;
    this.engine = undefined;
    this.page.busy();
    if (++this.losses > retries) {
      this.ended = true;
      this.page.fail('The GPU was lost again and again; please reload the page.');
      return;
    }
    this.page.say('The GPU was lost; the page has started it again.');
    await this.openEngine();
    await this.settle();
  }

  /** Computes and draws until everything shown belongs to the present state. */
  private async settle(): Promise<void> {
    this.panel.show(this.state);
    if (this.running) {
      // A job that is still wanted goes on; the rest, the curve above all, can be begun again.
      if (this.computing !== this.jobKey()) this.abort.abort(new DOMException('overtaken', 'AbortError'));
      return;
    }
    this.running = true;
    this.page.busy();
    try {
      while (this.engine && !(await this.step(this.engine))) {}
      if (this.engine) this.page.ready();
    } finally {
      this.running = false;
    }
  }

  /** One attempt to bring everything up to date; false if the state changed meanwhile or was put back. */
  private async step(engine: Engine): Promise<boolean> {
    const state = this.state;
    this.abort = new AbortController();
    const { signal } = this.abort;
    try {
      if (state.scene === 'tower') return this.openWorkshop(engine, state);
      this.workshop.leave();
      await this.compute(engine, state, signal);
      if (this.state !== state) return false;
      this.good = { state, file: this.file, fileNumber: this.fileNumber };
      this.draw();
      this.page.setQuery(toQuery(state));
      await this.computeCurve(engine, signal);
      if (this.state !== state) return false;
      this.draw();
      return true;
    } catch (error) {
      // A stop ends the worker of the core, and what it had computed.
      if (signal.aborted && engine.kind === 'core') this.results = undefined;
      if (this.state !== state) return false;
      if (!signal.aborted && !(error instanceof InputError) && (await this.isGone(engine))) return false;
      if (signal.aborted) {
        // Only a person stops; what was overtaken, by a theme or a recovery, is begun again.
        if (signal.reason !== stopped) return false;
        this.page.say('Stopped. Change anything to go on.');
        this.charts.rounds.show(this.results?.curve?.value, state.n, 'not computed');
        return true;
      }
      this.page.say(error instanceof Error ? error.message : String(error));
      if (!(error instanceof InputError)) {
        console.error(error);
        return true;
      }
      return !this.stepBack(state);
    }
  }

  /** Everything that the room of reversible layers shows at once; the rest comes as it is found. */
  private openWorkshop(engine: Engine, state: State): boolean {
    if (!(engine instanceof GpuEngine)) {
      throw new InputError('Reversible layers are trained on a GPU, and this browser gives the page none.');
    }
    this.workshop.open(engine.context, state);
    if (this.weights) this.workshop.load(this.weights);
    this.weights = undefined;
    this.good = { state, file: this.file, fileNumber: this.fileNumber };
    this.page.setQuery(toQuery(state));
    this.draw();
    return true;
  }

  /** Whether the engine was lost; news of that can come a good while after the errors that follow from it. */
  private async isGone(engine: Engine): Promise<boolean> {
    const later = new Promise((resolve) => setTimeout(resolve, lossNews));
    await Promise.race([engine.lost, later]);
    return this.engine !== engine;
  }

  /** From a state that cannot be computed to the last that could, or to the first of all. False if there is none to go to. */
  private stepBack(from: State): boolean {
    const good = this.good?.state === from ? undefined : this.good;
    this.good = good;
    const isFirst = toQuery(from) === '';
    if (!good && isFirst) return false;
    this.state = good?.state ?? fromQuery('').state;
    this.file = good?.file;
    this.fileNumber = good?.fileNumber ?? 0;
    this.panel.show(this.state);
    return true;
  }

  private jobKey(): string {
    return jobKey(this.state, this.fileNumber);
  }

  private async compute(engine: Engine, state: State, signal: AbortSignal): Promise<void> {
    const job = this.jobKey();
    if (this.results?.job !== job) {
      const onProgress = (done: number) => this.page.progress('attention', done);
      this.computing = job;
      let task: Job;
      let timings: Timings;
      try {
        task = await makeJob(state, engine, this.file, signal);
        signal.throwIfAborted();
        this.assertCurrent(engine);
        // From here on the old tensors are being overwritten: nothing that was computed before holds any more.
        this.results = undefined;
        timings = await engine.compute(task, { signal, onProgress });
      } finally {
        this.computing = undefined;
      }
      this.assertCurrent(engine);
      this.results = {
        job,
        timings,
        vectors: task.vectors,
        sizes: undefined,
        token: undefined,
        matrix: undefined,
        stretch: undefined,
        curve: undefined,
      };
    }
    const results = this.results as Results;
    const head = shownHead(state);
    const token = shownToken(state);
    const sizesKey = `${job} ${head}`;
    if (results.sizes?.key !== sizesKey) results.sizes = { key: sizesKey, value: await engine.bucketSizes(head) };
    const tokenKey = `${sizesKey} ${token}`;
    if (results.token?.key !== tokenKey) {
      results.token = { key: tokenKey, value: readToken(await engine.token(head, token), settingsOf(state)) };
    }
    const view = matrixView(state, results.token.value);
    const matrixKey = job + JSON.stringify(view);
    if (results.matrix?.key !== matrixKey) {
      await engine.matrix(view);
      results.matrix = { key: matrixKey, view };
    }
    const stretch = stretchOf(state, results.token.value);
    const stretchKey = sizesKey + JSON.stringify(stretch);
    if (results.stretch?.key !== stretchKey) {
      await engine.flows?.(head, stretch);
      results.stretch = { key: stretchKey, value: stretch };
    }
  }

  /** Some calls of a lost device end as if all were well. @throws Error if this is no longer the engine. */
  private assertCurrent(engine: Engine): void {
    if (this.engine !== engine) throw new Error('the engine was lost');
  }

  private async computeCurve(engine: Engine, signal: AbortSignal): Promise<void> {
    const { results } = this;
    if (!results || results.curve) return;
    const onProgress = (done: number) => this.page.progress('full attention', done);
    const { curve, timings } = await engine.curve({ signal, onProgress });
    this.assertCurrent(engine);
    results.curve = { value: curve, fullMilliseconds: timings.get('full attention') ?? Number.NaN };
  }

  /** Draws everything from what is computed; cheap, and safe to call at any time. */
  private draw(): void {
    const { results, state, engine } = this;
    this.page.room(state.scene === 'tower' ? 'layers' : 'attention');
    if (state.scene === 'tower') {
      if (engine) this.drawLayers(engine);
      return;
    }
    if (
      !results?.token ||
      !results.matrix ||
      !results.stretch ||
      !results.sizes ||
      !engine ||
      this.jobKey() !== results.job
    )
      return;
    const theme = themes[this.page.applyTheme(state.theme)];
    const settings = settingsOf(state);
    const round = shownRound(state);
    const readout = results.token.value;
    const picture: Picture = {
      state,
      settings,
      shape: shapeOf(state),
      theme,
      head: shownHead(state),
      round,
      matrix: results.matrix.view,
      stretch: results.stretch.value,
      readout,
    };
    this.stage?.show(picture);
    if (engine instanceof GpuEngine) engine.context.sweep();
    this.charts.buckets.show(results.sizes.value[round], settings, round, readout.rounds[round].bucket, theme.dark);
    this.charts.rounds.show(results.curve?.value, state.n);
    const { curve } = results;
    this.charts.steps.show({
      steps: results.timings,
      full: curve && { milliseconds: curve.fullMilliseconds, queries: curve.value.queries },
      tokens: state.n,
      ownClock: engine.ownClock,
      device: engine.name,
    });
    showReadout(this.page.readout, readout, round, tokenNames(results.vectors, state), (token) =>
      this.change({ token }),
    );
    this.page.legend(state.scene === 'loom' ? undefined : theme, settings.causal, results.matrix.view.each);
    const memory = engine.memory();
    this.page.device(engine.name, memory && `${bytes(memory.live)} of tensors on the GPU`);
  }

  private drawLayers(engine: Engine): void {
    const { workshop, state } = this;
    const { findings } = workshop;
    if (!findings) return;
    const theme = themes[this.page.applyTheme(state.theme)];
    const { layers, keep } = state;
    const moment = shownMoment(state);
    this.stage?.showTower?.({
      theme,
      layers,
      moment,
      kept: findings.kept[keep],
      most: findings.kept.activations,
      total: `kept: ${bytes(keptBytes(findings, { keep, layers, moment }))}`,
      size: bytes,
    });
    this.charts.memory.show(findings.depths, layers, findings.task);
    this.charts.loss.show(findings.losses, findings.firstStep, Math.log(findings.task.symbols - 1));
    this.charts.accuracy.show(findings.rows, workshop.columns, state.rounds, findings.task.length);
    showLesson(this.page.readout, { ...state, moment }, findings);
    this.page.legend(undefined, false);
    this.page.device(engine.name, `${bytes(workshop.bytes)} of GPU memory in training`);
    this.panel.show(state, workshop.isTraining);
  }

  /** Moments one after the other, from the start where the end was reached; pressed again, it rests. */
  private play(): void {
    if (this.player !== undefined) {
      this.rest();
      return;
    }
    const next = () => {
      const { layers, scene } = this.state;
      const moment = shownMoment(this.state);
      if (scene !== 'tower' || moment >= 4 * layers) this.rest();
      else this.change({ moment: moment + 1 });
    };
    if (shownMoment(this.state) >= 4 * this.state.layers) this.change({ moment: 0 });
    this.player = setInterval(next, 600);
  }

  private rest(): void {
    clearInterval(this.player);
    this.player = undefined;
  }

  private async train(act: TrainingAct): Promise<void> {
    const { workshop, state } = this;
    if (act === 'load') this.page.chooseFile();
    else if (act === 'step') workshop.once();
    else if (act === 'reset') workshop.reset();
    else if (act === 'toggle') {
      if (workshop.isTraining) workshop.pause();
      else workshop.start();
    } else {
      const bytes = await workshop.save();
      if (bytes) this.page.offer(`reformer-${state.taskLength}-${state.layers}.safetensors`, bytes);
    }
    this.draw();
  }

  private async pick(pick: Pick | undefined, chosen: boolean, at: { x: number; y: number }): Promise<void> {
    const number = ++this.picks;
    const { results, engine, state } = this;
    if (!pick || !results?.token || !results.matrix || !engine || results.job !== this.jobKey()) {
      this.page.tip(undefined, at);
      return;
    }
    const head = shownHead(state);
    const { view } = results.matrix;
    const readout = results.token.value;
    const tokenOf = async (round: number | undefined, position: number) =>
      round === undefined ? position : engine.tokenAt(head, round, position);
    try {
      const isCell = pick.what === 'cell';
      const token = await (isCell
        ? tokenOf(view.sortedBy, view.start + pick.row * view.each)
        : pick.what === 'token'
          ? pick.token
          : tokenOf(shownRound(state), pick.position));
      const words = isCell
        ? view.each > 1
          ? cellWords(view, pick)
          : pairWords(token, await tokenOf(view.sortedBy, view.start + pick.column), readout, state)
        : `token ${tokenNames(results.vectors, state)(token)}: click to select it`;
      // What was pointed at before an answer came is no longer of interest; what was clicked is.
      if (chosen) this.change({ token });
      else if (number === this.picks) this.page.tip(words, at);
    } catch (error) {
      // The engine has gone on to another job, or was lost.
      if (this.results === results && this.engine === engine) throw error;
    }
  }

  private key(event: KeyboardEvent): void {
    const step = event.shiftKey ? 10 : 1;
    const move = (by: number) =>
      this.change({ token: Math.min(Math.max(shownToken(this.state) + by, 0), this.state.n - 1) });
    const turn = (by: number) =>
      this.change({ round: Math.min(Math.max(shownRound(this.state) + 1 + by, 1), this.state.rounds) });
    const go = (by: number) =>
      this.change({ moment: Math.min(Math.max(shownMoment(this.state) + by, 0), 4 * this.state.layers) });
    const isLayers = this.state.scene === 'tower';
    const acts: Record<string, () => void> = {
      ArrowLeft: () => (isLayers ? go(-1) : move(-step)),
      ArrowRight: () => (isLayers ? go(1) : move(step)),
      ArrowUp: () => (isLayers ? go(1) : turn(-1)),
      ArrowDown: () => (isLayers ? go(-1) : turn(1)),
      '+': () => this.stage?.zoom(1.25),
      '-': () => this.stage?.zoom(0.8),
      '0': () => this.stage?.resetView(),
    };
    const act = event.altKey || event.ctrlKey || event.metaKey ? undefined : acts[event.key];
    const scrolls = document.documentElement.scrollHeight > innerHeight && event.key.match(/Up|Down/);
    if (!act || (scrolls && document.activeElement === document.body)) return;
    event.preventDefault();
    act();
  }

  private async takeFile(file: File): Promise<void> {
    this.page.busy();
    try {
      if (file.size > vectorFileLimit) {
        throw new InputError(`${file.name} has ${bytes(file.size)}; at most ${bytes(vectorFileLimit)} can be read.`);
      }
      const content = new Uint8Array(await file.arrayBuffer());
      if (this.state.scene === 'tower') {
        const { file: weights, change } = this.workshop.read(content);
        this.weights = weights;
        this.change(change);
        return;
      }
      const vectors = readVectorFile(file.name, content);
      const most = this.engine?.mostTokens ?? Number.POSITIVE_INFINITY;
      const { max } = controls.heads as { max: number };
      if (vectors.n > most)
        throw new InputError(`${file.name} has ${vectors.n} tokens; at most ${most} can be shown here.`);
      if (vectors.heads > max)
        throw new InputError(`${file.name} has ${vectors.heads} heads; at most ${max} can be shown.`);
      this.file = vectors;
      this.fileNumber++;
      const { heads, n, d } = vectors;
      this.change({ input: 'own', heads, n, d });
    } catch (error) {
      this.page.say(error instanceof InputError ? error.message : `${file.name} cannot be read.`);
      if (!this.running && this.engine) this.page.ready();
    }
  }
}
