/** The worker of a words session without a GPU: reads texts in float64. */
import { answerCalls } from '../engine/worker-calls';
import { findLookups, type Lookup } from './lookups';
import { readTextModel, type TextModelFile } from './text-model';
import { nextLogits, type Reading, readText } from './text-reading';

export interface WordsCalls {
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
  open(bytes) {
    file = readTextModel(bytes);
  },
  read: (ids) => readText(opened(), ids),
  next: (ids, rounds) => nextLogits(opened(), ids, rounds),
  lookups: (reading, pieces, first, rounds) => findLookups(opened(), reading, pieces, first, rounds),
});
