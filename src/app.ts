import { BucketChart } from './charts/buckets';
import { bytes } from './charts/chart';
import { RoundsChart } from './charts/rounds';
import { StepChart } from './charts/steps';
import { CoreEngine } from './core/core-engine';
import type { Curve, Engine, Job, MatrixView, Timings } from './core/engine';
import { InputError } from './core/errors';
import { rotations } from './core/hash';
import { duplication, own, sphere, twins, type Vectors } from './core/inputs';
import { readToken, type TokenReadout } from './core/readout';
import { readVectorFile, type VectorFile, vectorFileLimit } from './core/vectorfile';
import { openDevice } from './gpu/device';
import { allQueries, GpuEngine, matrixSize } from './gpu/engine';
import { Page } from './page';
import { Panel } from './panel/panel';
import { showReadout } from './readout';
import { FlatStage } from './stage/flat';
import type { Pick, Picture, StageLike } from './stage/picture';
import { Stage } from './stage/stage';
import { themes } from './state/palette';
import { controls, keys, type State } from './state/schema';
import { changed, fromQuery, settingsOf, shapeOf, shownHead, shownRound, shownToken, toQuery } from './state/state';

/** Everything that was computed for a state, each with the state it belongs to. */
interface Results {
  job: string;
  timings: Timings;
  vectors: Vectors;
  sizes: { key: string; value: Uint32Array[] } | undefined;
  token: { key: string; value: TokenReadout } | undefined;
  matrix: { key: string; view: MatrixView } | undefined;
  curve: { value: Curve; fullMilliseconds: number } | undefined;
}

const jobKeys = keys.filter((key) => controls[key].group !== 'view');
const retries = 5;

/** Keeps state, engine and everything drawn in step: whatever changes, only what depends on it is computed again. */
export class App {
  private state: State;
  private good: State | undefined;
  private engine: Engine | undefined;
  private stage: StageLike | undefined;
  private results: Results | undefined;
  private file: VectorFile | undefined;
  private fileNumber = 0;
  private running = false;
  private abort = new AbortController();
  private losses = 0;
  private readonly page = new Page();
  private readonly panel: Panel;
  private readonly charts = {
    buckets: new BucketChart(this.page.charts),
    rounds: new RoundsChart(this.page.charts),
    steps: new StepChart(this.page.charts),
  };

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
    });
    if (problems.length) this.page.say(problems.join(' '));
    this.page.onFile = (file) => this.takeFile(file);
    this.page.onKey = (event) => this.key(event);
    this.page.onStop = () => this.abort.abort(new DOMException('stopped', 'AbortError'));
    this.page.onTheme = () => this.settle();
    this.page.onResize = () => this.draw();
  }

  /** Opens the GPU, or else the core, and computes the first picture. */
  async start(): Promise<void> {
    this.page.busy();
    await this.openEngine();
    await this.settle();
  }

  change(change: Partial<State>): void {
    this.state = changed(this.state, change);
    if (this.state.input === 'own') {
      if (!this.file) {
        this.state = { ...this.state, input: this.good?.input === 'own' ? 'twins' : (this.good?.input ?? 'twins') };
        this.page.say('Drop a .npy, .csv or .safetensors file of vectors on the page, or open one.');
      } else {
        const { heads, n, d } = this.file;
        this.state = { ...this.state, heads, n, d };
      }
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
      this.page.say(
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
      if (this.results?.job !== this.jobKey()) this.abort.abort(new DOMException('overtaken', 'AbortError'));
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
      await this.compute(engine, state, signal);
      if (this.state !== state) return false;
      this.good = state;
      this.draw();
      this.page.setQuery(toQuery(state));
      await this.computeCurve(engine, signal);
      if (this.state !== state) return false;
      this.draw();
      return true;
    } catch (error) {
      if (this.engine !== engine) return true;
      if (this.state !== state) return false;
      if (signal.aborted) {
        this.page.say('Stopped. Change anything to go on.');
        return true;
      }
      if (!(error instanceof InputError)) console.error(error);
      this.page.say(error instanceof Error ? error.message : String(error));
      if (!this.good || this.good === state) {
        this.good = undefined;
        this.state = fromQuery('').state;
        if (!(error instanceof InputError) || this.jobKey() === this.results?.job) return true;
      } else {
        this.state = this.good;
      }
      this.panel.show(this.state);
      return false;
    }
  }

  private jobKey(): string {
    return JSON.stringify([this.state.input === 'own' ? this.fileNumber : 0, ...jobKeys.map((key) => this.state[key])]);
  }

  private async compute(engine: Engine, state: State, signal: AbortSignal): Promise<void> {
    const job = this.jobKey();
    if (this.results?.job !== job) {
      const task = this.makeJob(state, engine);
      const timings = await engine.compute(task, {
        signal,
        onProgress: (done) => this.page.progress('attention', done),
      });
      this.results = {
        job,
        timings,
        vectors: task.vectors,
        sizes: undefined,
        token: undefined,
        matrix: undefined,
        curve: undefined,
      };
    }
    const { results } = this;
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
  }

  private async computeCurve(engine: Engine, signal: AbortSignal): Promise<void> {
    const { results } = this;
    if (!results || results.curve) return;
    const onProgress = (done: number) => this.page.progress('full attention', done);
    const { curve, timings } = await engine.curve({ signal, onProgress });
    results.curve = { value: curve, fullMilliseconds: timings.get('full attention') ?? Number.NaN };
  }

  private makeJob(state: State, engine: Engine): Job {
    const settings = settingsOf(state);
    const shape = shapeOf(state);
    if (shape.n > engine.mostTokens) {
      throw new InputError(`${shape.n} tokens were asked for; ${engine.name} takes at most ${engine.mostTokens} here.`);
    }
    const { seed, noise, length, symbols } = state;
    const options = { seed, noise, length };
    const make = {
      twins: () => twins(shape, options),
      sphere: () => sphere(shape, options),
      duplication: () => duplication(shape, { ...options, symbols }),
      own: () => {
        if (!this.file) throw new InputError('There is no file of vectors; drop one on the page.');
        return own(shape, this.file.qk, this.file.v);
      },
    }[state.input];
    return { vectors: make(), settings, rotations: rotations(shape, settings, seed) };
  }

  /** Draws everything from what is computed; cheap, and safe to call at any time. */
  private draw(): void {
    const { results, state, engine } = this;
    if (!results?.token || !results.matrix || !results.sizes || !engine || this.jobKey() !== results.job) return;
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
    showReadout(this.page.readout, readout, round, this.nameOf(results.vectors), (token) => this.change({ token }));
    this.page.legend(theme);
    const memory = engine.memory();
    this.page.device(engine.name, memory && `${bytes(memory.live)} of GPU memory`);
  }

  private nameOf({ label, shape }: Vectors): (token: number) => string {
    const half = Math.ceil(shape.n / 2);
    if (label) return (token) => `${token} (${label(token)})`;
    if (this.state.input !== 'twins') return String;
    const chosen = shownToken(this.state);
    return (token) => (Math.abs(token - chosen) === half ? `${token}, its twin` : String(token));
  }

  private async pick(pick: Pick | undefined, chosen: boolean, at: { x: number; y: number }): Promise<void> {
    const { results, engine, state } = this;
    if (!pick || !results?.token || !results.matrix || !engine) {
      this.page.tip(undefined, at);
      return;
    }
    const head = shownHead(state);
    const round = shownRound(state);
    const { view } = results.matrix;
    const tokenOf = async (position: number) =>
      view.sortedBy === undefined ? position : engine.tokenAt(head, view.sortedBy, position);
    if (pick.what === 'cell') {
      const query = await tokenOf(view.start + pick.row);
      if (chosen) this.change({ token: query });
      else this.page.tip(pairWords(query, await tokenOf(view.start + pick.column), results.token.value, state), at);
      return;
    }
    const token = pick.what === 'token' ? pick.token : await engine.tokenAt(head, round, pick.position);
    if (chosen) this.change({ token });
    else this.page.tip(`token ${this.nameOf(results.vectors)(token)}: click to select it`, at);
  }

  private key(event: KeyboardEvent): void {
    const step = event.shiftKey ? 10 : 1;
    const move = (by: number) =>
      this.change({ token: Math.min(Math.max(shownToken(this.state) + by, 0), this.state.n - 1) });
    const turn = (by: number) =>
      this.change({ round: Math.min(Math.max(shownRound(this.state) + 1 + by, 1), this.state.rounds) });
    const acts: Record<string, () => void> = {
      ArrowLeft: () => move(-step),
      ArrowRight: () => move(step),
      ArrowUp: () => turn(-1),
      ArrowDown: () => turn(1),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  private async takeFile(file: File): Promise<void> {
    this.page.busy();
    try {
      if (file.size > vectorFileLimit) {
        throw new InputError(`${file.name} has ${bytes(file.size)}; at most ${bytes(vectorFileLimit)} can be read.`);
      }
      const vectors = readVectorFile(file.name, new Uint8Array(await file.arrayBuffer()));
      const most = this.engine?.mostTokens ?? 0;
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
      if (!this.running) this.page.ready();
    }
  }
}

/** The square of pairs that is shown: all, or the part around the selected token. */
function matrixView(state: State, readout: TokenReadout): MatrixView {
  const round = shownRound(state);
  const sorted = state.matrixOrder === 'sorted';
  // Each row needs its own full attention: where keys are many, rows are few.
  const count = Math.min(state.n, state.n <= allQueries ? matrixSize : 128);
  const center = sorted ? readout.rounds[round].rank : readout.token;
  const start = Math.max(0, Math.min(state.n - count, center - Math.floor(count / 2)));
  return {
    head: shownHead(state),
    start,
    count,
    sortedBy: sorted ? round : undefined,
    onlyRound: state.matrixRounds === 'one' ? round : undefined,
  };
}

/** What a cell of the matrix is. For the selected query its numbers are known; others are one click away. */
function pairWords(query: number, key: number, readout: TokenReadout, { causal }: State): string {
  const pair = `query ${query}, key ${key}`;
  if (causal && key > query) return `${pair}: later, so causality hides it`;
  if (query !== readout.token) return `${pair}: click to select the query`;
  const seen = readout.seen.find((entry) => entry.key === key);
  const missed = readout.missed.find((entry) => entry.key === key);
  const full = `full attention ${((seen ?? missed)?.full ?? 0).toPrecision(3)}`;
  if (!seen) return `${pair}: found in no round; ${full}`;
  const rounds = seen.rounds.map((round) => round + 1).join(', ');
  return `${pair}: seen in round ${rounds}; weight ${seen.weight.toPrecision(3)}, ${full}`;
}
