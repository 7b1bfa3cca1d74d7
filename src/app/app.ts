import { Dialogs } from '../dialogs/dialogs';
import type { Engine } from '../engine/engine';
import type { Evidence } from '../explain';
import { Explainer } from '../explain/explainer';
import { vectorFileLimit } from '../formats/file-limits';
import type { Fit } from '../formats/fit';
import type { VectorFile } from '../formats/vector-file';
import { GpuEngine } from '../gpu/gpu-engine';
import { droppedFile, isForPage } from '../input/dropped';
import { readVectors } from '../input/files';
import { jobKey, type UserVectors } from '../input/job';
import { page as words } from '../language/page';
import { type Lesson, readAddress } from '../lecture/address';
import { LectureLoader } from '../lecture/loader';
import { InputError, quote } from '../shared/errors';
import { formatBytes } from '../shared/format';
import { mark } from '../shared/perf-mark';
import { laterTask, loadScript } from '../shared/tasks';
import type { StageActions, StageLike } from '../stage/picture';
import { controls, type State } from '../state/schema';
import { applyChange, fromQuery, shownRound, shownToken, shownTowerPhase, toQuery } from '../state/state';
import { find } from '../ui/dom';
import { isCommand } from '../ui/keys';
import { Page, type View } from '../ui/page';
import { Panel } from '../ui/panel';
import { RenderQueue } from '../ui/render-queue';
import { AttentionView } from '../views/attention-view';
import type { LayersView } from '../views/layers-view';
import { PlayLoader } from '../views/play-loader';
import type { WordsView } from '../views/words-view';
import { watchDensity } from './density';
import { NoAnswerError, openGpu } from './open-gpu';
import { listenToPrint } from './print';

/** How many times in a row, without a finished picture between, the page recovers from a lost device. */
const mostLosses = 5;

/** Reason of an abort after a person pressed Stop. */
const stopReason = new DOMException('stopped', 'AbortError');

/** Reason of an abort because the state changed. */
const overtakenReason = () => new DOMException('overtaken', 'AbortError');

/** Milliseconds after an error in which a browser may still report that the device is lost. */
const lossReportDelay = 1500;

/** Longest wait for a picture in milliseconds. */
const longestPicture = 1000;

interface DrawnState {
  state: State;
  userVectors: UserVectors;
}

const viewOf = ({ scene, input }: State): View =>
  scene === 'tower' ? 'layers' : input === 'text' ? 'words' : 'attention';

/** Connects state, engine and views. After a change of the state it computes and draws again only what depends on the change. */
export class App {
  private state: State;
  /**
   * The last two states that were drawn, newest first, with the files of their vectors. They need different computations. There are two
   * because the curve of the newest may still fail.
   */
  private drawnStates: DrawnState[] = [];
  private engine: Engine | undefined;
  private stage: StageLike | undefined;
  private userVectors: UserVectors = { file: undefined, number: 0 };
  /** The line about each file that was opened. */
  private readonly fileNotes = new WeakMap<VectorFile, HTMLElement>();
  /** Number of files opened so far. */
  private fileCount = 0;
  private isRunning = false;
  /** The page shows what is printed, in light colours. */
  private isPrinting = false;
  private abort = new AbortController();
  /** Losses of the device in a row. */
  private losses = 0;
  /** The device was lost too often, and the page computes nothing more. */
  private hasFailed = false;
  private readonly page = new Page({
    openFile: (file) => this.openFile(file),
    drop: (data) => this.drop(data),
    isForPage,
    key: (event) => this.handleKey(event),
    stop: () => this.abort.abort(stopReason),
    themeChanged: () => this.recompute(),
    resized: () => void this.render(),
    showView: (view) => {
      if (view === viewOf(this.state)) return;
      if (view === 'layers') this.change({ scene: 'tower' });
      else if (view === 'words') this.change({ scene: 'both', input: 'text' });
      else this.change({ scene: 'both', ...(this.state.input === 'text' && { input: 'twins' }) });
    },
  });
  private readonly renderQueue = new RenderQueue();
  private readonly dialogs = new Dialogs(this.page, {
    change: (change) => this.change(change),
    ownText: {
      read: (text) => this.change({ text, input: 'text', scene: 'both' }),
      use: (model, text) => void this.enterWords().then((view) => view.useModel(model, text)),
    },
  });
  private readonly panel: Panel;
  private readonly lesson: Lesson;
  private readonly lecture: LectureLoader;
  /** The state of a lecture step that was opened and is not yet shown. */
  private stepState: State | undefined;
  private readonly attention = new AttentionView(this.page, {
    change: (change) => this.change(change),
    isCurrent: (engine) => this.engine === engine,
    explain: (explanation, { x, y }) => {
      const { left, top } = this.page.stageElement.getBoundingClientRect();
      this.explainer.point(explanation, left + x, top + y);
    },
  });
  /** The view of reversible layers. Its script is fetched when the view is first entered. */
  private layers: LayersView | undefined;
  /** The view of words. Its script is fetched when a text is first shown. */
  private words: WordsView | undefined;
  /** The vectors of the text that is shown. */
  private textVectors: UserVectors = { file: undefined, number: 0 };
  /** Resolves with the engine that replaced a lost one. */
  private opening: Promise<Engine | undefined> | undefined;
  private readonly play: PlayLoader;
  private readonly explainer = new Explainer({ evidence: () => this.evidence() });

  /** What a person does on the stage. */
  private readonly stageActions: StageActions = {
    pick: (pick, isClick, at) => {
      this.lecture.point(pick);
      void this.attention.pick(this.engine, this.state, this.vectors, pick, isClick, at);
    },
    turn: (turn) => {
      if (turn !== this.state.turn) this.change({ turn });
    },
    moved: () => this.play.moved(),
  };

  constructor(query: string) {
    const { state, lesson, problems } = readAddress(query);
    this.state = state;
    this.panel = new Panel(
      this.page.panel,
      state,
      {
        change: (change) => this.change(change),
        refuse: (message) => {
          this.page.showMessage(message);
          this.panel.show(this.state);
        },
        openFile: () => this.page.chooseFile(),
        resetView: () => this.stage?.resetView(),
        measure: () => this.showErrorsOf(this.dialogs.measure(this.engine)),
        exportFiles: () => this.showErrorsOf(this.dialogs.exportFiles(this.stage)),
        sweep: () => this.showErrorsOf(this.dialogs.sweep(this.engine, this.state, this.vectors)),
        experiments: () => this.showErrorsOf(this.dialogs.experiments(this.engine, this.state, this.vectors)),
        sortYourself: () => this.openExercise(),
        compare: () => this.attention.compare(this.state, this.stage),
        play: () => this.layers?.play(() => this.state),
        training: (act) => void this.layers?.train(act, this.state),
      },
      toQuery(state) === '?input=text',
    );
    this.panel.hide(lesson.hide);
    find('#timeline').hidden = lesson.hide.includes('phase');
    this.play = new PlayLoader(query, {
      show: (phase) => {
        this.stage?.showPhase(phase);
        this.attention.showPhase({ ...this.state, phase });
      },
      keep: (phase) => this.change({ phase }),
      evidence: () => (this.state.scene === 'tower' ? undefined : this.attention.evidence(this.state)),
      followed: () => this.stage?.followed(),
      hasMarksOnly: () => this.stage?.hasMarksOnly ?? false,
    });
    this.lecture = new LectureLoader(lesson, {
      enter: (stepState) => this.enter(stepState),
      change: (change) => this.change(change),
      reveal: (keys) => this.panel.reveal(keys),
      anotherExample: () => this.layers?.anotherExample(),
      rewrite: () => this.page.setQuery(this.lecture.address(this.state)),
      showErrorsOf: (part) => this.showErrorsOf(part),
    });
    watchDensity(() => void this.render());
    listenToPrint(this.page.stageElement, {
      prepare: () => this.renderForPrint(),
      restore: () => {
        this.isPrinting = false;
        void this.render();
      },
    });
    this.lesson = lesson;
    if (lesson.exercise) this.openExercise();
    if (problems.length) this.page.showMessage(problems.join(' '));
  }

  /** Opens the GPU engine, or the CPU engine if there is no GPU, and computes the first picture. */
  async start(): Promise<void> {
    this.page.setBusy();
    this.opening = this.openEngine();
    if (await this.opening) await this.recompute();
  }

  /** The vectors of the state that no seed makes. */
  private get vectors(): UserVectors {
    return this.state.input === 'text' ? this.textVectors : this.userVectors;
  }

  /** Replaces the whole state by that of a lecture step. */
  private enter(state: State): void {
    if (this.hasFailed) return;
    this.page.showMessage(undefined);
    this.attention.forgetPick();
    this.play.interrupt();
    this.layers?.rest();
    this.stepState = state;
    this.state = state;
    this.page.setBusy();
    void this.recompute();
  }

  /** Changes some settings. A lesson may keep hidden settings as they are. */
  change(request: Partial<State>): void {
    if (this.hasFailed) return;
    const change = { ...this.play.interrupt(), ...this.lecture.allowed(request) };
    this.page.showMessage(undefined);
    this.attention.forgetPick();
    if (change.input === 'own' && !this.userVectors.file) {
      this.panel.show(this.state);
      this.page.showMessage(words.notices.needsFile);
      return;
    }
    this.state = applyChange(this.state, change);
    if (this.state.input === 'own') this.takeSizes();
    this.page.setBusy();
    void this.recompute();
  }

  /**
   * Opens an engine and its stage: on the GPU, or else on the CPU with a notice.
   * Undefined if not even the CPU engine starts: the page then says why.
   * @param isAgain the device was lost before
   */
  private async openEngine(isAgain = false): Promise<Engine | undefined> {
    try {
      return await this.openAnyEngine(isAgain);
    } catch (error) {
      // A frame may forbid the worker of the CPU engine, or its script could not be fetched.
      if (!(error instanceof InputError)) throw error;
      this.hasFailed = true;
      this.page.setFailed(error.message);
      return undefined;
    }
  }

  private async openAnyEngine(isAgain: boolean): Promise<Engine | undefined> {
    this.stage?.dispose();
    this.stage = undefined;
    this.attention.forget();
    let gpuEngine: GpuEngine | undefined;
    const { gpuLost, noAnswer, withoutHttps, withoutStage, withoutWebGpu } = words.notices;
    // Browsers hide WebGPU from pages that came over plain http.
    let reason = isSecureContext ? withoutWebGpu : withoutHttps;
    try {
      // The device opens while the browser reads and runs three.js, which takes a while.
      const stageScript = import('../stage/stage');
      stageScript.catch(() => {});
      const open = await openGpu(navigator.gpu);
      if (open) {
        open.device.addEventListener('uncapturederror', (event) => {
          const { message } = (event as GPUUncapturedErrorEvent).error;
          this.page.showMessage(words.notices.gpuError(message.split('\n')[0]));
        });
        mark('device open');
        const engine = new GpuEngine(open);
        gpuEngine = engine;
        reason = withoutStage;
        const { Stage } = await stageScript;
        await laterTask();
        this.stage = await Stage.create(this.page.stageElement, engine, this.state.scene, this.stageActions);
        mark('stage made');
        await laterTask();
        this.engine = engine;
        void engine.lost.then(() => this.recover(engine));
      }
    } catch (error) {
      console.warn('WebGPU does not work:', error);
      if (error instanceof NoAnswerError) reason = noAnswer;
      gpuEngine?.free();
    }
    if (!this.stage) {
      const [{ CpuEngine }, { FlatStage }] = await loadScript(
        Promise.all([import('../engine/cpu-engine'), import('../stage/flat')]),
      );
      const engine = new CpuEngine();
      this.engine = engine;
      this.stage = new FlatStage(this.page.stageElement, engine, this.stageActions);
      if (isAgain) this.page.appendMessage(gpuLost);
      this.page.appendMessage(reason(engine.mostTokens));
    }
    return this.engine;
  }

  /** Opens another engine after the device was lost. */
  private async recover(engine: GpuEngine): Promise<void> {
    if (this.engine !== engine) return;
    this.engine = undefined;
    this.page.setBusy();
    if (++this.losses > mostLosses) {
      this.hasFailed = true;
      this.page.setFailed(words.notices.gpuLostTooOften);
      return;
    }
    this.page.showMessage(undefined);
    this.opening = this.openEngine(true);
    const next = await this.opening;
    if (!next) return;
    if (next.kind === 'gpu') this.page.showMessage(words.notices.gpuRestarted);
    await this.recompute();
  }

  /** Computes what the present state needs, and renders it, until everything that is shown belongs to the present state. */
  private async recompute(): Promise<void> {
    this.showPanel();
    if (this.isRunning) {
      // A running job that the present state needs goes on. Other work, such as the curve, is aborted and starts again.
      if (!this.attention.isComputing(jobKey(this.state, this.vectors.number))) this.abort.abort(overtakenReason());
      return;
    }
    this.isRunning = true;
    this.page.setBusy();
    try {
      while (this.engine && !(await this.recomputeOnce(this.engine))) {}
      if (!this.engine) return;
      this.losses = 0;
      this.page.setReady();
      this.play.ready();
    } finally {
      this.isRunning = false;
    }
  }

  /** Puts the sizes of the present vectors into the state. False if the state has them. */
  private takeSizes(): boolean {
    const { file } = this.vectors;
    if (!file) return false;
    const { heads, n, d } = file;
    const token = this.state.input === 'text' ? Math.min(this.state.token, n - 1) : this.state.token;
    const { state } = this;
    if (state.heads === heads && state.n === n && state.d === d && state.token === token) return false;
    this.state = { ...state, heads, n, d, token };
    return true;
  }

  /** Tries to bring everything up to date. False if the state or the engine changed meanwhile, or if the page went back to an older state. */
  private async recomputeOnce(engine: Engine): Promise<boolean> {
    const { state } = this;
    this.abort = new AbortController();
    const { signal } = this.abort;
    const isOld = () => this.state !== state || this.engine !== engine;
    try {
      if (state.scene === 'tower') {
        const [layers] = await Promise.all([this.enterLayers(), this.stage?.need?.('tower')]);
        if (isOld()) return false;
        await layers.recompute(engine, state);
        if (isOld()) return false;
        await this.showResult(state);
        return !isOld();
      }
      this.layers?.leave();
      if (state.input === 'text') {
        this.textVectors = await (await this.enterWords()).vectors(engine, state, signal);
        if (isOld()) return false;
        if (this.takeSizes()) return false;
      } else this.words?.leave();
      const sceneScript = this.stage?.need?.(state.scene);
      sceneScript?.catch(() => {});
      await this.attention.recompute(engine, state, this.vectors, signal);
      await sceneScript;
      if (isOld()) return false;
      if (state.input === 'text') await this.words?.recompute(engine, state, jobKey(state, this.vectors.number));
      if (isOld()) return false;
      await this.showResult(state);
      if (isOld()) return false;
      await this.attention.recomputeCurve(engine, signal);
      if (isOld()) return false;
      // The stage does not depend on the curve.
      await this.render({ stage: undefined });
      return !isOld();
    } catch (error) {
      return this.handleFailure(error, engine, state, signal);
    }
  }

  /** Shows why a state could not be computed. True if nothing is left to compute. */
  private async handleFailure(error: unknown, engine: Engine, state: State, signal: AbortSignal): Promise<boolean> {
    // An abort ends the worker of the CPU engine, and its results are lost.
    if (signal.aborted && engine.kind === 'cpu') this.attention.forget();
    if (this.state !== state) return false;
    if (signal.aborted) {
      // Without a press of Stop, a change of the theme or a recovery aborted the work, and it starts again.
      if (signal.reason !== stopReason) return false;
      this.page.showMessage(words.notices.stopped);
      this.attention.showStopped(state);
      return true;
    }
    if (!(error instanceof InputError) && (await this.wasLost(engine))) return false;
    this.page.showMessage(error instanceof Error ? error.message : String(error));
    if (!(error instanceof InputError)) {
      console.error(error);
      return true;
    }
    return !this.stepBack(state);
  }

  /** Renders a computed state, and writes it into the address. */
  private async showResult(state: State): Promise<void> {
    const computationOf = (entry: DrawnState) =>
      entry.state.scene === 'tower' ? toQuery(entry.state) : jobKey(entry.state, entry.userVectors.number);
    const newest = { state, userVectors: this.vectors };
    const others = this.drawnStates.filter((entry) => computationOf(entry) !== computationOf(newest));
    this.drawnStates = [newest, ...others].slice(0, 2);
    mark('computed');
    const rendering = this.render();
    // A lecture step always starts with the same camera.
    if (state === this.stepState) this.stage?.resetView();
    this.stepState = undefined;
    await rendering;
    if (this.state === state && state.scene !== 'tower') await this.waitForPicture();
    if (this.state === state) this.page.setQuery(this.lecture.address(state));
  }

  /**
   * Waits until the picture is on the screen. Long work on the device would delay the picture, and a new address blocks the page for a
   * moment, so both wait for it. A hidden page is not drawn.
   */
  private async waitForPicture(): Promise<void> {
    if (document.hidden) return;
    await Promise.race([this.stage?.drawn, new Promise((resolve) => setTimeout(resolve, longestPicture))]);
  }

  /** Resolves with true if the engine was lost. A browser may report the loss some time after the errors that follow from it. */
  private async wasLost(engine: Engine): Promise<boolean> {
    const timeout = new Promise((resolve) => setTimeout(resolve, lossReportDelay));
    await Promise.race([engine.lost, timeout]);
    return this.engine !== engine;
  }

  /** Goes from an invalid state back to the last state that was drawn, or to the default state. False if the default state is invalid. */
  private stepBack(from: State): boolean {
    this.drawnStates = this.drawnStates.filter(
      ({ state, userVectors }) => toQuery(state) !== toQuery(from) || userVectors !== this.vectors,
    );
    const [last] = this.drawnStates;
    const isDefault = toQuery(from) === '';
    if (!last && isDefault) return false;
    this.state = last?.state ?? fromQuery('').state;
    if (last?.state.input !== 'text') this.userVectors = last?.userVectors ?? { file: undefined, number: 0 };
    this.showPanel();
    return true;
  }

  /**
   * Renders the results that are there. Cheap, and safe to call at any time. Resolves when all is rendered, or when a newer picture begins.
   * `stage: undefined` leaves the stage as it is.
   */
  private async render({ stage }: { stage: StageLike | undefined } = { stage: this.stage }): Promise<void> {
    // On paper, the page stays as `renderForPrint` has rendered it.
    if (this.isPrinting) return;
    const { engine, state } = this;
    const isLayers = state.scene === 'tower';
    this.page.showView(viewOf(state));
    if (!engine || !this.stage) return;
    // A lecture step that was opened meanwhile must not show the figures of this state.
    const renderLecture = () => {
      if (this.state === state) this.lecture.show(state, isLayers ? this.layers?.example : undefined);
    };
    const renderWords = () => {
      const { readout } = this.attention;
      if (state.input === 'text' && readout)
        this.words?.render(state, readout, this.page.applyTheme(state.theme) === 'dark');
    };
    // One step, because training may soon replace a picture that is rendered in several.
    const renderLayers = () => {
      if (stage) this.layers?.render(engine, stage, state);
      this.panel.show(state, this.layers?.isTraining);
      renderLecture();
    };
    await this.renderQueue.render(
      isLayers
        ? [renderLayers]
        : [
            ...this.attention.renderSteps(engine, stage, this.play.shown(state), this.vectors),
            () => this.play.render(state),
            renderWords,
            renderLecture,
          ],
    );
  }

  /** Renders all at once in light colours, and returns a picture of the stage at twice its size. */
  private renderForPrint(): HTMLCanvasElement | undefined {
    const { engine, stage, vectors: userVectors } = this;
    this.isPrinting = true;
    const state: State = { ...this.state, theme: 'light' };
    this.page.applyTheme('light');
    if (!engine || !stage) return undefined;
    if (state.scene === 'tower') this.layers?.render(engine, stage, state);
    else for (const step of this.attention.renderSteps(engine, stage, state, userVectors)) step();
    return stage.copy(2);
  }

  /** The data behind the shown numbers, from which the explainer explains them. */
  private evidence(): Evidence | undefined {
    const { state } = this;
    const dialogEvidence = this.dialogs.evidence;
    if (dialogEvidence) return { view: 'experiments', evidence: dialogEvidence };
    if (state.scene === 'tower') {
      const evidence = this.layers?.evidence(state);
      return evidence && { view: 'layers', evidence };
    }
    const evidence = this.attention.evidence(state);
    const next = state.input === 'text' ? this.words?.evidence(state) : undefined;
    return evidence && { view: 'attention', evidence: { ...evidence, next } };
  }

  private async enterWords(): Promise<WordsView> {
    const { WordsView } = await loadScript(import('../views/words-view'));
    this.words ??= new WordsView(this.page, {
      change: (change) => this.change(change),
      state: () => this.state,
      engine: async (lost) => {
        if (lost && !(await this.wasLost(lost))) return lost;
        return this.engine ?? this.opening;
      },
      showMessage: (message) => this.page.showMessage(message),
      ownText: () => this.showErrorsOf(this.dialogs.ownText(this.engine)),
    });
    return this.words;
  }

  /** Opens the exercise of sorting by hand, which the address names while it is open. */
  private openExercise(): void {
    const name = (exercise: boolean) => {
      this.lesson.exercise = exercise || undefined;
      if (!this.isRunning) this.page.setQuery(this.lecture.address(this.state));
    };
    this.showErrorsOf(this.dialogs.sortYourself(() => name(false)).then(() => name(true)));
  }

  private async enterLayers(): Promise<LayersView> {
    const { LayersView } = await loadScript(import('../views/layers-view'));
    this.layers ??= new LayersView(this.page, {
      change: (change) => this.change(change),
      render: () => void this.render(),
    });
    return this.layers;
  }

  /** Shows the error of an action beside the stage, such as opening a dialog. */
  private showErrorsOf(action: Promise<void>): void {
    action.catch((error) => {
      if (!(error instanceof InputError)) throw error;
      this.page.showMessage(error.message);
    });
  }

  private handleKey(event: KeyboardEvent): void {
    const step = event.shiftKey ? 10 : 1;
    const moveToken = (by: number) =>
      this.change({ token: Math.min(Math.max(shownToken(this.state) + by, 0), this.state.n - 1) });
    const moveRound = (by: number) =>
      this.change({ round: Math.min(Math.max(shownRound(this.state) + 1 + by, 1), this.state.rounds) });
    const movePhase = (by: number) =>
      this.change({ towerPhase: Math.min(Math.max(shownTowerPhase(this.state) + by, 0), 4 * this.state.layers) });
    const isLayers = this.state.scene === 'tower';
    const actions: Record<string, () => void> = {
      ArrowLeft: () => (isLayers ? movePhase(-1) : moveToken(-step)),
      ArrowRight: () => (isLayers ? movePhase(1) : moveToken(step)),
      ArrowUp: () => (isLayers ? movePhase(1) : moveRound(-1)),
      ArrowDown: () => (isLayers ? movePhase(-1) : moveRound(1)),
      t: () => this.change({ turn: (this.state.turn + 5) % 360 }),
      T: () => this.change({ turn: (this.state.turn + 355) % 360 }),
      '+': () => this.stage?.zoom(1.25),
      '-': () => this.stage?.zoom(0.8),
      '0': () => this.stage?.resetView(),
    };
    const action = isCommand(event) ? actions[event.key] : undefined;
    const scrolls = document.documentElement.scrollHeight > innerHeight && event.key.match(/Up|Down/);
    if (!action || (scrolls && document.activeElement === document.body)) return;
    event.preventDefault();
    action();
  }

  /** Opens the file that was dropped, or says why there is none. */
  private drop(data: DataTransfer | null): void {
    try {
      void this.openFile(droppedFile(data));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.page.showMessage(error.message);
    }
  }

  private showPanel(): void {
    const { file } = this.userVectors;
    this.panel.show(this.state);
    this.panel.showNote(this.state.input === 'own' && file ? this.fileNotes.get(file) : undefined);
  }

  /** Opens a file of vectors, or in the view of reversible layers a file of weights. `fit`: which heads to show, and how to project. */
  private async openFile(file: File, fit: Partial<Fit> = {}): Promise<void> {
    const { fileErrors } = words;
    if (viewOf(this.state) === 'words' && /\.(txt|md|json)$/i.test(file.name)) {
      this.showErrorsOf(this.dialogs.ownText(this.engine, file));
      return;
    }
    const name = quote(file.name);
    this.page.setBusy();
    try {
      if (file.size > vectorFileLimit) {
        throw new InputError(fileErrors.tooLarge(name, formatBytes(file.size), formatBytes(vectorFileLimit)));
      }
      if (file.size === 0) throw new InputError(fileErrors.empty(name));
      const isTower = this.state.scene === 'tower';
      if (isTower && !/\.safetensors$/i.test(file.name)) throw new InputError(fileErrors.onlyWeights(name));
      const content = new Uint8Array(await file.arrayBuffer());
      if (isTower) {
        (await this.enterLayers()).take(content);
        return;
      }
      const { max: mostHeads } = controls.heads as { max: number };
      const vectors = await readVectors(file.name, content, { mostHeads, ...fit });
      const mostTokens = this.engine?.mostTokens ?? Number.POSITIVE_INFINITY;
      const { n: tokens, heads, d } = vectors;
      if (tokens > mostTokens) throw new InputError(fileErrors.tooManyTokens(name, tokens, mostTokens));
      const { makeFileNote } = await loadScript(import('../ui/file-note'));
      this.fileNotes.set(
        vectors,
        makeFileNote(name, vectors, (change) => void this.openFile(file, { ...fit, ...change })),
      );
      this.userVectors = { file: vectors, number: ++this.fileCount };
      this.change({ input: 'own', heads, n: tokens, d });
    } catch (error) {
      this.page.showMessage(error instanceof InputError ? error.message : fileErrors.unreadable(name));
      if (!this.isRunning && this.engine) this.page.setReady();
    }
  }
}
