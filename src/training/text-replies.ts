/** Greedy replies to many texts, side by side, with guesses that save passes of the model. */
import type { Settings } from '../algorithm/settings';
import { bucketCount } from '../algorithm/settings';
import type { WorkOptions } from '../engine/engine';
import type { Context } from '../gpu/runtime/context';
import type { BoundDispatch } from '../gpu/runtime/queue';
import { Model } from '../model/model';
import { uploadDirections } from '../model/next-token';
import type { Weights } from '../model/parameters';
import { greedy, sample } from '../text/sampling';
import { type TextModelFile, textSettings } from './text-model';

/** A text to reply to, and a guess of the reply. The guess changes the speed at most, never the reply. */
export interface ReplyRequest {
  prompt: ArrayLike<number>;
  draft: ArrayLike<number>;
}

export interface ReplyOptions extends WorkOptions {
  /** Most tokens of a reply. */
  count: number;
  isEnd: (id: number) => boolean;
  onReply?: (request: number, reply: readonly number[]) => void;
}

/** A text with its reply so far, and a guess of the tokens that follow. */
interface OpenReply {
  request: number;
  text: number[];
  draft: readonly number[];
  /** Most tokens of the guess that are tried at once. */
  trust: number;
}

interface Window {
  model: Model;
  work: Promise<BoundDispatch[]>;
}

/** Windows come in multiples of it, as in `NextToken`. */
const windowStep = 64;
/** Most windows whose memory is kept. */
const mostWindows = 8;

/**
 * Writes the likeliest tokens after many texts. One pass over a text and a guess gives the logits after every token of the guess, so that the
 * guess is accepted as far as the model would have written it, and the model's own token after that. With full attention a token changes no
 * logits before it. With LSH attention it can move earlier tokens to other chunks: then the logits count only as far as no token before
 * them sees other keys than without the guess (see `firstUnequal`).
 */
export class Replier {
  private readonly windows = new Map<string, Window>();
  /** Tokens that the model computed so far, pads included. */
  tokens = 0;

  /** `rounds` 0 is full attention. Takes its memory from siblings of `context`. */
  constructor(
    private readonly context: Context,
    private readonly weights: Weights,
    private readonly file: TextModelFile,
    private readonly rounds: number,
    /** Most texts side by side. */
    private readonly sequences: number,
  ) {}

  /** The replies, in the order of the requests. A reply that has ended makes room for the next request. @throws the signal's reason */
  async replies(
    requests: readonly ReplyRequest[],
    { count, isEnd, onReply, ...options }: ReplyOptions,
  ): Promise<number[][]> {
    const replies: number[][] = requests.map(() => []);
    let open: OpenReply[] = [];
    for (let next = 0; ; ) {
      while (open.length < this.sequences && next < requests.length) {
        const { prompt, draft } = requests[next];
        // The last token of a reply comes from the logits before it.
        const guess = Array.from(draft).slice(0, count - 1);
        open.push({ request: next++, text: Array.from(prompt), draft: guess, trust: count });
      }
      if (open.length === 0) return replies;
      const found = await this.extend(open, options);
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

  /** Frees the memory, but not the weights. */
  free(): void {
    for (const { model } of this.windows.values()) model.context.free();
    this.windows.clear();
  }

  /** The likeliest next tokens of each text. None if the guess moved earlier tokens; less of it is tried the next time. */
  private async extend(open: readonly OpenReply[], options: WorkOptions): Promise<number[][]> {
    const { length } = this.file.sizes;
    // Of a longer text the model reads the last tokens. One more token would move them all, so it is read without a guess.
    const rows = open.map(({ text, draft, trust }) =>
      [...text, ...draft.slice(0, Math.max(0, Math.min(trust, length - text.length)))].slice(-length),
    );
    const windowOf = (row: number[]) => Math.min(length, windowStep * Math.ceil(row.length / windowStep));
    const found: number[][] = [];
    for (const n of new Set(rows.map(windowOf))) {
      const group = [...rows.keys()].filter((k) => windowOf(rows[k]) === n);
      const results = await this.extendGroup(
        n,
        group.map((k) => open[k]),
        group.map((k) => rows[k]),
        options,
      );
      for (const [place, k] of group.entries()) found[k] = results[place];
    }
    return found;
  }

  /** As `extend`, for texts of one window. `rows`: each text with the guess that is tried. */
  private async extendGroup(
    n: number,
    open: readonly OpenReply[],
    rows: readonly number[][],
    options: WorkOptions,
  ): Promise<number[][]> {
    const { length, vocabulary } = this.file.sizes;
    const { model, work } = this.window(open.length, n);
    const ids = new Int32Array(open.length * n);
    for (const [k, row] of rows.entries()) ids.set(row, k * n);
    model.upload(ids);
    model.uploadLengths(rows.map((row) => row.length));
    await model.context.queue.run(await work, { ...options, timed: false });
    this.tokens += ids.length;
    const logits = (await model.context.read(model.logits)) as Float32Array;
    const buckets = await this.bucketsOf(model);
    return open.map((entry, k) => {
      const { text, draft } = entry;
      const first = Math.min(text.length, length);
      const { length: end } = rows[k];
      const unequal = buckets.map(({ layer, of }) => {
        // Of the last layer only the row of the last token of a prefix is used.
        const which = layer === model.settings.layers.length - 1 ? 'last' : 'all';
        return firstUnequal(of, model, k, first, end, which);
      });
      const exact = Math.min(...unequal, end + 1);
      if (exact <= first && end > first) entry.trust = Math.floor((end - first) / 4);
      const found: number[] = [];
      for (let prefix = first; prefix <= end && (prefix < exact || prefix === end); prefix++) {
        const at = (k * n + prefix - 1) * vocabulary;
        const id = sample(logits.subarray(at, at + this.file.tokenizer.size), greedy, 0);
        found.push(id);
        if (id !== draft[found.length - 1]) break;
      }
      return found;
    });
  }

  /** Buckets of each LSH layer, [batch·heads, R, n]. */
  private async bucketsOf(model: Model): Promise<{ layer: number; of: Uint32Array }[]> {
    if (!model.hashes) return [];
    const all = await Promise.all(model.settings.layers.map((_, layer) => model.bucketsOf(layer)));
    return all.flatMap((of, layer) => (of ? [{ layer, of }] : []));
  }

  private window(batch: number, n: number): Window {
    const key = `${batch}×${n}`;
    let window = this.windows.get(key);
    if (!window) {
      if (this.windows.size >= mostWindows) this.free();
      const { context, weights, file } = this;
      const own = context.createSibling();
      const model = new Model(own, weights, textSettings(file.sizes, this.rounds), { batch, n }, 'read');
      uploadDirections(model, file.training.seed);
      window = { model, work: own.prepare('replies', model.forward()) };
      this.windows.set(key, window);
    }
    return window;
  }
}

/** The guess after one more token: behind the token where the guess has it next, otherwise with the token in place of one of the guess. */
function restOf(draft: readonly number[], id: number): readonly number[] {
  return draft.slice(Math.max(0, draft.indexOf(id)) + 1);
}

/**
 * The shortest prefix of a sequence, from `first` to `end` − 1 tokens, in which some token, or its last one, sees other keys than in the
 * sequence of `end` tokens; `end` if there is none. `buckets`: those of one layer, [batch·heads, R, n]; k: the sequence.
 *
 * A query sees the keys of its own bucket before it, as far as they lie in its chunk or in the `lookBack` chunks before it. Later tokens in
 * lower buckets move a bucket in the sorted order, and with it the ends of the chunks. They matter only to a query with more than
 * `lookBack`·m tokens of its bucket before it. Keys of other buckets and rounds do not matter.
 */
export function firstUnequal(
  buckets: Uint32Array,
  { settings, shape }: { settings: { heads: number; lsh: Settings }; shape: { n: number } },
  k: number,
  first: number,
  end: number,
  which: 'all' | 'last',
): number {
  const { heads, lsh } = settings;
  const { n } = shape;
  const sure = lsh.lookBack * lsh.chunk;
  let least = end;
  for (let row = k * heads * lsh.rounds; row < (k + 1) * heads * lsh.rounds; row++) {
    const own = buckets.subarray(row * n, row * n + end);
    const sizes = new Uint32Array(bucketCount(lsh) + 1);
    for (const bucket of own) sizes[bucket]++;
    for (const [bucket, size] of sizes.entries()) {
      if (size <= sure) continue;
      const start = sizes.subarray(0, bucket).reduce((sum, count) => sum + count, 0);
      // Tokens of lower buckets, and of this one, in the prefix.
      let [lower, inside] = [0, 0];
      for (let prefix = 1; prefix < least; prefix++) {
        if (own[prefix - 1] < bucket) lower++;
        if (own[prefix - 1] === bucket) inside++;
        if (prefix < first || (which === 'last' && own[prefix - 1] !== bucket)) continue;
        for (let offset = which === 'last' ? Math.max(sure + 1, inside - 1) : sure + 1; offset < inside; offset++) {
          if (firstKey(lower, offset, lsh) !== firstKey(start, offset, lsh)) least = prefix;
        }
      }
    }
  }
  return least;
}

/** The first token of its bucket that a query sees, counted in the bucket. `start`: the bucket's first sorted position. */
const firstKey = (start: number, offset: number, { chunk, lookBack }: Settings): number =>
  Math.max(0, (Math.floor((start + offset) / chunk) - lookBack) * chunk - start);
