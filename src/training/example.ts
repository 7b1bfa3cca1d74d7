import { defaultAdam } from '../algorithm/adam';
import { duplicationBatch, modelOf, type Task } from '../algorithm/duplication-task';
import { Model } from '../model/model';
import type { Weights } from '../model/parameters';
import { directionSeed, uploadBatch } from './evaluate';

/** One sequence of the task, and the symbol that the model finds most likely at each place. */
export interface TaskExample {
  /** [length] */
  ids: Int32Array;
  /** [length], each from the symbols before it; undefined before the model was trained. */
  guesses: Int32Array | undefined;
}

/** Stream of random numbers for examples, apart from those of training and evaluation; see `random`. */
const exampleBatches = 37;

/** The sequence with a number. */
export const exampleIds = ({ length, symbols, seed }: Task, number: number): Int32Array =>
  duplicationBatch(1, length, symbols, seed, exampleBatches, number).ids;

/** What a model guesses for a sequence. Takes its own memory and frees it. @throws InputError if memory ran out */
export async function guessesFor(weights: Weights, task: Task, number: number): Promise<Int32Array> {
  const context = weights.context.createSibling();
  try {
    const shape = { batch: 1, n: task.length };
    const model = new Model(context, weights, modelOf({ ...task, batch: 1 }), shape, 'nothing');
    const work = await context.prepare('example', model.forward());
    const batch = duplicationBatch(1, task.length, task.symbols, task.seed, exampleBatches, number);
    uploadBatch(model, batch, { seed: directionSeed(task.seed, number), adam: defaultAdam, step: 0 });
    await context.queue.run(work, { timed: false });
    const logits = (await context.read(model.logits)) as Float32Array;
    return mostLikely(logits, task.length, task.symbols);
  } finally {
    context.free();
  }
}

/** The symbol with the largest logit of the token before each place; −1 at the first. logits [n, V]. */
export function mostLikely(logits: ArrayLike<number>, n: number, symbols: number): Int32Array {
  const guesses = new Int32Array(n).fill(-1);
  for (let place = 1; place < n; place++) {
    let best = 0;
    const row = (place - 1) * symbols;
    for (let symbol = 1; symbol < symbols; symbol++) {
      if ((logits[row + symbol] ?? 0) > (logits[row + best] ?? 0)) best = symbol;
    }
    guesses[place] = best;
  }
  return guesses;
}
