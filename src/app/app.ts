import { Dialogs } from '../dialogs/dialogs';
import type { Engine } from '../engine/engine';
import type { Evidence } from '../explain';
import { Explainer } from '../explain/explainer';
import { vectorFileLimit } from '../formats/vector-file';
import { GpuEngine } from '../gpu/gpu-engine';
import { openDevice } from '../gpu/runtime/device';
import { readVectors } from '../input/files';
import { jobKey, type UserVectors } from '../input/job';
import { readAddress } from '../lecture/address';
import { LectureLoader } from '../lecture/loader';
import { InputError, quote } from '../shared/errors';
import { formatBytes } from '../shared/format';
import { mark } from '../shared/perf-mark';
import { laterTask, loadScript } from '../shared/tasks';
import type { StageLike } from '../stage/picture';
import { controls, type Key, type State } from '../state/schema';
import { applyChange, fromQuery, shownRound, shownToken, shownTowerPhase, toQuery } from '../state/state';
import { Page } from '../ui/page';
import { Panel } from '../ui/panel';
import { RenderQueue } from '../ui/render-queue';
import { AttentionView } from '../views/attention-view';
import type { LayersView } from '../views/layers-view';

const retries = 5; // without having been ready between

/** Why work ends when a person presses stop. */
const stopped = new DOMException('stopped', 'AbortError');

/** Milliseconds after an error within which a browser has said that the device is lost. */
const lossNews = 1500;

/** Milliseconds that a picture is waited for. */
const longestPicture = 1000;

/** Keeps state, engine and everything drawn in step: whatever changes, only what depends on it is computed again. */
export class App {
  private state: State;
  /**
   * The last states that were computed and drawn, with the files they were made from: of the newest the curve may yet fail. No two are
   * of one computation.
   */
  private good: { state: State; userVectors: UserVectors }[] = [];
  private engine: Engine | undefined;
  private stage: StageLike | undefined;
  private userVectors: UserVectors = { file: undefined, number: 0 };
  /** Files that were taken so far. */
  private files = 0;
  private running = false;
  private abort = new AbortController();
  private losses = 0;
  private ended = false;
  private readonly page = new Page();
  private readonly renderQueue = new RenderQueue();
  private readonly dialogs = new Dialogs(this.page, (change) => this.change(change));
  private readonly panel: Panel;
  private readonly lecture: LectureLoader;
  /** The state of a step that was just opened, until it is drawn. */
  private entered: State | undefined;
  private readonly attention = new AttentionView(
    this.page,
    (change) => this.change(change),
    (engine) => this.engine === engine,
    (said, { x, y }) => {
      const { left, top } = this.page.stageElement.getBoundingClientRect();
      this.explainer.point(said, left + x, top + y);
    },
  );
  /** The view of reversible layers, loaded when it is first entered. */
  private layers: LayersView | undefined;
  private readonly explainer = new Explainer(() => this.evidence());

  constructor(query: string) {
    const { state, lesson, problems } = readAddress(query);
    this.state = state;
    this.panel = new Panel(this.page.panel, state, {
      change: (change) => this.change(change),
      refuse: (message) => {
        this.page.showMessage(message);
        this.panel.show(this.state);
      },
      openFile: () => this.page.chooseFile(),
      resetView: () => this.stage?.resetView(),
      measure: () => this.ask(this.dialogs.measure(this.engine)),
      exportFiles: () => this.ask(this.dialogs.exportFiles(this.stage)),
      sweep: () => this.ask(this.dialogs.sweep(this.engine, this.state, this.userVectors)),
      experiments: () => this.ask(this.dialogs.experiments(this.engine, this.state, this.userVectors)),
      compare: () => this.attention.compare(this.state, this.stage),
      play: () => this.layers?.play(() => this.state),
      training: (act) => void this.layers?.train(act, this.state),
    });
    this.panel.hide(lesson.hide);
    const acts = {
      enter: (entered: State) => this.enter(entered),
      change: (change: Partial<State>) => this.change(change),
      reveal: (keys: readonly Key[]) => this.panel.reveal(keys),
      rewrite: () => this.page.setQuery(this.lecture.address(this.state)),
    };
    this.lecture = new LectureLoader(lesson, acts, (part) => this.ask(part));
    if (problems.length) this.page.showMessage(problems.join(' '));
    this.page.onFile = (file) => this.takeFile(file);
    this.page.onKey = (event) => this.key(event);
    this.page.onStop = () => this.abort.abort(stopped);
    this.page.onTheme = () => this.settle();
    this.page.onResize = () => void this.draw();
    this.page.onView = (view) => {
      const isLayers = this.state.scene === 'tower';
      if (isLayers !== (view === 'layers')) this.change({ scene: view === 'layers' ? 'tower' : 'both' });
    };
  }

  /** Opens the GPU, or else the core, and computes the first picture. */
  async start(): Promise<void> {
    this.page.setBusy();
    await this.openEngine();
    await this.settle();
  }

  /** Shows a state as a whole, as a step of the lecture does. */
  private enter(state: State): void {
    if (this.ended) return;
    this.page.showMessage(undefined);
    this.attention.forgetPick();
    this.layers?.rest();
    this.entered = state;
    this.state = state;
    this.page.setBusy();
    void this.settle();
  }

  change(wanted: Partial<State>): void {
    if (this.ended) return;
    const change = this.lecture.allowed(wanted);
    this.page.showMessage(undefined);
    this.attention.forgetPick();
    if (change.input === 'own' && !this.userVectors.file) {
      this.panel.show(this.state);
      this.page.showMessage('Drop a .npy, .csv or .safetensors file of vectors on the page, or open one.');
      return;
    }
    this.state = applyChange(this.state, change);
    if (this.state.input === 'own' && this.userVectors.file) {
      const { heads, n, d } = this.userVectors.file;
      this.state = { ...this.state, heads, n, d };
    }
    this.page.setBusy();
    void this.settle();
  }

  /** `before`: what came of the engine that was there. */
  private async openEngine(before = ''): Promise<Engine | undefined> {
    this.stage?.dispose();
    this.stage = undefined;
    this.attention.forget();
    let made: GpuEngine | undefined;
    try {
      // three.js takes a while to read and to run; meanwhile the device opens.
      const drawing = import('../stage/stage');
      drawing.catch(() => {});
      const open = await openDevice(navigator.gpu);
      if (open) {
        open.device.addEventListener('uncapturederror', (event) => {
          this.page.showMessage(`The GPU reported: ${(event as GPUUncapturedErrorEvent).error.message.split('\n')[0]}`);
        });
        mark('device open');
        const engine = new GpuEngine(open);
        made = engine;
        const { Stage } = await drawing;
        await laterTask();
        this.stage = await Stage.create(this.page.stageElement, engine, this.state.scene);
        mark('stage made');
        await laterTask();
        this.engine = engine;
        void engine.lost.then(() => this.recover(engine));
      }
    } catch (error) {
      console.warn('WebGPU cannot be used:', error);
      made?.free();
    }
    if (!this.stage) {
      const [{ CpuEngine }, { FlatStage }] = await Promise.all([
        import('../engine/cpu-engine'),
        import('../stage/flat'),
      ]);
      const engine = new CpuEngine();
      this.engine = engine;
      this.stage = new FlatStage(this.page.stageElement, engine);
      const why = made ? 'The stage could not be started, so' : 'Without WebGPU';
      const remedy = made ? 'please reload the page' : 'a current Chrome, Edge, Safari or Firefox has it';
      this.page.appendMessage(
        `${before}${why} this page computes on the processor, with at most ${engine.mostTokens} tokens; ${remedy}.`,
      );
    }
    this.stage.onPick = (pick, chosen, at) => {
      this.lecture.point(pick);
      void this.attention.pick(this.engine, this.state, this.userVectors, pick, chosen, at);
    };
    this.stage.onTurn = (turn) => {
      if (turn !== this.state.turn) this.change({ turn });
    };
    return this.engine;
  }

  private async recover(engine: GpuEngine): Promise<void> {
    if (this.engine !== engine) return;
    this.engine = undefined;
    this.page.setBusy();
    if (++this.losses > retries) {
      this.ended = true;
      this.page.setFailed('The GPU was lost again and again; please reload the page.');
      return;
    }
    this.page.showMessage(undefined);
    const next = await this.openEngine('The GPU was lost. ');
    if (next?.kind === 'gpu') this.page.showMessage('The GPU was lost; the page has started it again.');
    await this.settle();
  }

  /** Computes and draws until everything shown belongs to the present state. */
  private async settle(): Promise<void> {
    this.panel.show(this.state);
    if (this.running) {
      // A job that is still wanted goes on; the rest, the curve above all, can be begun again.
      if (!this.attention.isComputing(jobKey(this.state, this.userVectors.number)))
        this.abort.abort(new DOMException('overtaken', 'AbortError'));
      return;
    }
    this.running = true;
    this.page.setBusy();
    try {
      while (this.engine && !(await this.step(this.engine))) {}
      if (!this.engine) return;
      this.losses = 0;
      this.page.setReady();
    } finally {
      this.running = false;
    }
  }

  /** One attempt to bring everything up to date; false if the state or the engine changed meanwhile, or the state was put back. */
  private async step(engine: Engine): Promise<boolean> {
    const state = this.state;
    this.abort = new AbortController();
    const { signal } = this.abort;
    const isOld = () => this.state !== state || this.engine !== engine;
    try {
      if (state.scene === 'tower') {
        const [layers] = await Promise.all([this.enterLayers(), this.stage?.need?.('tower')]);
        if (isOld()) return false;
        await layers.open(engine, state);
        if (isOld()) return false;
        await this.accept(state);
        return !isOld();
      }
      this.layers?.leave();
      const drawing = this.stage?.need?.(state.scene);
      drawing?.catch(() => {});
      await this.attention.compute(engine, state, this.userVectors, signal);
      await drawing;
      if (isOld()) return false;
      await this.accept(state);
      if (isOld()) return false;
      await this.attention.computeCurve(engine, signal);
      if (isOld()) return false;
      // Nothing on the stage depends on the curve.
      await this.renderQueue.draw(this.drawSteps(engine, undefined, state));
      return !isOld();
    } catch (error) {
      // A stop ends the worker of the core, and what it had computed.
      if (signal.aborted && engine.kind === 'cpu') this.attention.forget();
      if (this.state !== state) return false;
      if (!signal.aborted && !(error instanceof InputError) && (await this.isGone(engine))) return false;
      if (signal.aborted) {
        // Only a person stops; what was overtaken, by a theme or a recovery, is begun again.
        if (signal.reason !== stopped) return false;
        this.page.showMessage('Stopped. Change anything to go on.');
        this.attention.showStopped(state);
        return true;
      }
      this.page.showMessage(error instanceof Error ? error.message : String(error));
      if (!(error instanceof InputError)) {
        console.error(error);
        return true;
      }
      return !this.stepBack(state);
    }
  }

  /** A state that can be shown: drawn, and put into the address. */
  private async accept(state: State): Promise<void> {
    const { userVectors } = this;
    const what = (good: { state: State; userVectors: UserVectors }) =>
      good.state.scene === 'tower' ? toQuery(good.state) : jobKey(good.state, good.userVectors.number);
    const newest = { state, userVectors };
    this.good = [newest, ...this.good.filter((good) => what(good) !== what(newest))].slice(0, 2);
    mark('computed');
    const drawn = this.draw();
    // A step is seen from the same place whatever was seen before.
    if (state === this.entered) this.stage?.resetView();
    this.entered = undefined;
    await drawn;
    if (this.state === state && state.scene !== 'tower') await this.pictureDrawn();
    if (this.state === state) this.page.setQuery(this.lecture.address(state));
  }

  /**
   * What takes long to compute or to compile would keep the device from drawing, and what browsers do about another address the page; a
   * hidden page is not drawn.
   */
  private async pictureDrawn(): Promise<void> {
    if (document.hidden) return;
    await Promise.race([this.stage?.drawn, new Promise((resolve) => setTimeout(resolve, longestPicture))]);
  }

  /** Whether the engine was lost; news of that can come a good while after the errors that follow from it. */
  private async isGone(engine: Engine): Promise<boolean> {
    const later = new Promise((resolve) => setTimeout(resolve, lossNews));
    await Promise.race([engine.lost, later]);
    return this.engine !== engine;
  }

  /** From a state that cannot be computed to the last that could, or to the first of all. False if there is none to go to. */
  private stepBack(from: State): boolean {
    this.good = this.good.filter(
      ({ state, userVectors }) => toQuery(state) !== toQuery(from) || userVectors !== this.userVectors,
    );
    const [good] = this.good;
    const isFirst = toQuery(from) === '';
    if (!good && isFirst) return false;
    this.state = good?.state ?? fromQuery('').state;
    this.userVectors = good?.userVectors ?? { file: undefined, number: 0 };
    this.panel.show(this.state);
    return true;
  }

  /** Draws everything from what is computed; cheap, and safe to call at any time. Resolves when it is drawn, or overtaken. */
  private async draw(): Promise<void> {
    const { engine, stage, state } = this;
    this.page.showView(state.scene === 'tower' ? 'layers' : 'attention');
    if (engine && stage) await this.renderQueue.draw(this.drawSteps(engine, stage, state));
  }

  /** What is to be drawn; all but the stage, if none is given. */
  private drawSteps(engine: Engine, stage: StageLike | undefined, state: State): (() => void)[] {
    // A step that was opened meanwhile gets no figures of the one before.
    const words = () => {
      if (this.state === state) this.lecture.show(state);
    };
    if (state.scene !== 'tower') return [...this.attention.drawSteps(engine, stage, state, this.userVectors), words];
    // At once: while it trains, the next picture comes soon.
    const view = () => {
      if (stage) this.layers?.draw(engine, stage, state);
      this.panel.show(state, this.layers?.isTraining);
      words();
    };
    return [view];
  }

  private evidence(): Evidence | undefined {
    const { state } = this;
    const measured = this.dialogs.evidence;
    if (measured) return { view: 'experiments', evidence: measured };
    if (state.scene === 'tower') {
      const evidence = this.layers?.evidence(state);
      return evidence && { view: 'layers', evidence };
    }
    const evidence = this.attention.evidence(state);
    return evidence && { view: 'attention', evidence };
  }

  private async enterLayers(): Promise<LayersView> {
    const { LayersView } = await loadScript(import('../views/layers-view'));
    this.layers ??= new LayersView(
      this.page,
      (change) => this.change(change),
      () => void this.draw(),
    );
    return this.layers;
  }

  /** Something beside the stage, which a person asked for. */
  private ask(part: Promise<void>): void {
    part.catch((error) => {
      if (!(error instanceof InputError)) throw error;
      this.page.showMessage(error.message);
    });
  }

  private key(event: KeyboardEvent): void {
    const step = event.shiftKey ? 10 : 1;
    const move = (by: number) =>
      this.change({ token: Math.min(Math.max(shownToken(this.state) + by, 0), this.state.n - 1) });
    const turn = (by: number) =>
      this.change({ round: Math.min(Math.max(shownRound(this.state) + 1 + by, 1), this.state.rounds) });
    const go = (by: number) =>
      this.change({ towerPhase: Math.min(Math.max(shownTowerPhase(this.state) + by, 0), 4 * this.state.layers) });
    const isLayers = this.state.scene === 'tower';
    const acts: Record<string, () => void> = {
      ArrowLeft: () => (isLayers ? go(-1) : move(-step)),
      ArrowRight: () => (isLayers ? go(1) : move(step)),
      ArrowUp: () => (isLayers ? go(1) : turn(-1)),
      ArrowDown: () => (isLayers ? go(-1) : turn(1)),
      t: () => this.change({ turn: (this.state.turn + 5) % 360 }),
      T: () => this.change({ turn: (this.state.turn + 355) % 360 }),
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
    const name = quote(file.name);
    this.page.setBusy();
    try {
      if (file.size > vectorFileLimit) {
        throw new InputError(
          `${name} has ${formatBytes(file.size)}; at most ${formatBytes(vectorFileLimit)} can be read.`,
        );
      }
      const content = new Uint8Array(await file.arrayBuffer());
      if (this.state.scene === 'tower') {
        (await this.enterLayers()).take(content);
        return;
      }
      const vectors = await readVectors(file.name, content);
      const most = this.engine?.mostTokens ?? Number.POSITIVE_INFINITY;
      const { max } = controls.heads as { max: number };
      if (vectors.n > most) throw new InputError(`${name} has ${vectors.n} tokens; at most ${most} can be shown here.`);
      if (vectors.heads > max) throw new InputError(`${name} has ${vectors.heads} heads; at most ${max} can be shown.`);
      this.userVectors = { file: vectors, number: ++this.files };
      const { heads, n, d } = vectors;
      this.change({ input: 'own', heads, n, d });
    } catch (error) {
      this.page.showMessage(error instanceof InputError ? error.message : `${name} cannot be read.`);
      if (!this.running && this.engine) this.page.setReady();
    }
  }
}
