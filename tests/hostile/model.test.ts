import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkTask, defaultTask, modelOf } from '../../src/algorithm/duplication-task';
import { checkModel, type ModelSettings, parameterShapes, sizeOf } from '../../src/algorithm/model-settings';
import {
  hashSeedOfConfig,
  modelOfConfig,
  padTokenOfConfig,
  parametersOf,
  partsOfIndex,
} from '../../src/formats/hugging-face';
import { memoryPerByte, readSafetensors, type Tensor, writeSafetensors } from '../../src/formats/safetensors';
import { defaults, fromQuery, toQuery } from '../../src/state/state';
import { readWeights, stateOfTask } from '../../src/training/weights-file';
import { mutatedBytes, mutatedText, partsOf, randomBytes, safetensorsOf } from './mutate';
import { accepted, property } from './property';

const tiny = { ...defaultTask, length: 8, symbols: 3, width: 4, heads: 2 };

/** A model's parameters, filled with 0, 1/8, 2/8, …. */
function tensorsOf(settings: ModelSettings): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of parameterShapes(settings)) {
    tensors.set(name, { shape, data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => i / 8) });
  }
  return tensors;
}

const weightsFile = (task: object): Uint8Array =>
  writeSafetensors(tensorsOf(modelOf(tiny)), new Map([['task', JSON.stringify({ ...task, steps: 7 })]]));

const weights = partsOf(weightsFile(tiny));

function takesOrRejectsWeights(bytes: Uint8Array): void {
  const file = accepted(() => readWeights(bytes), memoryPerByte * bytes.length);
  if (!file) return;
  checkTask(file.task);
  expect(Number.isSafeInteger(file.steps) && file.steps >= 0).toBe(true);
  for (const [name, shape] of parameterShapes(modelOf(file.task))) {
    const values = file.values.get(name);
    expect(values?.length).toBe(sizeOf(shape));
    expect(values?.every(Number.isFinite)).toBe(true);
  }
  expectPageState(file.task);
}

/** If the page accepts a task, its link must hold the task. */
function expectPageState(task: typeof tiny): void {
  const change = accepted(() => stateOfTask(task));
  if (!change) return;
  const state = { ...defaults(), ...change };
  expect(fromQuery(toQuery(state))).toEqual({ state, problems: [] });
}

test('readWeights takes or rejects a valid file with random changes, and random bytes', () => {
  property(fc.oneof(mutatedBytes(fc.constant(weightsFile(tiny))), randomBytes), takesOrRejectsWeights);
});

test('readWeights takes or rejects hostile names, numbers and nesting in the header', () => {
  const file = mutatedText(fc.constant(weights.header)).map((header) => safetensorsOf(header, weights.body));
  property(file, takesOrRejectsWeights);
});

test('readWeights takes or rejects a task with hostile text', () => {
  const task = mutatedText(fc.constant(JSON.stringify({ ...tiny, steps: 7 })));
  const tensors = tensorsOf(modelOf(tiny));
  property(task, (text) => takesOrRejectsWeights(writeSafetensors(tensors, new Map([['task', text]]))));
});

test('readWeights and the page take or reject a task of any numbers', () => {
  const some = fc.oneof(fc.constantFrom(0, 1, 3, 4, 8, 64, 65, 512, 2 ** 16, 1e300, -1, 0.5, 2 ** 31), fc.nat(600));
  const task = fc.record({ length: some, layers: some, rounds: some, seed: some, batch: some, warmUp: some });
  property(task, (numbers) => {
    const all = { ...defaultTask, ...numbers };
    takesOrRejectsWeights(weightsFile(all));
    expectPageState(all);
  });
});

const config = readFileSync(new URL('../fixtures/reformer-tiny/config.json', import.meta.url), 'utf8');
const lengths = fc.constantFrom(1, 2, 16, 64, 128, 129, 1024, 2 ** 20);

function takesOrRejectsConfig(text: string, n: number): void {
  const model = accepted(() => modelOfConfig(text, n), memoryPerByte * text.length);
  if (!model) return;
  checkModel(model, { batch: 1, n });
  const pad = accepted(() => padTokenOfConfig(text, model)) ?? 0;
  expect(Number.isInteger(pad) && pad >= 0 && pad < model.vocabulary).toBe(true);
  expect(Number.isSafeInteger(accepted(() => hashSeedOfConfig(text)) ?? 0)).toBe(true);
  const shapes = parameterShapes(model);
  expect(shapes.size).toBeLessThan(3000);
  expect(accepted(() => parametersOf(model, new Map()))).toBe(undefined);
}

test('modelOfConfig takes or rejects hostile names, numbers and nesting', () => {
  property(fc.tuple(mutatedText(fc.constant(config)), lengths), ([text, n]) => takesOrRejectsConfig(text, n));
});

test('modelOfConfig takes or rejects any numbers, lists and words in its fields', () => {
  const value = fc.oneof(
    fc.constantFrom(
      0,
      1,
      2,
      7,
      16,
      64,
      128,
      2 ** 20,
      2 ** 31,
      2 ** 53,
      -1,
      0.5,
      null,
      true,
      [16, 8],
      [1e9, 1e9],
      'lsh',
    ),
    fc.array(fc.constantFrom('lsh', 'local'), { maxLength: 300 }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const names = Object.keys(JSON.parse(config));
  const changes = fc.dictionary(
    fc.constantFrom(...names, '__proto__', 'num_buckets', 'chunk_size_feed_forward', 'hash_seed', 'pad_token_id'),
    value,
    {
      maxKeys: 4,
    },
  );
  property(fc.tuple(changes, lengths), ([fields, n]) => {
    takesOrRejectsConfig(JSON.stringify({ ...JSON.parse(config), ...fields }), n);
  });
});

test('modelOfConfig takes or rejects any text', () => {
  const text = fc.oneof(fc.json({ maxDepth: 6 }), fc.string({ unit: 'binary', maxLength: 300 }));
  property(fc.tuple(text, lengths), ([words, n]) => takesOrRejectsConfig(words, n));
});

test('parametersOf takes or rejects a model file with random changes', () => {
  const settings = modelOfConfig(config, 64);
  const good = writeSafetensors(tensorsOf(settings));
  const { header, body } = partsOf(good);
  const texts = mutatedText(fc.constant(header)).map((text) => safetensorsOf(text, body));
  property(fc.oneof(texts, mutatedBytes(fc.constant(good))), (bytes) => {
    const values = accepted(
      () => parametersOf(settings, readSafetensors(bytes).tensors),
      2 * memoryPerByte * bytes.length,
    );
    if (!values) return;
    for (const [name, shape] of parameterShapes(settings)) expect(values.get(name)?.length).toBe(sizeOf(shape));
  });
});

const index = JSON.stringify({
  metadata: { total_size: 4096 },
  weight_map: {
    'lm_head.bias': 'model-00001-of-00002.safetensors',
    'lm_head.decoder.weight': 'model-00002-of-00002.safetensors',
  },
});

test('partsOfIndex takes or rejects an index with hostile names, numbers and nesting', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('..', '../a', 'a/b', 'a\\b', '.a', '', 'a\0', 'a\n', 'ü'),
  );
  const any = fc.dictionary(fc.string(), fc.oneof(part, fc.jsonValue({ maxDepth: 1 })), { maxKeys: 5 });
  const texts = any.map((map) => JSON.stringify({ weight_map: map }));
  property(fc.oneof(mutatedText(fc.constant(index)), texts), (text) => {
    const parts = accepted(() => partsOfIndex(text), memoryPerByte * text.length);
    for (const [file, tensors] of parts ?? []) {
      expect(file).toMatch(/^[^./\\\p{Cc}][^/\\\p{Cc}]*$/u);
      expect(tensors.size).toBeGreaterThan(0);
    }
  });
});
