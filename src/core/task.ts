/** The paper's duplication task (§5): 0 w 0 w, where w must be said again. */
import { random } from './random';

/** Sequences [batch, n] and what is to follow each token, [batch, n], −1 where nothing is asked. */
export interface Batch {
  ids: Int32Array;
  targets: Int32Array;
}

/** Half a sequence is 0 and a word of random symbols 1 … V − 1. Asked for is the second word, each symbol from what stands before it. */
export function duplicationBatch(batch: number, n: number, symbols: number, ...keys: number[]): Batch {
  const half = Math.floor(n / 2);
  const ids = new Int32Array(batch * n);
  const targets = new Int32Array(batch * n).fill(-1);
  const draw = random(...keys);
  for (let b = 0; b < batch; b++) {
    for (let i = 1; i < half; i++) {
      const symbol = 1 + draw.integer(symbols - 1);
      ids[b * n + i] = symbol;
      ids[b * n + half + i] = symbol;
      targets[b * n + half + i - 1] = symbol;
    }
  }
  return { ids, targets };
}

/** Each token asks for the next one; the last one for none. ids [batch, n]. */
export function nextTokens(ids: ArrayLike<number>, n: number): Int32Array {
  return Int32Array.from({ length: ids.length }, (_, at) => (at % n === n - 1 ? -1 : ids[at + 1]));
}
