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
import type { Explanation } from '../explain/explanation';
import { GpuEngine } from '../gpu/gpu-engine';
import { jobKey, makeJob, matrixView, stretchOf, type UserVectors } from '../input/job';
import { charts as chartWords } from '../language/charts';
import { readouts as words } from '../language/readouts';
import type { Pick, StageLike } from '../stage/picture';
import { themes } from '../state/palette';
import { type State, sceneParts } from '../state/schema';
import { settingsOf, shapeOf, shownHead, shownRound, shownToken } from '../state/state';
import type { Page } from '../ui/page';
import { cellWords, pairWords, tokenNames } from '../ui/token-names';
import { Comparison, type Measure, type SettingResult } from './comparison';
import { showReadout } from './token-readout';

/** Milliseconds that a pointer rests on a pair before the engine reads another query than the selected one. */
const rest = 120;

/** Everything that was computed for a job, with the keys of the views that it was computed for. */
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

/** The view of LSH attention: has an engine compute a state, and draws the results on the stage, in charts and in read-outs. */
export class AttentionView {
  private results: Results | undefined;
  /** Key of the job that is being computed. */
  private computing: string | undefined;
  private picks = 0;
  private readonly charts;

  private readonly comparison = new Comparison((state) => this.change(state));

  constructor(
    private readonly page: Page,
    private readonly change: (change: Partial<State>) => void,
    /** True if the page still uses this engine. Needed because some calls of a lost device resolve without an error. */
    private readonly isCurrent: (engine: Engine) => boolean,
    /** Shows an explanation at a place of the stage in CSS pixels; undefined hides it. */
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

  /** Drops all results. */
  forget(): void {
    this.results = undefined;
  }

  /** Hides what is shown at the pointer, because the stage is about to change below it. */
  forgetPick(): void {
    this.picks++;
    this.page.showTip(undefined, { x: 0, y: 0 });
    this.point(undefined, { x: 0, y: 0 });
  }

  isComputing(job: string): boolean {
    return this.computing === job;
  }

  /** Computes all results of a state except the curve. @throws InputError if the engine cannot compute it; the signal's reason. */
  async compute(engine: Engine, state: State, userVectors: UserVectors, signal: AbortSignal): Promise<void> {
    const job = jobKey(state, userVectors.number);
    if (this.results?.job !== job) {
      const onProgress = (done: number) => this.page.showProgress(words.progress.attention, done);
      this.computing = job;
      let task: Job;
      let timings: Timings;
      try {
        task = await makeJob(state, engine, userVectors.file, signal);
        signal.throwIfAborted();
        this.assertCurrent(engine);
        // The engine overwrites the old tensors from here on, so no earlier result holds.
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

  /** Computes error and captured weight by rounds, once for each job. */
  async computeCurve(engine: Engine, signal: AbortSignal): Promise<void> {
    const { results } = this;
    if (!results || results.curve) return;
    const onProgress = (done: number) => this.page.showProgress(words.progress.fullAttention, done);
    const { curve, timings } = await engine.curve({ signal, onProgress });
    this.assertCurrent(engine);
    results.curve = { value: curve, fullMilliseconds: timings.get('full attention') ?? Number.NaN };
  }

  /** Shows in the charts that a person stopped the curve. */
  showStopped({ n }: State): void {
    for (const chart of [this.charts.rounds, this.charts.causes]) {
      chart.show(this.results?.curve?.value, n, chartWords.notComputed);
    }
  }

  /** Functions that draw the results, the stage first if there is one. Empty if the results are of another state. */
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
        this.page.showLegend(parts.includes('matrix') ? theme : undefined, settings.causal, view.each);
        stage?.show({ ...hashed, state, theme, matrix: view, stretch, readout });
        if (stage && engine instanceof GpuEngine) engine.context.releaseRetired();
      },
      () => {
        const name = tokenNames(vectors, state);
        showReadout(this.page.readout, readout, settings, round, name, (token) => this.change({ token }));
        const memory = engine.memory();
        this.page.showDevice(engine.name, memory && { bytes: memory.live, words: words.memory.tensors });
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
        this.comparison.show(this.settingResult(results, state, readout));
      },
    ];
  }

  /** Stores the present setting as A, to compare others with it. */
  compare(state: State, stage: StageLike | undefined): void {
    const { results } = this;
    if (!results?.token) return;
    this.comparison.keep({ ...this.settingResult(results, state, results.token.value), picture: stage?.image?.() });
  }

  private settingResult({ curve, timings }: Results, state: State, { seen }: TokenReadout): SettingResult {
    const settings = settingsOf(state);
    const last = curve?.value.points.at(-1);
    const curveNumbers: [Measure, number][] = last
      ? [
          ['error', last.error],
          ['captured', last.captured],
          ...Object.entries(last.lost).map(([cause, value]): [Measure, number] => [cause as Measure, value]),
        ]
      : [];
    const milliseconds = [...timings.values()].reduce((a, b) => a + b, 0);
    const slots = settings.rounds * windowLength(settings);
    return {
      state,
      numbers: new Map([...curveNumbers, ['seen', seen.length], ['slots', slots], ['milliseconds', milliseconds]]),
    };
  }

  /** The data behind the shown numbers; undefined before the first result. */
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

  /** Shows what a person points at on the stage, or selects it (`isChosen`). `at`: CSS pixels on the stage. */
  async pick(
    engine: Engine | undefined,
    state: State,
    userVectors: UserVectors,
    pick: Pick | undefined,
    isChosen: boolean,
    at: { x: number; y: number },
  ): Promise<void> {
    const number = ++this.picks;
    const { results } = this;
    if (!pick || !results?.token || !results.matrix || !engine || results.job !== jobKey(state, userVectors.number)) {
      this.page.showTip(undefined, at);
      this.point(undefined, at);
      return;
    }
    if (pick.what === 'round') {
      if (isChosen) this.change({ round: pick.round + 1 });
      this.point(undefined, at);
      this.page.showTip(isChosen ? undefined : words.tips.round(pick.round + 1), at);
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
      // A click counts however late the engine answers.
      if (isChosen) {
        this.change({ token });
        return;
      }
      // The pointer may have moved on before the engine answers.
      const isOld = () => number !== this.picks;
      if (isCell && view.each === 1) {
        const key = await tokenOf(view.sortedBy, view.start + pick.column);
        // Reading another query costs work on the GPU, so the pointer has to rest first.
        if (token !== readout.token) await new Promise((resolve) => setTimeout(resolve, rest));
        if (isOld()) return;
        const pointedAt = token === readout.token ? readout : await this.readoutOf(engine, state, token);
        const tip = await pairWords(token, key, pointedAt, settingsOf(state), (tokens) =>
          engine.placementOf(head, tokens),
        );
        if (isOld()) return;
        const explanation = await this.explainPair(state, pointedAt, key);
        if (isOld()) return;
        this.page.showTip(explanation ? undefined : tip, at);
        this.point(explanation, at);
        return;
      }
      const tip = isCell ? cellWords(view, pick) : words.tips.token(tokenNames(results.vectors, state)(token));
      if (isOld()) return;
      this.point(undefined, at);
      this.page.showTip(tip, at);
    } catch (error) {
      // An engine that computes another job by now, or was lost, may fail here.
      if (this.results === results && this.isCurrent(engine)) throw error;
    }
  }

  /** Reads everything that is shown of one token. */
  private async readoutOf(engine: Engine, state: State, token: number): Promise<TokenReadout> {
    const head = shownHead(state);
    const placementOf = (tokens: number[]) => engine.placementOf(head, tokens);
    return readToken(await engine.token(head, token), settingsOf(state), placementOf);
  }

  /** Explains the weight of a pair that some round saw; undefined for other pairs. */
  private async explainPair(state: State, readout: TokenReadout, key: number): Promise<Explanation | undefined> {
    const evidence = this.evidence(state);
    const seen = readout.seen.find((entry) => entry.key === key);
    if (!evidence || !seen) return undefined;
    const { explain } = await import('../explain');
    const figure = { kind: 'key-weight', index: String(key), value: seen.weight } as const;
    return explain(figure, { view: 'attention', evidence: { ...evidence, readout } });
  }

  /** @throws Error if this is no longer the page's engine. */
  private assertCurrent(engine: Engine): void {
    if (!this.isCurrent(engine)) throw new Error('the engine was lost');
  }
}
