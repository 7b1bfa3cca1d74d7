/** The worker of a words session without a GPU: reads texts in float64. */
import { answerCalls } from '../engine/worker-calls';
import { type OwnText, prepareText } from '../text/own-text';
import { type Yardsticks, yardsticksOf } from '../text/yardsticks';
import { findLookups, type Lookup } from './lookups';
import { readTextModel, type TextModelFile } from './text-model';
import { nextLogits, type Reading, readText } from './text-reading';

/** Bytes from which the yardsticks of a text count. */
const mostCounted = 2 ** 20;

export interface WordsCalls {
  /** See `prepareText`. The yardsticks count the first nine tenths, or their last mebibyte, and measure the last tenth, or its first part. */
  prepare(text: string, vocabulary: number, tokenizer?: string): { text: OwnText; yardsticks: Yardsticks };
  open(bytes: Uint8Array): void;
  read(ids: Int32Array): Reading;
  /** Logits of the token after a text, [V]. `rounds` 0 is full attention. */
  next(ids: Int32Array, rounds: number): Float32Array;
  /** See `findLookups`. */
  lookups(reading: Reading, pieces: string[], first: number, rounds: number): Lookup[];
}

let file: TextModelFile | undefined;

function opened(): TextModelFile {
  if (!file) throw new Error('No model has been opened yet.');
  return file;
}

answerCalls<WordsCalls>({
  prepare(text, vocabulary, tokenizer) {
    const own = prepareText(text, vocabulary, tokenizer);
    const start = Math.floor(0.9 * text.length);
    const encode = (part: string) => new TextEncoder().encode(part);
    const learned = encode(text.slice(0, start)).subarray(-mostCounted);
    const rest = encode(text.slice(start)).subarray(0, mostCounted / 8);
    return { text: own, yardsticks: yardsticksOf(learned, rest) };
  },
  open(bytes) {
    file = readTextModel(bytes);
  },
  read: (ids) => readText(opened(), ids),
  next: (ids, rounds) => nextLogits(opened(), ids, rounds),
  lookups: (reading, pieces, first, rounds) => findLookups(opened(), reading, pieces, first, rounds),
});
