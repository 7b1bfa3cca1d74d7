import { afterEach, describe, expect, test } from 'vitest';
import { defaultTask, type Task } from '../../src/algorithm/duplication-task';
import { relativeError } from '../../src/algorithm/fidelity';
import { memoryOf } from '../../src/model/memory';
import { measureDrift } from '../../src/training/reconstruction';
import { Trainer } from '../../src/training/trainer';
import { trainOnCpu } from '../support/cpu-training';
import { inDouble } from '../support/random-model';
import { testContext } from './context';

const context = await testContext({ ownKernels: true });
const small: Task = { ...defaultTask, length: 16, symbols: 7, width: 16, heads: 2, layers: 2, batch: 6, rounds: 2 };
const trainers: Trainer[] = [];

function trainer(task: Task, mode: 'stored' | 'reversible' = 'reversible'): Trainer {
  const one = new Trainer(context.createSibling(), task, mode);
  trainers.push(one);
  return one;
}

afterEach(() => {
  for (const one of trainers.splice(0)) one.free();
});

test('loss, accuracy and weights of the first steps equal those on the CPU', async () => {
  const gpu = trainer(small);
  const parameters = inDouble(await gpu.weights.read());
  for (const loss of trainOnCpu(small, parameters, 3)) {
    await gpu.train();
    const [score] = await gpu.history(1);
    expect(score.loss).toBeCloseTo(loss.loss, 4);
    expect(score.accuracy).toBeCloseTo(loss.accuracy, 6);
  }
  for (const [name, values] of await gpu.weights.read()) {
    const expected = parameters.get(name) as Float64Array;
    const isZero = expected.every((value) => Math.abs(value) < 1e-9);
    if (!isZero) expect(relativeError(values, expected), name).toBeLessThan(5e-3);
  }
});

describe('training', () => {
  test('takes the same steps for the same seed, and allocates and compiles nothing after the first step', async () => {
    const losses = [];
    for (let run = 0; run < 2; run++) {
      const one = trainer(small);
      await one.train();
      const { created } = one.context.ledger;
      const compiled = context.kernels.count;
      for (let step = 1; step < 5; step++) await one.train();
      expect(one.context.ledger.created).toBe(created);
      expect(context.kernels.count).toBe(compiled);
      losses.push((await one.history(5)).map(({ loss }) => loss));
    }
    expect(losses[0]).toHaveLength(5);
    expect(losses[1]).toEqual(losses[0]);
  });

  test('takes the same steps with stored and with recomputed activations', async () => {
    const losses = [];
    for (const mode of ['stored', 'reversible'] as const) {
      const one = trainer({ ...small, layers: 3 }, mode);
      for (let step = 0; step < 4; step++) await one.train();
      losses.push((await one.history(4)).map(({ loss }) => loss));
    }
    for (let step = 0; step < 4; step++) expect(losses[1][step]).toBeCloseTo(losses[0][step], 4);
  });

  test('takes the same steps with slices of positions, in less memory', async () => {
    const whole = trainer(small);
    const sliced = new Trainer(context.createSibling(), small, 'reversible', 4);
    trainers.push(sliced);
    for (const one of [whole, sliced]) for (let step = 0; step < 3; step++) await one.train();
    const [expected, losses] = await Promise.all([whole, sliced].map((one) => one.history(3)));
    for (let step = 0; step < 3; step++) expect(losses[step].loss).toBeCloseTo(expected[step].loss, 5);
    const activations = [whole, sliced].map(({ context: { ledger } }) => memoryOf(ledger).activationPeakBytes);
    expect(activations[1]).toBeLessThan(activations[0]);
  });

  test('keeps the weights of the last finished step when it is aborted', async () => {
    const one = trainer(small);
    await one.train();
    const before = await one.weights.read();
    await expect(one.train({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect(one.step).toBe(1);
    expect(await one.weights.read()).toEqual(before);
    await one.train();
    expect(one.step).toBe(2);
  });

  test('takes the same steps from a snapshot as without it', async () => {
    const one = trainer(small);
    for (let step = 0; step < 3; step++) await one.train();
    const snapshot = await one.snapshot();
    const other = trainer(small);
    other.restore(snapshot);
    const { created } = one.context.ledger;
    for (const each of [one, other]) {
      await each.train();
      await each.train();
    }
    await one.snapshot();
    expect(one.context.ledger.created).toBe(created);
    expect(await other.weights.read()).toEqual(await one.weights.read());
    expect(other.step).toBe(5);
  });

  test('learns sixteen tokens of eight symbols, and predicts them with other numbers of rounds', async () => {
    const task = { ...small, symbols: 8, width: 32, layers: 1, batch: 16, rounds: 4, rate: 0.01, warmUp: 30 };
    const one = trainer(task);
    const untrained = await one.evaluate(4);
    expect(untrained.accuracy).toBeLessThan(0.4);
    while (one.step < 90) await one.train();
    const scores = [];
    for (const rounds of [8, 4, 2, 0]) scores.push((await one.evaluate(rounds)).accuracy);
    expect(Math.min(...scores)).toBeGreaterThan(0.9);
    expect(scores[1]).toBeGreaterThan(0.97);
  });
});

describe('memory', () => {
  const memoryOfStep = (layers: number, mode: 'stored' | 'reversible') => {
    const one = trainer({ ...small, layers, length: 64, width: 32, batch: 4 }, mode);
    one.dispatches();
    return memoryOf(one.context.ledger);
  };

  test('of activations does not grow with reversible layers, and grows with every layer that stores them', () => {
    const reversible = [2, 24].map((layers) => memoryOfStep(layers, 'reversible'));
    const stored = [2, 24].map((layers) => memoryOfStep(layers, 'stored'));
    expect(reversible[1].activationPeakBytes).toBeLessThanOrEqual(1.05 * reversible[0].activationPeakBytes);
    expect(reversible[1].bucketIdBytes).toBe(12 * reversible[0].bucketIdBytes);
    const [two, many] = stored.map(({ activationPeakBytes }) => activationPeakBytes);
    const four = memoryOfStep(4, 'stored').activationPeakBytes;
    expect((many - two) / (four - two)).toBeCloseTo(11, 3);
  });
});

test('reversible layers reconstruct their inputs, and hash them into the same buckets', async () => {
  const one = trainer({ ...small, layers: 4 });
  for (const { x1, x2, flipped } of await measureDrift(one)) {
    expect(x1).toBeLessThan(1e-4);
    expect(x2).toBeLessThan(1e-4);
    expect(x1 + x2).toBeGreaterThan(0);
    expect(flipped).toBeLessThan(0.01);
  }
});
