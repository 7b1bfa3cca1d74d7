import { logSumExp } from '../algorithm/score';
import type { TokenReadout } from '../algorithm/token-report';
import type { Engine, WorkOptions } from '../engine/engine';
import type { NextEvidence } from '../explain/words';
import type { VectorFile } from '../formats/vector-file';
import type { UserVectors } from '../input/job';
import { words } from '../language/words';
import { InputError } from '../shared/errors';
import { firstText } from '../shared/first-text';
import { memo } from '../shared/memo';
import { loadScript } from '../shared/tasks';
import type { State } from '../state/schema';
import { shownHead, shownRound, shownToken } from '../state/state';
import { endMark } from '../text/guide/format';
import { sample } from '../text/sampling';
import { showPiece } from '../text/utf8';
import { type FirstReading, firstReading, guideBytes } from '../training/shipped-text';
import type { Reading } from '../training/text-reading';
import type { WordsSession } from '../training/words-session';
import { find, make } from '../ui/dom';
import { FigureSurface } from '../ui/figures';
import type { Page } from '../ui/page';
import { hideNext, type NextWords, samplingOf, showNext, shownSampling } from './next-words';
import { leastMissed, Ribbon, type RibbonPiece } from './ribbon';
import { SideBySide } from './side-by-side';
import { WordsControls } from './words-controls';
import { findingOf, lookupButton } from './words-findings';

/** Tokens that each of the versions side by side writes. */
const comparedTokens = 24;

/** Milliseconds after the last key before the stage follows what was typed. */
const typingRest = 400;

/** A text as tokens. */
export interface TokenText {
  text: string;
  ids: Int32Array;
  /** Tokens before the first one that the model reads. */
  skipped: number;
}

export interface WordsActions {
  change(change: Partial<State>): void;
  state(): State;
  /** The page's engine; after the device was lost, the next one. Undefined if the page cannot go on. */
  engine(lost?: Engine): Promise<Engine | undefined>;
  showMessage(message: string | undefined): void;
  /** Opens the dialog in which a model learns a person's text. */
  ownText(): void;
}

/** What is shown of a text, beside the results of its attention. */
interface Shown {
  text: TokenText;
  names: string[];
  /** Characters of each piece; see `RibbonPiece`. */
  pieces: string[];
  buckets: ArrayLike<number>[];
  key: string;
}

/** The view of words: a language model reads a text, writes on, and hands the vectors of one of its layers to the stage. */
export class WordsView {
  private readonly ribbon: Ribbon;
  private readonly controls: WordsControls;
  private readonly finding = make('p', { className: 'finding', ariaLive: 'polite' });
  private readonly lookups = make('p', { className: 'lookups', hidden: true });
  private readonly sideBySide = new SideBySide();
  /** Whether each piece is coloured by how little it was expected. */
  private isSurpriseShown = false;
  private readonly figures = new FigureSurface('attention');
  private session: WordsSession | undefined;
  private readonly first = memo(() => 0, firstReading);
  private shown: Shown | undefined;
  private next: NextWords | undefined;
  private reading: { text: string; reading: Reading } | undefined;
  /** Ids of texts that the model wrote: the same text may be cut into other pieces. */
  private readonly written = new Map<string, Int32Array>();
  /** First token that the model wrote in the shown text. */
  private firstWritten = Number.POSITIVE_INFINITY;
  private writing: AbortController | undefined;
  private typing: ReturnType<typeof setTimeout> | undefined;
  private vectorsNumber = 0;

  constructor(
    private readonly page: Page,
    private readonly actions: WordsActions,
  ) {
    const parent = find('#ribbon');
    this.ribbon = new Ribbon(parent, {
      select: (token) => actions.change({ token }),
      edit: (text) => this.edit(text),
    });
    parent.append(this.finding, this.lookups, this.sideBySide.element);
    this.controls = new WordsControls(parent, {
      change: actions.change,
      write: (tokens) => void this.run(() => this.write(tokens)),
      stop: () => this.stop(),
      ownText: actions.ownText,
      compare: () => void this.run(() => this.compare()),
      surprise: (isShown) => void this.run(() => this.showSurprise(isShown)),
      say: (line) => void this.run(() => this.say(line)),
      first: () => {
        this.stop();
        actions.change({
          text: firstText.text,
          textLayer: firstText.layer,
          head: firstText.head,
          token: firstText.token,
        });
      },
    });
  }

  /** Vectors of the state's text in the state's layer. The same text and layer give the same object. @throws InputError for a text or layer that cannot be shown; the signal's reason */
  readonly vectors = memo(
    (_engine: Engine, { text, textLayer }: State, _signal?: AbortSignal) => JSON.stringify([text, textLayer]),
    async (engine: Engine, state: State, signal?: AbortSignal): Promise<UserVectors> => {
      const isFirst = !this.session && state.text === firstText.text && state.textLayer === firstText.layer;
      const file = isFirst ? await this.firstVectors() : await this.readVectors(engine, state, { signal });
      return { file, number: -++this.vectorsNumber };
    },
  );

  /** Buckets of all tokens, so that the ribbon shows them. Called after the attention of the state's vectors. */
  async recompute(engine: Engine, state: State, key: string): Promise<void> {
    const { shown } = this;
    if (!shown || shown.key === key) return;
    const tokens = Array.from({ length: state.n }, (_, token) => token);
    const placements = await engine.placementOf(shownHead(state), tokens);
    shown.buckets = placements.map(({ buckets }) => buckets);
    shown.key = key;
  }

  /** Draws the text with what the selected token saw, and the words that may follow it. */
  render(state: State, readout: TokenReadout, dark: boolean): void {
    const { shown } = this;
    if (!shown) return;
    const selected = shownToken(state);
    const round = shownRound(state);
    const weights = new Map(readout.seen.map(({ key, weight }) => [key, weight]));
    const surprises = this.isSurpriseShown ? this.surprisesOf(state) : undefined;
    const missed = new Set(readout.missed.filter(({ full }) => full >= leastMissed).map(({ key }) => key));
    this.ribbon.show(
      shown.pieces.map(
        (text, token): RibbonPiece => ({
          text,
          bucket: shown.buckets[token]?.[round],
          weight: weights.get(token) ?? 0,
          isMissed: missed.has(token),
          isLater: token > selected,
          isNew: token >= this.firstWritten,
          surprise: surprises?.[token],
        }),
      ),
      selected,
      dark,
    );
    const { ids, skipped } = shown.text;
    this.controls.show({
      state,
      tokens: ids.length,
      skipped,
      layers: this.session ? this.session.sizes.pairs * 2 : 4,
      lshLayers: this.session?.lshLayers ?? [2, 4],
      isWriting: this.writing !== undefined,
    });
    this.finding.replaceChildren(...findingOf(readout, shown.names, this.figures));
    void this.showNext(state);
    void this.showLookups(state);
  }

  /** What the probabilities of the next words are computed from. */
  evidence(state: State): NextEvidence | undefined {
    const { next } = this;
    return next && { logits: next.logits, sampling: shownSampling(state), name: next.name };
  }

  /** Stops writing and takes the numbers away, because the view is left. */
  leave(): void {
    this.stop();
    this.figures.clear();
    this.finding.replaceChildren();
    hideNext(find('#next'));
  }

  /** Names of the tokens, for the stage and the read-outs. */
  private async firstVectors(): Promise<VectorFile> {
    const first = await this.first();
    this.firstWritten = Number.POSITIVE_INFINITY;
    this.setShown({ text: firstText.text, ids: new Int32Array(first.names.length), skipped: 0 }, first.names);
    return vectorFile(first, first.names);
  }

  private async readVectors(engine: Engine, state: State, options: WorkOptions): Promise<VectorFile> {
    const session = await this.open();
    const text = this.tokensOf(session, state.text);
    if (!session.lshLayers.includes(state.textLayer)) {
      throw new InputError(words.wrongLayer(state.textLayer, session.lshLayers.join(', ')));
    }
    const reading = await session.read(engine, text.ids, options);
    this.reading = { text: state.text, reading };
    const names = Array.from(text.ids, (id) => showPiece(session.tokenizer.piece(id)));
    const vectors = reading.layers.get(state.textLayer - 1);
    if (!vectors) throw new Error(`layer ${state.textLayer} was not read`);
    this.setShown(text, names);
    return vectorFile(vectors, names);
  }

  private setShown(text: TokenText, names: string[]): void {
    const { session } = this;
    const pieces = session ? charactersOf(session, text.ids) : names.map((name) => name.replace('⏎', '\n'));
    this.shown = { text, names, pieces, buckets: [], key: '' };
    this.sideBySide.element.hidden = true;
  }

  private tokensOf(session: WordsSession, text: string): TokenText {
    const all = this.idsOf(session, text);
    const skipped = Math.max(0, all.length - session.sizes.length);
    return { text, ids: all.subarray(skipped), skipped };
  }

  /** Fetches the model once. @throws Error if the fetch fails */
  private readonly fetchModel = memo(
    () => 0,
    async () => {
      this.page.setBusy();
      const [{ WordsSession }, bytes] = await Promise.all([
        loadScript(import('../training/words-session')),
        guideBytes(),
      ]);
      this.session = new WordsSession(bytes);
      return this.session;
    },
  );

  private async open(): Promise<WordsSession> {
    return this.session ?? this.fetchModel();
  }

  /** Reads and writes with a model that a person trained, from the start of its text. */
  async useModel(model: Uint8Array, text: string): Promise<void> {
    await this.run(async () => {
      const { WordsSession } = await loadScript(import('../training/words-session'));
      this.session?.free();
      this.session = new WordsSession(model);
      this.reading = undefined;
      this.vectors.forget();
      this.actions.change({ input: 'text', scene: 'both', text, textLayer: 2, head: 1, token: 2 ** 20 - 1 });
    });
  }

  private async showNext(state: State): Promise<void> {
    const parent = find('#next');
    const next = await this.nextOf(state);
    if (this.actions.state() !== state) return;
    this.next = next;
    showNext(parent, next, state, {
      change: this.actions.change,
      branch: (id) => void this.run(() => this.branch(id)),
    });
  }

  private async nextOf(state: State): Promise<NextWords | undefined> {
    const { shown, session, reading } = this;
    if (!shown) return undefined;
    const token = shownToken(state);
    const position = shown.text.skipped + token + 1;
    const after = shown.names[token];
    if (session && reading?.text === state.text) {
      const { vocabulary } = session.sizes;
      const logits = reading.reading.logits.subarray(token * vocabulary, (token + 1) * vocabulary);
      return { after, position, logits, name: (id) => showPiece(session.tokenizer.piece(id)) };
    }
    if (state.text !== firstText.text || token < shown.names.length - 1) return undefined;
    const { next } = await this.first();
    return { after, position, logits: next.logits, name: (id) => next.names[id] };
  }

  /** Nats by which each piece surprised the model, [n]; the first one has none. Undefined before the text was read. */
  private surprisesOf(state: State): number[] | undefined {
    const { session, reading, shown } = this;
    if (!session || !shown || reading?.text !== state.text) return undefined;
    const { vocabulary } = session.sizes;
    const { logits } = reading.reading;
    return Array.from(shown.text.ids, (id, token) => {
      if (token === 0) return 0;
      const row = logits.subarray((token - 1) * vocabulary, token * vocabulary);
      return logSumExp(row) - row[id];
    });
  }

  private async showSurprise(isShown: boolean): Promise<void> {
    this.isSurpriseShown = isShown;
    if (isShown && !this.session) {
      await this.open();
      // The vectors of the first text came without the model.
      this.vectors.forget();
    }
    this.actions.change({});
  }

  /** Lists the words that the model wrote and had looked up. A click shows the lookup on the stage. */
  private async showLookups(state: State): Promise<void> {
    const { session, reading, shown } = this;
    const first = this.firstWritten - (shown?.text.skipped ?? 0);
    const isWritten = session && shown && reading?.text === state.text && first < shown.pieces.length;
    const list = isWritten ? await this.findLookups(session, reading, shown, Math.max(0, first), state.rounds) : [];
    if (this.actions.state() !== state) return;
    this.lookups.hidden = list.length === 0;
    this.lookups.replaceChildren(
      words.lookups.title,
      ...list.map((lookup) => lookupButton(lookup, session?.sizes.chunk ?? 8, this.actions.change)),
    );
  }

  private readonly findLookups = memo(
    (_session: WordsSession, _reading: unknown, shown: Shown, first: number, rounds: number) =>
      JSON.stringify([shown.text.text, first, rounds]),
    (session: WordsSession, { reading }: { reading: Reading }, { pieces }: Shown, first: number, rounds: number) =>
      session.lookups(reading, pieces, first, rounds),
  );

  /** Continues the text with full attention, 4 and 1 rounds, token by token side by side. */
  private async compare(): Promise<void> {
    const session = await this.open();
    const start = this.idsOf(session, this.actions.state().text);
    const next = this.sideBySide.start(session.tokenizer, start);
    await this.drawTokens(comparedTokens, async (engine, signal) => {
      const sampling = samplingOf(this.actions.state());
      await next(async (ids, rounds) =>
        sample(await session.next(engine, ids, rounds, { signal }), sampling, ids.length),
      );
      return false;
    });
  }

  private idsOf(session: WordsSession, text: string): Int32Array {
    return this.written.get(text) ?? session.tokenizer.encode(text);
  }

  /** Calls `draw` up to `count` times, until it returns true or somebody stops it. After the device was lost, it goes on with the next one. */
  private async drawTokens(
    count: number,
    draw: (engine: Engine, signal: AbortSignal) => Promise<boolean>,
  ): Promise<void> {
    const writing = new AbortController();
    this.writing = writing;
    const { signal } = writing;
    this.controls.showWriting(true);
    try {
      let engine = await this.actions.engine();
      for (let k = 0; k < count && engine && !signal.aborted; k++) {
        try {
          if (await draw(engine, signal)) return;
        } catch (error) {
          if (signal.aborted) return;
          const next = await this.actions.engine(engine);
          if (next === engine) throw error;
          engine = next;
          k--;
        }
      }
    } finally {
      if (this.writing === writing) this.writing = undefined;
      this.controls.showWriting(this.writing !== undefined);
    }
  }

  /** Redraws what was typed at once. The stage follows when the typing rests. */
  private edit(text: string): void {
    this.stop();
    this.firstWritten = Number.POSITIVE_INFINITY;
    clearTimeout(this.typing);
    const { session } = this;
    const pieces = session ? charactersOf(session, session.tokenizer.encode(text)) : [text];
    this.ribbon.showText(pieces, pieces.length);
    if (!session) this.open().catch(() => {});
    this.typing = setTimeout(() => {
      if (text.length > 0) this.actions.change({ text, token: 2 ** 20 - 1 });
    }, typingRest);
  }

  /** Continues the text after the selected token with another one. */
  private async branch(id: number): Promise<void> {
    const session = await this.open();
    const state = this.actions.state();
    const all = this.idsOf(session, state.text);
    const kept = (this.shown?.text.skipped ?? 0) + shownToken(state) + 1;
    this.finish(session, Int32Array.of(...all.subarray(0, kept), id), kept);
  }

  /** Says a line to the guide, and lets it answer. */
  private async say(line: string): Promise<void> {
    const { text } = this.actions.state();
    const isDialogue = text !== firstText.text && /^Visitor: /m.test(text);
    const before = isDialogue ? text.replace(/\n?$/, '\n') : '';
    await this.write(160, `${before}Visitor: ${line.trim()}\nGuide:`, '\n');
  }

  /** Writes tokens after the state's text, or after another one, until the text ends with `until`. */
  private async write(count: number, start = this.actions.state().text, until?: string): Promise<void> {
    const session = await this.open();
    const { tokenizer } = session;
    const ids = Array.from(this.idsOf(session, start));
    const first = start === this.actions.state().text ? Math.min(this.firstWritten, ids.length) : ids.length;
    await this.drawTokens(count, async (engine, signal) => {
      const state = this.actions.state();
      const logits = await session.next(engine, ids, state.rounds, { signal });
      ids.push(sample(logits, samplingOf(state), ids.length));
      this.ribbon.showText(charactersOf(session, ids), first);
      const end = tokenizer.decode(ids.slice(-1));
      return end === endMark || (until !== undefined && end.endsWith(until));
    });
    this.finish(session, Int32Array.from(ids), first);
  }

  /** Shows a text that the model wrote, with its last token selected. */
  private finish(session: WordsSession, ids: Int32Array, firstWritten: number): void {
    const text = session.tokenizer.decode(ids);
    this.written.clear();
    this.written.set(text, ids);
    this.firstWritten = firstWritten;
    this.actions.change({ text, token: 2 ** 20 - 1 });
  }

  private stop(): void {
    this.writing?.abort();
    this.writing = undefined;
  }

  /** Runs an action of a person, and shows its error beside the stage. */
  private async run(action: () => Promise<void>): Promise<void> {
    this.stop();
    try {
      await action();
    } catch (error) {
      this.actions.showMessage(error instanceof Error ? error.message : String(error));
      if (!(error instanceof InputError)) console.error(error);
    }
  }
}

const vectorFile = ({ shape, qk, v }: Pick<FirstReading, 'shape' | 'qk' | 'v'>, names: string[]): VectorFile => ({
  heads: shape.heads,
  n: shape.n,
  d: shape.d,
  qk,
  v,
  names,
});

/** The characters of each token. A character whose bytes are in several tokens is that of the last. */
function charactersOf({ tokenizer }: WordsSession, ids: ArrayLike<number>): string[] {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const last = ids.length - 1;
  return Array.from(ids, (id, at) => decoder.decode(tokenizer.piece(id), { stream: at < last }));
}
