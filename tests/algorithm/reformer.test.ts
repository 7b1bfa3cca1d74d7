import { expect, test } from 'vitest';
import { adamStep, defaultAdam } from '../../src/algorithm/adam';
import { duplicationBatch, nextTokens } from '../../src/algorithm/duplication-task';
import { relativeError } from '../../src/algorithm/fidelity';
import { erf } from '../../src/algorithm/layers';
import {
  type Activation,
  axialPositions,
  learnedPositions,
  type ModelSettings,
  parameterCount,
} from '../../src/algorithm/model-settings';
import { Reformer } from '../../src/algorithm/reformer';
import { modelOfConfig, parametersOf } from '../../src/formats/hugging-face';
import { loadModelFixture } from '../support/fixtures';
import { inDouble, modelCase, smallModel } from '../support/random-model';

test('logits, loss and every gradient equal those of an independent implementation, in both modes', async () => {
  const { settings, parameters, ids, rotations, logits, loss, gradients } = await loadModelFixture();
  const n = ids.length;
  const model = new Reformer(settings, inDouble(parameters), { batch: 1, n, ids, rotations });
  expect(relativeError(model.forward().logits, logits)).toBeLessThan(1e-6);
  for (const mode of ['stored', 'reversible'] as const) {
    const result = model.gradients(nextTokens(ids, n), mode);
    expect(Math.abs(result.loss.loss - loss)).toBeLessThan(1e-6);
    expect(gradients.size).toBeGreaterThan(40);
    for (const [name, expected] of gradients) {
      expect(relativeError(result.gradients.get(name) as Float64Array, expected), name).toBeLessThan(1e-5);
    }
  }
});

test.each<[Activation, ModelSettings['residual']]>([
  ['relu', 'reversible'],
  ['gelu', 'reversible'],
  ['gelu_new', 'standard'],
])('gradients equal finite differences of the loss, with %s and %s layers', (activation, residual) => {
  const settings = { ...smallModel, activation, residual };
  const { parameters, input, targets } = modelCase(settings, 2, 13, 5);
  const exact = inDouble(parameters);
  const { gradients } = new Reformer(settings, exact, input).gradients(
    targets,
    residual === 'standard' ? 'stored' : 'reversible',
  );
  const lossWith = (name: string, at: number, change: number) => {
    const changed = new Map(exact);
    const values = Float64Array.from(exact.get(name) as Float64Array);
    values[at] += change;
    changed.set(name, values);
    return new Reformer(settings, changed, input).gradients(targets, 'stored').loss.loss;
  };
  for (const [name, values] of exact) {
    const at = values.length >> 1;
    const h = 1e-5;
    const slope = (lossWith(name, at, h) - lossWith(name, at, -h)) / (2 * h);
    expect(Math.abs(slope - (gradients.get(name) as Float64Array)[at]), name).toBeLessThan(
      1e-7 + 1e-4 * Math.abs(slope),
    );
  }
});

test('invert recomputes the streams below every layer', () => {
  const { parameters, input } = modelCase(smallModel, 1, 29, 8);
  const model = new Reformer(smallModel, inDouble(parameters), input);
  const { top, inputs, buckets } = model.forward();
  let above = top;
  for (let layer = inputs.length - 1; layer >= 0; layer--) {
    above = model.invert(layer, above, buckets[layer]);
    expect(relativeError(above.x1, inputs[layer].x1)).toBeLessThan(1e-12);
    expect(relativeError(above.x2, inputs[layer].x2)).toBeLessThan(1e-12);
  }
});

const published: ModelSettings = {
  ...smallModel,
  vocabulary: 320,
  width: 256,
  heads: 2,
  headSize: 64,
  feedForward: 512,
  layers: ['local', 'lsh', 'local', 'lsh', 'local', 'lsh'],
  positions: axialPositions([512, 1024], [64, 192]),
};

test('parameterCount gives the sizes of the published models', () => {
  expect(parameterCount(published)).toBe(2_748_224);
  const four = ['local', 'local', 'lsh', 'local'] as const;
  const enwik8: ModelSettings = {
    ...published,
    vocabulary: 258,
    width: 1024,
    heads: 8,
    headSize: 128,
    feedForward: 4096,
    layers: [...four, ...four, ...four],
    positions: axialPositions([128, 512], [256, 768]),
  };
  expect(parameterCount(enwik8)).toBe(149_182_722);
});

test('modelOfConfig fills missing fields with the defaults of transformers', () => {
  const model = modelOfConfig('{}', 4096);
  expect(model.lsh.factors).toEqual([128]);
  expect(model.layers).toEqual(['local', 'lsh', 'local', 'lsh', 'local', 'lsh']);
  expect(model.positions).toEqual(axialPositions([64, 64], [64, 192]));
  expect(modelOfConfig('{"axial_pos_embds": false}', 64).positions).toEqual(learnedPositions(4096, 256));
});

test.each([
  ['[]', 'config.json is not a JSON object.'],
  ['{"hidden_size": "wide"}', 'hidden_size is "wide"'],
  ['{"attn_layers": []}', 'attn_layers'],
  ['{"attn_layers": ["dense"]}', 'attn_layers'],
  ['{"num_buckets": [4, -2]}', 'num_buckets'],
  ['{"axial_pos_shape": 7}', 'axial_pos_shape is 7'],
  ['{"hidden_act": "mish"}', 'hidden_act is "mish"'],
])('modelOfConfig rejects %s and names the field', (text, words) => {
  expect(() => modelOfConfig(text, 64)).toThrow(words);
});

test('parametersOf rejects a missing, an unknown and a wrongly shaped tensor, and names it', async () => {
  const { settings, parameters } = await loadModelFixture();
  const tensors = new Map([...parameters].map(([name, data]) => [name, { shape: [data.length], data }]));
  expect(() => parametersOf(settings, tensors)).toThrow('word_embeddings.weight" has the shape 2048, not 64×32');
  expect(() => parametersOf(settings, new Map())).toThrow('word_embeddings.weight" is missing');
  tensors.set('surplus', { shape: [1], data: new Float32Array(1) });
  expect(() => parametersOf(settings, tensors)).toThrow('no tensor "surplus"');
});

test('erf equals the tabulated error function', () => {
  // Abramowitz and Stegun, table 7.1.
  for (const [x, value] of [
    [0, 0],
    [0.5, 0.5204998778],
    [1, 0.8427007929],
    [2, 0.995322265],
    [2.5, 0.999593048],
    [3, 0.9999779095],
  ]) {
    expect(erf(x)).toBeCloseTo(value, 9);
    expect(erf(-x)).toBeCloseTo(-value, 9);
  }
});

test('the first step of Adam has the size of the rate for any gradient', () => {
  const weights = new Float64Array(2);
  const moments = { first: new Float64Array(2), second: new Float64Array(2) };
  adamStep(weights, Float64Array.of(1e-3, -7), moments, { ...defaultAdam, rate: 0.5, warmUp: 10 }, 1, 1);
  expect(weights[0]).toBeCloseTo(-0.05, 6);
  expect(weights[1]).toBeCloseTo(0.05, 6);
});

test('the targets of the duplication task are the symbols of the second word', () => {
  const n = 12;
  const { ids, targets } = duplicationBatch(3, n, 9, 4);
  for (let b = 0; b < 3; b++) {
    const row = ids.subarray(b * n, (b + 1) * n);
    expect(row[0]).toBe(0);
    expect([...row.subarray(6)]).toEqual([...row.subarray(0, 6)]);
    expect(Math.min(...row.subarray(1, 6))).toBeGreaterThan(0);
    expect([...targets.subarray(b * n, (b + 1) * n)]).toEqual([-1, -1, -1, -1, -1, -1, ...row.subarray(7), -1]);
  }
});
