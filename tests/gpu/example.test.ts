import { expect, test } from 'vitest';
import { defaultTask, modelOf, type Task } from '../../src/algorithm/duplication-task';
import { rotations } from '../../src/algorithm/hash';
import { Reformer } from '../../src/algorithm/reformer';
import { directionSeed } from '../../src/training/evaluate';
import { exampleIds, guessesFor, mostLikely } from '../../src/training/example';
import { Trainer } from '../../src/training/trainer';
import { inDouble } from '../support/random-model';
import { testContext } from './context';

const context = await testContext();
const task: Task = { ...defaultTask, length: 16, symbols: 7, width: 16, heads: 2, layers: 2, batch: 6, rounds: 2 };

test('the model’s guesses for an example equal those of the plain model, and repeat', async () => {
  const trainer = new Trainer(context.createSibling(), task, 'reversible');
  try {
    for (let step = 0; step < 3; step++) await trainer.train();
    const parameters = inDouble(await trainer.weights.read());
    for (const number of [0, 1]) {
      const ids = exampleIds(task, number);
      const guesses = await guessesFor(trainer.weights, task, number);
      const settings = modelOf(task);
      const shape = { heads: task.heads, n: task.length, d: task.width / task.heads };
      const directions = rotations(shape, settings.lsh, directionSeed(task.seed, number));
      const input = { batch: 1, n: task.length, ids, rotations: directions };
      const { logits } = new Reformer(settings, parameters, input).forward();
      expect([...guesses]).toEqual([...mostLikely(logits, task.length, task.symbols)]);
      expect([...(await guessesFor(trainer.weights, task, number))]).toEqual([...guesses]);
    }
    expect([...exampleIds(task, 0)]).not.toEqual([...exampleIds(task, 1)]);
    // Both halves are the same word behind the separator 0.
    const ids = exampleIds(task, 0);
    expect([...ids.subarray(0, 8)]).toEqual([...ids.subarray(8)]);
    expect(ids[0]).toBe(0);
  } finally {
    trainer.free();
  }
});

test('the most likely symbol of a place comes from the logits of the token before it', () => {
  expect([...mostLikely([0, 3, 1, 5, 5, 2, 9, 9, 9], 3, 3)]).toEqual([-1, 1, 0]);
});
