import { expect, test } from 'vitest';
import { defaultAdam } from '../../src/algorithm/adam';
import { nextTokens } from '../../src/algorithm/duplication-task';
import { relativeError } from '../../src/algorithm/fidelity';
import type { BatchShape, ModelSettings } from '../../src/algorithm/model-settings';
import { Reformer } from '../../src/algorithm/reformer';
import { type Mode, Model } from '../../src/model/model';
import { stepBlock, Weights } from '../../src/model/parameters';
import { loadModelFixture } from '../support/fixtures';
import { inDouble, modelCase, smallModel } from '../support/random-model';
import { testContext } from './context';

const testedContext = await testContext();

interface PassInput extends BatchShape {
  ids: ArrayLike<number>;
  rotations: ArrayLike<number>;
}

/** Runs one forward and backward pass in a new context, and reads logits, loss and gradients. */
async function pass(
  settings: ModelSettings,
  parameters: Map<string, Float32Array>,
  { batch, n, ids, rotations }: PassInput,
  targets: ArrayLike<number>,
  mode: Mode,
) {
  const context = testedContext.createSibling();
  const weights = new Weights(context, settings, true);
  weights.upload(parameters);
  const model = new Model(context, weights, settings, { batch, n }, mode);
  model.upload(ids, targets);
  model.uploadRotations(rotations);
  context.device.queue.writeBuffer(model.step, 0, stepBlock(defaultAdam, 0));
  await context.queue.run(await context.prepare('forward', model.forward()));
  const logits = await context.read(model.logits);
  const back = [...weights.clearDispatches(), ...model.loss(true), ...model.backward()];
  await context.queue.run(await context.prepare('backward', back));
  const [loss, accuracy] = await context.read(model.history);
  const gradients = await weights.read('gradients');
  const bottom = mode === 'reversible' ? await Promise.all(model.streams.map((stream) => context.read(stream))) : [];
  context.free();
  return { logits, loss, accuracy, gradients, bottom };
}

test('logits, loss and every gradient equal those of the independent implementation in both modes', async () => {
  const { settings, parameters, ids, rotations, logits, loss, gradients } = await loadModelFixture();
  const input = { batch: 1, n: ids.length, ids, rotations };
  const results = [];
  for (const mode of ['stored', 'reversible'] as const) {
    const result = await pass(settings, parameters, input, nextTokens(ids, ids.length), mode);
    expect(relativeError(result.logits, logits)).toBeLessThan(1e-4);
    expect(Math.abs(result.loss - loss)).toBeLessThan(1e-5);
    for (const [name, expected] of gradients) {
      expect(relativeError(result.gradients.get(name) as Float32Array, expected), name).toBeLessThan(1e-3);
    }
    results.push(result.gradients);
  }
  for (const [name, stored] of results[0]) {
    expect(relativeError(results[1].get(name) as Float32Array, stored), name).toBeLessThan(1e-4);
  }
});

const cases: [string, ModelSettings, BatchShape][] = [
  ['every kind of layer', smallModel, { batch: 2, n: 29 }],
  [
    'slices, ReLU, a ring of rounds',
    { ...smallModel, activation: 'relu', slices: 3, lsh: { ...smallModel.lsh, wrap: true, bucketMask: false } },
    { batch: 1, n: 32 },
  ],
  [
    'one sequence shorter than a chunk',
    { ...smallModel, activation: 'gelu_new', layers: ['lsh', 'local'], fullWhenShort: true },
    { batch: 3, n: 4 },
  ],
];

test('logits and gradients of a standard Transformer equal those on the CPU', async () => {
  const settings: ModelSettings = { ...smallModel, residual: 'standard' };
  const { parameters, input, targets } = modelCase(settings, 2, 21, 9);
  const cpu = new Reformer(settings, inDouble(parameters), input);
  const expected = cpu.gradients(targets, 'stored');
  const result = await pass(settings, parameters, input, targets, 'stored');
  expect(relativeError(result.logits, cpu.forward().logits)).toBeLessThan(1e-4);
  for (const [name, gradient] of expected.gradients) {
    expect(relativeError(result.gradients.get(name) as Float32Array, gradient), name).toBeLessThan(1e-3);
  }
});

test.each(cases)(
  'with %s, logits, loss and gradients equal those on the CPU in both modes',
  async (_, settings, { batch, n }) => {
    const { parameters, input, targets } = modelCase(settings, batch, n, 3);
    const cpu = new Reformer(settings, inDouble(parameters), input);
    const forward = cpu.forward();
    const expected = cpu.gradients(targets, 'stored');
    for (const mode of ['stored', 'reversible'] as const) {
      const result = await pass(settings, parameters, input, targets, mode);
      expect(relativeError(result.logits, forward.logits)).toBeLessThan(1e-4);
      expect(Math.abs(result.loss - expected.loss.loss)).toBeLessThan(1e-5);
      expect(result.accuracy).toBeCloseTo(expected.loss.accuracy, 5);
      for (const [name, gradient] of expected.gradients) {
        expect(relativeError(result.gradients.get(name) as Float32Array, gradient), name).toBeLessThan(1e-3);
      }
      if (mode === 'reversible') {
        expect(relativeError(result.bottom[0], forward.inputs[0].x1)).toBeLessThan(1e-5);
        expect(relativeError(result.bottom[1], forward.inputs[0].x2)).toBeLessThan(1e-5);
      }
    }
  },
);
