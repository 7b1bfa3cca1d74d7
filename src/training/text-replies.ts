/** Greedy replies to many texts, side by side. */
import type { WorkOptions } from '../engine/engine';
import type { Context } from '../gpu/runtime/context';
import type { BoundDispatch } from '../gpu/runtime/queue';
import { Model } from '../model/model';
import { uploadDirections } from '../model/next-token';
import type { Weights } from '../model/parameters';
import { greedy, sample } from '../text/sampling';
import { TextGenerator } from './text-generator';
import { type TextModelFile, textSettings } from './text-model';

/** A text to reply to, and a guess of the reply. The guess changes the speed at most, never the reply. */
export interface ReplyRequest {
  prompt: ArrayLike<number>;
  draft: ArrayLike<number>;
}

/** A text with its reply so far, and a guess of the tokens that follow. */
export interface OpenReply {
  text: number[];
  draft: readonly number[];
}

/** Finds the likeliest next tokens of each text, one or more. */
export interface Extender {
  /** Most texts side by side. */
  sequences: number;
  extend(open: readonly OpenReply[], options?: WorkOptions): Promise<number[][]>;
  free(): void;
}

export interface ReplyOptions extends WorkOptions {
  /** Most tokens of a reply. */
  count: number;
  isEnd: (id: number) => boolean;
  onReply?: (request: number, reply: readonly number[]) => void;
}

/** The replies, in the order of the requests. A reply that has ended makes room for the next request. */
export async function greedyReplies(
  extender: Extender,
  requests: readonly ReplyRequest[],
  { count, isEnd, onReply, ...options }: ReplyOptions,
): Promise<number[][]> {
  const replies: number[][] = requests.map(() => []);
  let open: (OpenReply & { request: number })[] = [];
  for (let next = 0; ; ) {
    while (open.length < extender.sequences && next < requests.length) {
      const { prompt, draft } = requests[next];
      open.push({ request: next++, text: Array.from(prompt), draft: Array.from(draft).slice(0, count - 1) });
    }
    if (open.length === 0) return replies;
    const found = await extender.extend(open, options);
    open = open.filter((entry, k) => {
      const reply = replies[entry.request];
      for (const id of found[k]) {
        reply.push(id);
        entry.text.push(id);
        entry.draft = restOf(entry.draft, id);
        if (!isEnd(id) && reply.length < count) continue;
        onReply?.(entry.request, reply);
        return false;
      }
      return true;
    });
  }
}

/** The guess after one more token: behind the token where the guess has it next, otherwise with the token in place of one of the guess. */
function restOf(draft: readonly number[], id: number): readonly number[] {
  return draft.slice(Math.max(0, draft.indexOf(id)) + 1);
}

/** Finds one token at a time, with any number of hash rounds. */
export function tokenByToken(
  context: Context,
  weights: Weights,
  file: TextModelFile,
  rounds: number,
  sequences: number,
): Extender {
  const generator = new TextGenerator(context, weights, file, { rounds, sequences });
  return {
    sequences,
    async extend(open, options) {
      const logits = await generator.logits(
        open.map(({ text }) => text),
        options,
      );
      return logits.map((row, k) => [sample(row, greedy, open[k].text.length)]);
    },
    free: () => generator.free(),
  };
}

/** Windows come in multiples of it, as in `NextToken`. */
const windowStep = 64;

/**
 * Finds as many tokens at a time as the guess is right, and one more. Only for full attention: there, a token changes no logits before it,
 * so that one pass over text and guess gives the logits after every token. With LSH attention a token moves earlier ones to other chunks.
 */
export class DraftChecker implements Extender {
  private readonly windows = new Map<number, { model: Model; work: Promise<BoundDispatch[]> }>();

  /** Takes its memory from siblings of `context`. */
  constructor(
    private readonly context: Context,
    private readonly weights: Weights,
    private readonly file: TextModelFile,
    readonly sequences: number,
  ) {}

  async extend(open: readonly OpenReply[], options: WorkOptions = {}): Promise<number[][]> {
    const { sequences, file } = this;
    const { length, vocabulary } = file.sizes;
    // Of a longer text the model reads the last tokens. One more token would move them all, so nothing of the guess fits.
    const rows = open.map(({ text, draft }) =>
      [...text, ...draft.slice(0, Math.max(0, length - text.length))].slice(-length),
    );
    const n = Math.min(length, windowStep * Math.ceil(Math.max(...rows.map((row) => row.length)) / windowStep));
    const { model, work } = this.window(n);
    const ids = new Int32Array(sequences * n);
    for (const [k, row] of rows.entries()) ids.set(row, k * n);
    model.upload(ids);
    await model.context.queue.run(await work, { ...options, timed: false });
    const logits = (await model.context.read(model.logits)) as Float32Array;
    return open.map(({ text, draft }, k) => {
      const found: number[] = [];
      for (let at = Math.min(text.length, length) - 1; ; at++) {
        const first = (k * n + at) * vocabulary;
        const id = sample(logits.subarray(first, first + file.tokenizer.size), greedy, 0);
        found.push(id);
        if (at + 1 === rows[k].length || id !== draft[found.length - 1]) return found;
      }
    });
  }

  free(): void {
    for (const { model } of this.windows.values()) model.context.free();
    this.windows.clear();
  }

  private window(n: number) {
    let window = this.windows.get(n);
    if (!window) {
      const own = this.context.createSibling();
      const model = new Model(
        own,
        this.weights,
        textSettings(this.file.sizes, 0),
        { batch: this.sequences, n },
        'nothing',
      );
      uploadDirections(model, this.file.training.seed);
      window = { model, work: own.prepare('drafts', model.forward()) };
      this.windows.set(n, window);
    }
    return window;
  }
}
