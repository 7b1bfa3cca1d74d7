import type { Vectors } from '../algorithm/inputs';
import { windowLength } from '../algorithm/settings';
import { readToken, type TokenReadout } from '../algorithm/token-report';
import { BucketChart } from '../charts/buckets';
import { CauseChart } from '../charts/causes';
import { DotList } from '../charts/dots';
import { RoundsChart } from '../charts/rounds';
import { StepChart } from '../charts/steps';
import type { Curve, Engine, Job, MatrixView, Stretch, Timings } from '../engine/engine';
import type { AttentionEvidence } from '../explain/attention';
import { type Explanation, precise } from '../explain/explanation';
import { GpuEngine } from '../gpu/gpu-engine';
import { jobKey, makeJob, matrixView, stretchOf, type UserVectors } from '../input/job';
import type { Pick, StageLike } from '../stage/picture';
import { themes } from '../state/palette';
import { type State, sceneParts } from '../state/schema';
import { settingsOf, shapeOf, shownHead, shownRound, shownToken } from '../state/state';
import type { Page } from '../ui/page';
import { cellWords, pairWords, tokenNames } from '../ui/token-names';
import { Comparison, type Measured, type SettingResult } from './comparison';
import { showReadout } from './token-readout';

/** Milliseconds that a pointer rests before another query is asked about. */
const rest = 120;

/** Everything that was computed for a state, each with the state it belongs to. */
interface Results {
  job: string;
  timings: Timings;
  vectors: Vectors;
  rotations: Float32Array;
  sizes: { key: string; value: Uint32Array[] } | undefined;
  token: { key: string; value: TokenReadout } | undefined;
  matrix: { key: string; view: MatrixView } | undefined;
  stretch: { key: string; value: Stretch } | undefined;
  curve: { value: Curve; fullMilliseconds: number } | undefined;
}

/** The view of LSH attention: what an engine computed for a state, and everything that is drawn of it. */
export class AttentionView {
  private results: Results | undefined;
  /** The job being computed at this moment. */
  private computing: string | undefined;
  private picks = 0;
  private readonly charts;

  private readonly comparison = new Comparison((state) => this.change(state));

  constructor(
    private readonly page: Page,
    private readonly change: (change: Partial<State>) => void,
    /** Whether an engine is still the page's. Some calls of a lost device end as if all were well. */
    private readonly isCurrent: (engine: Engine) => boolean,
    /** Explains what is pointed at on the stage, at a place of the view in CSS pixels. */
    private readonly point: (explanation: Explanation | undefined, at: { x: number; y: number }) => void,
  ) {
    this.charts = {
      buckets: new BucketChart(page.charts),
      rounds: new RoundsChart(page.charts),
      causes: new CauseChart(page.charts),
      steps: new StepChart(page.charts),
      dots: new DotList(page.hashing),
    };
  }

  /** What was computed is gone. */
  forget(): void {
    this.results = undefined;
  }

  /** What is pointed at may be something else in a moment. */
  forgetPick(): void {
    this.picks++;
    this.page.tip(undefined, { x: 0, y: 0 });
    this.point(undefined, { x: 0, y: 0 });
  }

  isComputing(job: string): boolean {
    return this.computing === job;
  }

  /** Brings everything but the curve up to date with the state. @throws InputError if it cannot be computed; the signal's reason. */
  async compute(engine: Engine, state: State, userVectors: UserVectors, signal: AbortSignal): Promise<void> {
    const job = jobKey(state, userVectors.number);
    if (this.results?.job !== job) {
      const onProgress = (done: number) => this.page.progress('attention', done);
      this.computing = job;
      let task: Job;
      let timings: Timings;
      try {
        task = await makeJob(state, engine, userVectors.file, signal);
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
        rotations: task.rotations,
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
    const tokenKey = `${sizesKey} ${token}`;
    const [sizes, readout] = await Promise.all([
      results.sizes?.key === sizesKey ? results.sizes.value : engine.bucketSizes(head),
      results.token?.key === tokenKey ? results.token.value : this.readoutOf(engine, state, token),
    ]);
    results.sizes = { key: sizesKey, value: sizes };
    results.token = { key: tokenKey, value: readout };
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

  /** Error and captured mass by rounds, once for each job. */
  async computeCurve(engine: Engine, signal: AbortSignal): Promise<void> {
    const { results } = this;
    if (!results || results.curve) return;
    const onProgress = (done: number) => this.page.progress('full attention', done);
    const { curve, timings } = await engine.curve({ signal, onProgress });
    this.assertCurrent(engine);
    results.curve = { value: curve, fullMilliseconds: timings.get('full attention') ?? Number.NaN };
  }

  /** A person stopped before the curve was there. */
  showStopped({ n }: State): void {
    for (const chart of [this.charts.rounds, this.charts.causes]) {
      chart.show(this.results?.curve?.value, n, 'not computed');
    }
  }

  /** What is to be drawn of what is computed, the stage first if it is given; nothing, if that was for another state. */
  drawSteps(engine: Engine, stage: StageLike | undefined, state: State, userVectors: UserVectors): (() => void)[] {
    const { results } = this;
    if (!results?.token || !results.matrix || !results.stretch || !results.sizes) return [];
    if (jobKey(state, userVectors.number) !== results.job) return [];
    const theme = themes[this.page.applyTheme(state.theme)];
    const settings = settingsOf(state);
    const round = shownRound(state);
    const readout = results.token.value;
    const stretch = results.stretch.value;
    const { view } = results.matrix;
    const sizes = results.sizes.value[round];
    const { rotations: directions, vectors, curve } = results;
    const hashed = { qk: vectors.qk, directions, settings, shape: shapeOf(state), head: shownHead(state), round };
    const parts = sceneParts[state.scene];
    return [
      () => {
        this.page.legend(parts.includes('matrix') ? theme : undefined, settings.causal, view.each);
        stage?.show({ ...hashed, state, theme, matrix: view, stretch, readout });
        if (stage && engine instanceof GpuEngine) engine.context.releaseRetired();
      },
      () => {
        const name = tokenNames(vectors, state);
        showReadout(this.page.readout, readout, settings, round, name, (token) => this.change({ token }));
        const memory = engine.memory();
        this.page.device(engine.name, memory && { bytes: memory.live, words: 'of tensors on the GPU' });
      },
      () => {
        if (parts.includes('sphere')) this.charts.dots.show({ ...hashed, token: readout.token, dark: theme.dark });
        else this.charts.dots.hide();
        this.charts.buckets.show(sizes, settings, round, readout.rounds[round].bucket, theme.dark);
      },
      () => {
        this.charts.rounds.show(curve?.value, state.n);
        this.charts.causes.show(curve?.value, state.n);
      },
      () => {
        this.charts.steps.show({
          steps: results.timings,
          full: curve && { milliseconds: curve.fullMilliseconds, queries: curve.value.queries },
          tokens: state.n,
          ownClock: engine.ownClock,
          device: engine.name,
        });
        this.comparison.show(this.outcome(results, state, readout));
      },
    ];
  }

  /** Keeps the present setting as A, to compare others with. */
  compare(state: State, stage: StageLike | undefined): void {
    const { results } = this;
    if (!results?.token) return;
    this.comparison.keep({ ...this.outcome(results, state, results.token.value), picture: stage?.image?.() });
  }

  private outcome({ curve, timings }: Results, state: State, { seen }: TokenReadout): SettingResult {
    const settings = settingsOf(state);
    const last = curve?.value.points.at(-1);
    const found: [Measured, number][] = last
      ? [
          ['error', last.error],
          ['captured', last.captured],
          ...Object.entries(last.lost).map(([cause, value]): [Measured, number] => [cause as Measured, value]),
        ]
      : [];
    const milliseconds = [...timings.values()].reduce((a, b) => a + b, 0);
    const slots = settings.rounds * windowLength(settings);
    return {
      state,
      numbers: new Map([...found, ['seen', seen.length], ['slots', slots], ['milliseconds', milliseconds]]),
    };
  }

  /** What the numbers that are shown were made from; undefined before there are any. */
  evidence(state: State): AttentionEvidence | undefined {
    const { results } = this;
    if (!results?.token || !results.sizes) return undefined;
    const round = shownRound(state);
    return {
      shape: results.vectors.shape,
      settings: settingsOf(state),
      qk: results.vectors.qk,
      rotations: results.rotations,
      head: shownHead(state),
      round,
      readout: results.token.value,
      sizes: results.sizes.value[round],
      curve: results.curve?.value,
      timings: results.timings,
    };
  }

  /** A person points at something drawn, or chooses it. */
  async pick(
    engine: Engine | undefined,
    state: State,
    userVectors: UserVectors,
    pick: Pick | undefined,
    chosen: boolean,
    at: { x: number; y: number },
  ): Promise<void> {
    const number = ++this.picks;
    const { results } = this;
    if (!pick || !results?.token || !results.matrix || !engine || results.job !== jobKey(state, userVectors.number)) {
      this.page.tip(undefined, at);
      this.point(undefined, at);
      return;
    }
    if (pick.what === 'round') {
      if (chosen) this.change({ round: pick.round + 1 });
      this.point(undefined, at);
      this.page.tip(chosen ? undefined : `round ${pick.round + 1}: click to bring it to the front`, at);
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
      // What was clicked is of interest however late the answer came.
      if (chosen) {
        this.change({ token });
        return;
      }
      // What was pointed at before an answer came is no longer of interest.
      const isOld = () => number !== this.picks;
      if (isCell && view.each === 1) {
        const key = await tokenOf(view.sortedBy, view.start + pick.column);
        // Another query than the selected one is asked about only where a pointer rests.
        if (token !== readout.token) await new Promise((resolve) => setTimeout(resolve, rest));
        if (isOld()) return;
        const pointedAt = token === readout.token ? readout : await this.readoutOf(engine, state, token);
        const words = await pairWords(token, key, pointedAt, settingsOf(state), (tokens) =>
          engine.placementOf(head, tokens),
        );
        if (isOld()) return;
        const said = await this.explainPair(state, pointedAt, key);
        if (isOld()) return;
        this.page.tip(said ? undefined : words, at);
        this.point(said, at);
        return;
      }
      const words = isCell
        ? cellWords(view, pick)
        : `token ${tokenNames(results.vectors, state)(token)}: click to select it`;
      if (isOld()) return;
      this.point(undefined, at);
      this.page.tip(words, at);
    } catch (error) {
      // The engine has gone on to another job, or was lost.
      if (this.results === results && this.isCurrent(engine)) throw error;
    }
  }

  /** All about one token. */
  private async readoutOf(engine: Engine, state: State, token: number): Promise<TokenReadout> {
    const head = shownHead(state);
    const placementOf = (tokens: number[]) => engine.placementOf(head, tokens);
    return readToken(await engine.token(head, token), settingsOf(state), placementOf);
  }

  /** The arithmetic of a pair that some round saw. */
  private async explainPair(state: State, readout: TokenReadout, key: number): Promise<Explanation | undefined> {
    const evidence = this.evidence(state);
    const seen = readout.seen.find((entry) => entry.key === key);
    if (!evidence || !seen) return undefined;
    const { explain } = await import('../explain');
    return explain('key-weight', String(key), precise(seen.weight), {
      view: 'attention',
      evidence: { ...evidence, readout },
    });
  }

  /** @throws Error if this is no longer the page's engine. */
  private assertCurrent(engine: Engine): void {
    if (!this.isCurrent(engine)) throw new Error('the engine was lost');
  }
}
