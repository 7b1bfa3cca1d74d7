import { row } from '../algorithm/cross-section';
import { digits, dotProducts } from '../algorithm/hash';
import type { Vectors } from '../algorithm/inputs';
import { windowLength } from '../algorithm/settings';
import { readToken, type TokenReadout } from '../algorithm/token-report';
import { BucketChart } from '../charts/buckets';
import { CauseChart } from '../charts/causes';
import { DotList } from '../charts/dots';
import { RoundsChart } from '../charts/rounds';
import { StepChart } from '../charts/steps';
import type { Curve, Engine, MatrixView, Stretch, Timings } from '../engine/engine';
import type { AttentionEvidence } from '../explain/attention';
import type { Explanation } from '../explain/explanation';
import { GpuEngine } from '../gpu/gpu-engine';
import { jobKey, makeJob, matrixView, stretchOf, type UserVectors } from '../input/job';
import { charts as chartWords } from '../language/charts';
import { readouts as words } from '../language/readouts';
import { memo } from '../shared/memo';
import type { Pick, StageLike } from '../stage/picture';
import { progressAt, progressOf, shares } from '../stage/progress';
import { themes } from '../state/palette';
import { lastPhase } from '../state/phase';
import { type State, sceneParts } from '../state/schema';
import { settingsOf, shapeOf, shownHead, shownRound, shownToken } from '../state/state';
import type { Page } from '../ui/page';
import { cellWords, pairWords, tokenNames } from '../ui/token-names';
import { Comparison, type Measure, type SettingResult } from './comparison';
import { showReadout } from './token-readout';

/** Most tokens that the bars of the buckets count one by one while the algorithm plays. */
const mostCounted = 1024;

/** Milliseconds that a pointer rests on a pair before the engine reads another query than the selected one. */
const rest = 120;

/** What an engine computed for one job. The engine still holds its tensors. */
interface FinishedJob {
  key: string;
  timings: Timings;
  vectors: Vectors;
  rotations: Float32Array;
  curve?: { value: Curve; fullMilliseconds: number };
}

/** Everything that the view shows of a state, except the curve. */
interface Results {
  job: FinishedJob;
  sizes: Uint32Array[];
  readout: TokenReadout;
  matrix: MatrixView;
  stretch: Stretch;
}

export interface AttentionActions {
  change(change: Partial<State>): void;
  /** True if the page still uses this engine. Needed because some calls of a lost device resolve without an error. */
  isCurrent(engine: Engine): boolean;
  /** Shows an explanation at a place of the stage in CSS pixels; undefined hides it. */
  explain(explanation: Explanation | undefined, at: { x: number; y: number }): void;
}

/** The view of LSH attention: has an engine compute a state, and draws the results on the stage, in charts and in read-outs. */
export class AttentionView {
  private job: FinishedJob | undefined;
  private results: Results | undefined;
  /** Key of the job that is being computed. */
  private computing: string | undefined;
  private picks = 0;
  private readonly charts;
  private readonly comparison;

  private readonly bucketSizes = memo(
    (_engine: Engine, job: FinishedJob, head: number) => `${job.key} ${head}`,
    (engine, _job, head) => engine.bucketSizes(head),
  );
  private readonly selectedToken = memo(
    (_engine: Engine, job: FinishedJob, state: State) => `${job.key} ${shownHead(state)} ${shownToken(state)}`,
    (engine, _job, state) => this.readoutOf(engine, state, shownToken(state)),
  );
  /** Buckets of all tokens in the shown round, by the arithmetic of the plain engine; undefined if tokens are too many to count one by one. */
  private readonly tokenBuckets = memo(
    (job: FinishedJob, state: State) => `${job.key} ${shownHead(state)} ${shownRound(state)}`,
    ({ vectors, rotations }, state): number[] | undefined => {
      const { shape, qk } = vectors;
      if (shape.n > mostCounted) return undefined;
      const settings = settingsOf(state);
      return Array.from({ length: shape.n }, (_, token) => {
        const x = row(qk, shape, shownHead(state), token);
        const y = dotProducts(x, rotations, shape, settings, shownHead(state), shownRound(state));
        return digits(y, settings.factors).reduceRight((sum, digit, f) => sum * settings.factors[f] + digit, 0);
      });
    },
  );
  /** Draws the matrix into its texture. */
  private readonly matrix = memo(
    (_engine: Engine, job: FinishedJob, view: MatrixView) => job.key + JSON.stringify(view),
    async (engine, _job, view) => engine.matrix(view),
  );
  /** Counts the threads between the loom's bins. */
  private readonly flows = memo(
    (_engine: Engine, job: FinishedJob, head: number, stretch: Stretch) =>
      `${job.key} ${head} ${JSON.stringify(stretch)}`,
    async (engine, _job, head, stretch) => engine.flows?.(head, stretch),
  );

  constructor(
    private readonly page: Page,
    private readonly actions: AttentionActions,
  ) {
    this.comparison = new Comparison((state) => actions.change(state));
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
    this.job = undefined;
    this.results = undefined;
    for (const step of [this.bucketSizes, this.selectedToken, this.matrix, this.flows]) step.forget();
  }

  /** What the selected token saw; undefined before the first result. */
  get readout(): TokenReadout | undefined {
    return this.results?.readout;
  }

  /** Hides what is shown at the pointer, because the stage is about to change below it. */
  forgetPick(): void {
    this.picks++;
    this.page.showTip(undefined, { x: 0, y: 0 });
    this.actions.explain(undefined, { x: 0, y: 0 });
  }

  isComputing(job: string): boolean {
    return this.computing === job;
  }

  /** Computes all results of a state except the curve. @throws InputError if the engine cannot compute it; the signal's reason. */
  async recompute(engine: Engine, state: State, userVectors: UserVectors, signal: AbortSignal): Promise<void> {
    const key = jobKey(state, userVectors.number);
    if (this.job?.key !== key) await this.runJob(engine, key, state, userVectors, signal);
    const job = this.job as FinishedJob;
    const head = shownHead(state);
    const [sizes, readout] = await Promise.all([
      this.bucketSizes(engine, job, head),
      this.selectedToken(engine, job, state),
    ]);
    const matrix = matrixView(state, readout);
    await this.matrix(engine, job, matrix);
    const stretch = stretchOf(state, readout);
    await this.flows(engine, job, head, stretch);
    if (this.job === job) this.results = { job, sizes, readout, matrix, stretch };
  }

  private async runJob(
    engine: Engine,
    key: string,
    state: State,
    userVectors: UserVectors,
    signal: AbortSignal,
  ): Promise<void> {
    const onProgress = (done: number) => this.page.showProgress(words.progress.attention, done);
    this.computing = key;
    try {
      const task = await makeJob(state, engine, userVectors.file, signal);
      signal.throwIfAborted();
      this.assertCurrent(engine);
      // The engine overwrites the old tensors from here on, so no earlier result holds.
      this.forget();
      const timings = await engine.compute(task, { signal, onProgress });
      this.assertCurrent(engine);
      this.job = { key, timings, vectors: task.vectors, rotations: task.rotations };
    } finally {
      this.computing = undefined;
    }
  }

  /** Computes error and captured weight by rounds, once for each job. */
  async recomputeCurve(engine: Engine, signal: AbortSignal): Promise<void> {
    const { job } = this;
    if (!job || job.curve) return;
    const onProgress = (done: number) => this.page.showProgress(words.progress.fullAttention, done);
    const { curve, timings } = await engine.curve({ signal, onProgress });
    this.assertCurrent(engine);
    job.curve = { value: curve, fullMilliseconds: timings.get('full attention') ?? Number.NaN };
  }

  /** Shows in the charts that a person stopped the curve. */
  showStopped({ n }: State): void {
    for (const chart of [this.charts.rounds, this.charts.causes]) {
      chart.show(this.job?.curve?.value, n, chartWords.notComputed);
    }
  }

  /** Steps that render the results, the stage first if there is one. Empty if the results are of another state. */
  renderSteps(engine: Engine, stage: StageLike | undefined, state: State, userVectors: UserVectors): (() => void)[] {
    const { results } = this;
    if (!results || jobKey(state, userVectors.number) !== results.job.key) return [];
    const theme = themes[this.page.applyTheme(state.theme)];
    const settings = settingsOf(state);
    const round = shownRound(state);
    const { job, readout, matrix, stretch } = results;
    const sizes = results.sizes[round];
    const { rotations: directions, vectors, curve } = job;
    const hashed = { qk: vectors.qk, directions, settings, shape: shapeOf(state), head: shownHead(state), round };
    const parts = sceneParts[state.scene];
    const names = state.input === 'text' ? userVectors.file?.names : undefined;
    return [
      () => {
        this.page.showLegend(parts.includes('matrix') ? theme : undefined, settings.causal, matrix.each);
        stage?.show({ ...hashed, state, theme, matrix, stretch, readout, names });
        if (stage && engine instanceof GpuEngine) engine.context.releaseRetired();
      },
      () => {
        const name = tokenNames(vectors, state);
        showReadout(this.page.readout, readout, settings, round, name, (token) => this.actions.change({ token }));
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
        if (state.phase < lastPhase) this.showPhase(state);
      },
      () => {
        this.charts.steps.show({
          steps: job.timings,
          full: curve && { milliseconds: curve.fullMilliseconds, queries: curve.value.queries },
          tokens: state.n,
          ownClock: engine.ownClock,
          device: engine.name,
        });
        this.comparison.show(this.settingResult(results, state));
      },
    ];
  }

  /** Moves the charts to the state's phase of the play. */
  showPhase(state: State): void {
    const { results } = this;
    if (!results) return;
    const { hash, sweep, arrived } = progressAt(state.phase, state.rounds);
    const sizes = results.sizes[shownRound(state)];
    const buckets = hash < 1 ? this.tokenBuckets(results.job, state) : undefined;
    if (hash === 1 || !buckets) this.charts.buckets.showCounts(hash < 1 ? [] : sizes);
    else {
      const counts = new Uint32Array(sizes.length);
      for (const [token, bucket] of buckets.entries()) {
        if (progressOf(hash, token / buckets.length, shares.hash) >= 0.5) counts[bucket]++;
      }
      this.charts.buckets.showCounts(counts);
    }
    this.charts.rounds.showRounds(sweep > 0 ? 1 + arrived : 0, state.rounds);
  }

  /** Stores the present setting as A, to compare others with it. */
  compare(state: State, stage: StageLike | undefined): void {
    const { results } = this;
    if (!results) return;
    this.comparison.keep({ ...this.settingResult(results, state), picture: stage?.copy().toDataURL() });
  }

  private settingResult({ job: { curve, timings }, readout: { seen } }: Results, state: State): SettingResult {
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
    if (!results) return undefined;
    const round = shownRound(state);
    const { job, readout, sizes } = results;
    return {
      shape: job.vectors.shape,
      settings: settingsOf(state),
      qk: job.vectors.qk,
      rotations: job.rotations,
      head: shownHead(state),
      round,
      readout,
      sizes: sizes[round],
      curve: job.curve?.value,
      timings: job.timings,
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
    if (!pick || !engine || results?.job.key !== jobKey(state, userVectors.number)) {
      this.page.showTip(undefined, at);
      this.actions.explain(undefined, at);
      return;
    }
    if (pick.what === 'round') {
      if (isChosen) this.actions.change({ round: pick.round + 1 });
      this.actions.explain(undefined, at);
      this.page.showTip(isChosen ? undefined : words.tips.round(pick.round + 1), at);
      return;
    }
    const head = shownHead(state);
    const { matrix, readout } = results;
    const tokenOf = async (round: number | undefined, position: number) =>
      round === undefined ? position : engine.tokenAt(head, round, position);
    try {
      const isCell = pick.what === 'cell';
      const token = await (isCell
        ? tokenOf(matrix.sortedBy, matrix.start + pick.row * matrix.each)
        : pick.what === 'token'
          ? pick.token
          : tokenOf(shownRound(state), pick.position));
      // A click counts however late the engine answers.
      if (isChosen) {
        this.actions.change({ token });
        return;
      }
      // The pointer may have moved on before the engine answers.
      const isOld = () => number !== this.picks;
      if (isCell && matrix.each === 1) {
        const key = await tokenOf(matrix.sortedBy, matrix.start + pick.column);
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
        this.actions.explain(explanation, at);
        return;
      }
      const tip = isCell ? cellWords(matrix, pick) : words.tips.token(tokenNames(results.job.vectors, state)(token));
      if (isOld()) return;
      this.actions.explain(undefined, at);
      this.page.showTip(tip, at);
    } catch (error) {
      // An engine that computes another job by now, or was lost, may fail here.
      if (this.job === results.job && this.actions.isCurrent(engine)) throw error;
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
    if (!this.actions.isCurrent(engine)) throw new Error('the engine was lost');
  }
}
