import type { WorkOptions } from '../engine/engine';
import type { Context } from '../gpu/runtime/context';
import { NextToken } from '../model/next-token';
import { Weights } from '../model/parameters';
import { type Sampling, sample } from '../text/sampling';
import type { Tokenizer } from '../text/tokenizer';
import type { ReadyModel } from './language-model';
import { type TextModelFile, textSettings } from './text-model';

export interface GeneratorOptions {
  /** Hash rounds; 0 is full attention in the layers that hash. */
  rounds: number;
  /** Texts that are continued side by side. Default: 1. */
  sequences?: number;
  /** Seed of the directions. Default: that of the training. */
  hashSeed?: number;
}

/** Continues texts token by token. */
export class Continuation {
  constructor(
    private readonly next: NextToken,
    readonly tokenizer: Tokenizer,
  ) {}

  /**
   * Logits of the token after each text; see `NextToken.logits`. A model may have more symbols than the tokenizer has pieces; those are left
   * out, because they stand for no text.
   */
  async logits(texts: readonly ArrayLike<number>[], options: WorkOptions = {}): Promise<Float32Array[]> {
    const { size } = this.tokenizer;
    return (await this.next.logits(texts, options)).map((logits) => logits.subarray(0, size));
  }

  /**
   * Continues texts until each has `count` new tokens or ends with a token that `isEnd` names. Resolves to the new tokens of each. The token
   * at a position depends on the seed, the position and the text, not on where the continuation began. `onToken` gets each new token.
   */
  async continue(
    texts: readonly ArrayLike<number>[],
    count: number,
    sampling: Sampling,
    {
      isEnd = () => false,
      onToken,
      ...options
    }: WorkOptions & { isEnd?: (id: number) => boolean; onToken?: (text: number, id: number) => void } = {},
  ): Promise<number[][]> {
    const all = texts.map((text) => Array.from(text));
    const starts = all.map((text) => text.length);
    let open = all.map((_, k) => k);
    for (let k = 0; k < count && open.length > 0; k++) {
      const logits = await this.logits(
        open.map((text) => all[text]),
        options,
      );
      open = open.filter((text, place) => {
        const id = sample(logits[place], sampling, all[text].length);
        all[text].push(id);
        onToken?.(text, id);
        return !isEnd(id);
      });
    }
    return all.map((text, k) => text.slice(starts[k]));
  }

  /** Frees the memory, but not the weights. */
  free(): void {
    this.next.free();
  }
}

/** Continues texts with a text model. */
export class TextGenerator extends Continuation {
  /** Takes its memory from siblings of `context`. */
  constructor(
    context: Context,
    weights: Weights,
    { sizes, tokenizer, training }: TextModelFile,
    { rounds, sequences = 1, hashSeed }: GeneratorOptions,
  ) {
    const settings = textSettings(sizes, rounds);
    super(new NextToken(context, weights, settings, sequences, sizes.length, hashSeed ?? training.seed), tokenizer);
  }
}

/** Continues one text with any model. Takes its memory from siblings of `context`; the caller frees it and the weights. */
export function continuationOf(
  context: Context,
  tokenizer: Tokenizer,
  { settings, values, directions, length }: ReadyModel,
): Continuation {
  const weights = new Weights(context, settings, false);
  weights.upload(values);
  return new Continuation(new NextToken(context, weights, settings, 1, length, directions), tokenizer);
}

/** Uploads the weights of a text model. */
export function weightsOf(context: Context, { sizes, values }: TextModelFile): Weights {
  const weights = new Weights(context, textSettings(sizes), false);
  weights.upload(values);
  return weights;
}
