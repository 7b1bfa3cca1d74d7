/** Batches of text for language models. */
import { type Batch, nextTokens } from '../algorithm/duplication-task';
import type { BatchShape } from '../algorithm/model-settings';
import { InputError } from '../shared/errors';
import { random } from '../shared/random';
import { dialogue } from './guide/dialogue';
import { formatDialogue, guideRanges } from './guide/format';
import type { Tokenizer } from './tokenizer';

/** Streams of random numbers for windows of a text, for dialogues, and for held-out dialogues; see `random`. */
const windowStream = 41;
const dialogueStream = 42;
const heldOutStream = 43;

/** Weight of the visitor's tokens in the loss. The guide's weigh 1. */
export const visitorWeight = 0.15;

/** Random windows of n tokens from a text, [batch, n]. @throws InputError if the text is too short. */
export function textBatch(text: Int32Array, { batch, n }: BatchShape, seed: number, step: number): Batch {
  if (text.length < 2) throw new InputError(`The text has ${text.length} tokens; training needs at least 2.`);
  const length = Math.min(n, text.length);
  const ids = new Int32Array(batch * n);
  const targets = new Int32Array(batch * n).fill(-1);
  for (let b = 0; b < batch; b++) {
    const first = random(seed, windowStream, step, b).integer(text.length - length + 1);
    const window = text.subarray(first, first + length);
    ids.set(window, b * n);
    targets.set(nextTokens(window, length), b * n);
    if (first + length < text.length) targets[b * n + length - 1] = text[first + length];
  }
  return { ids, targets };
}

/** The tokens of one dialogue. */
export interface DialogueTokens {
  ids: Int32Array;
  /** True for a token that the guide wrote. */
  isGuide: boolean[];
}

/** A dialogue of the guide as tokens. */
export function dialogueTokens(tokenizer: Tokenizer, seed: number, heldOut = false): DialogueTokens {
  const turns = dialogue(seed, { heldOut });
  const ids = tokenizer.encode(formatDialogue(turns));
  const ranges = guideRanges(turns);
  const isGuide: boolean[] = [];
  let end = 0;
  for (const id of ids) {
    const start = end;
    end += tokenizer.piece(id).length;
    isGuide.push(ranges.some(([from, to]) => start < to && end > from));
  }
  return { ids, isGuide };
}

/**
 * Dialogues of the guide, [batch, n]. Each sequence starts with one and goes on with whole ones while they fit; the rest has no targets.
 * The visitor's tokens weigh `visitorWeight`, in `heldOut` ones 0.
 */
export function guideBatch(
  tokenizer: Tokenizer,
  { batch, n }: BatchShape,
  seed: number,
  step: number,
  heldOut = false,
): Batch & { weights: Float32Array } {
  const ids = new Int32Array(batch * n);
  const targets = new Int32Array(batch * n).fill(-1);
  const weights = new Float32Array(batch * n);
  for (let b = 0; b < batch; b++) {
    const draw = random(seed, heldOut ? heldOutStream : dialogueStream, step, b);
    for (let end = 0; ; ) {
      const next = dialogueTokens(tokenizer, draw.integer(2 ** 31), heldOut);
      const length = Math.min(next.ids.length, n);
      // A dialogue that is longer than a sequence is cut.
      if (end > 0 && end + length > n) break;
      const at = b * n + end;
      ids.set(next.ids.subarray(0, length), at);
      targets.set(nextTokens(next.ids.subarray(0, length), length), at);
      for (let i = 0; i + 1 < length; i++) weights[at + i] = next.isGuide[i + 1] ? 1 : heldOut ? 0 : visitorWeight;
      end += length;
      if (heldOut || end >= n) break;
    }
  }
  return { ids, targets, weights };
}
