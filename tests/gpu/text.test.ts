import { expect, test } from 'vitest';
import { relativeError } from '../../src/algorithm/fidelity';
import { rotations } from '../../src/algorithm/hash';
import { parameterShapes, sizeOf } from '../../src/algorithm/model-settings';
import { Reformer } from '../../src/algorithm/reformer';
import { Model } from '../../src/model/model';
import { NextToken } from '../../src/model/next-token';
import { Weights } from '../../src/model/parameters';
import { random } from '../../src/shared/random';
import { ByteBpe } from '../../src/text/byte-bpe';
import { textBatch } from '../../src/text/data';
import { greedy } from '../../src/text/sampling';
import { ModelTrainer } from '../../src/training/model-trainer';
import { TextGenerator, weightsOf } from '../../src/training/text-generator';
import {
  adamOf,
  defaultTextTraining,
  readTextModel,
  type TextModelFile,
  type TextSizes,
  textSettings,
  writeTextModel,
} from '../../src/training/text-model';
import { TextReader } from '../../src/training/text-reader';
import { readText } from '../../src/training/text-reading';
import { inDouble } from '../support/random-model';
import { testContext } from './context';

const context = await testContext();

const sizes: TextSizes = {
  vocabulary: 256,
  width: 16,
  pairs: 2,
  heads: 2,
  feedForward: 24,
  length: 128,
  chunk: 8,
  rounds: 2,
};
const sentence = 'The guide knows trains, rooms, tables, taxis and sights. ';

/** A model with random weights that are large enough for its attention to matter. */
function randomFile(): TextModelFile {
  const values = new Map<string, Float32Array>();
  let k = 0;
  for (const [name, shape] of parameterShapes(textSettings(sizes))) {
    const draw = random(3, k++);
    const deviation = shape.length > 1 ? 0.4 : 0.1;
    const base = name.includes('norm.weight') ? 1 : 0;
    values.set(
      name,
      Float32Array.from({ length: sizeOf(shape) }, () => base + deviation * draw.normal()),
    );
  }
  const training = { ...defaultTextTraining, data: 'test', step: 0 };
  return { sizes, tokenizer: ByteBpe.from([]), training, values, moments: undefined };
}

const file = randomFile();

/** Logits of the last token by the plain engine, for a text without pads. */
function plainLogits(ids: number[], rounds: number): Float64Array {
  const settings = textSettings(sizes, rounds);
  const shape = { heads: sizes.heads, n: ids.length, d: settings.headSize };
  const directions = rotations(shape, settings.lsh, file.training.seed);
  const input = { batch: 1, n: ids.length, ids, rotations: directions };
  const { logits } = new Reformer(settings, inDouble(file.values), input).forward();
  return logits.subarray(logits.length - sizes.vocabulary);
}

test.each([1, 2, 0])('texts with pads have the logits of the plain engine without pads, %i rounds', async (rounds) => {
  const settings = textSettings(sizes, rounds);
  const weights = new Weights(context.createSibling(), settings, false);
  weights.upload(file.values);
  const next = new NextToken(context, weights, settings, 3, sizes.length, file.training.seed);
  const draw = random(5);
  const texts = [5, 61, 37].map((length) => Array.from({ length }, () => draw.integer(256)));
  const logits = await next.logits(texts);
  for (const [k, text] of texts.entries()) {
    expect(relativeError(logits[k], plainLogits(text, rounds)), `${text.length} tokens`).toBeLessThan(1e-5);
  }
  next.free();
  weights.context.free();
});

test('37 tokens, then 63 more, are the 100 tokens of one run, and two texts side by side are those of each alone', async () => {
  const weights = new Weights(context.createSibling(), textSettings(sizes), false);
  weights.upload(file.values);
  const sampling = { temperature: 1, topK: 50, topP: 0.95, seed: 7 };
  const one = new TextGenerator(context, weights, file, { rounds: 2 });
  const two = new TextGenerator(context, weights, file, { rounds: 2, sequences: 2 });
  const prompt = Array.from(file.tokenizer.encode(sentence));
  const other = prompt.slice(0, 9);
  const [whole] = await one.continue([prompt], 100, sampling);
  const [first] = await one.continue([prompt], 37, sampling);
  const [rest] = await one.continue([[...prompt, ...first]], 63, sampling);
  expect([...first, ...rest]).toEqual(whole);
  expect(new Set(whole).size).toBeGreaterThan(10);
  const [alone] = await one.continue([other], 20, sampling);
  const [a, b] = await two.continue([prompt, other], 20, sampling);
  expect(a).toEqual(whole.slice(0, 20));
  expect(b).toEqual(alone);
  const end = whole[12];
  const [ended] = await one.continue([prompt], 100, sampling, { isEnd: (id) => id === end });
  expect(ended).toEqual(whole.slice(0, whole.indexOf(end) + 1));
  expect(await one.continue([prompt], 8, { ...greedy, seed: 1 })).toEqual(await one.continue([prompt], 8, greedy));
  one.free();
  two.free();
  weights.context.free();
}, 60_000);

test('a training that is saved and resumed has the losses of one without a break, with both kinds of memory', async () => {
  const ids = file.tokenizer.encode(sentence.repeat(20));
  const small: TextSizes = { ...sizes, pairs: 1, length: 32 };
  const training = { ...defaultTextTraining, data: 'test', step: 0, warmUp: 3, steps: 12, decay: 0.1 };
  const shape = { batch: 2, n: 32 };
  const make = (mode: 'stored' | 'reversible') =>
    new ModelTrainer(
      context.createSibling(),
      {
        settings: textSettings(small),
        shape,
        adam: adamOf(training),
        seed: 1,
        batchOf: (step) => textBatch(ids, shape, 1, step),
      },
      mode,
    );
  const steps = async (trainer: ModelTrainer, count: number) => {
    for (let k = 0; k < count; k++) await trainer.train();
    return (await trainer.recent(count)).map(([loss]) => loss);
  };
  const whole = make('stored');
  const losses = await steps(whole, 12);
  const first = make('stored');
  const early = await steps(first, 6);
  const saved = writeTextModel({
    sizes: small,
    tokenizer: file.tokenizer,
    training: { ...training, step: first.step },
    values: await first.weights.read(),
    moments: await first.weights.read('moments'),
  });
  const read = readTextModel(saved);
  const second = make('stored');
  second.load(read.values, read.training.step, read.moments);
  expect([...early, ...(await steps(second, 6))]).toEqual(losses);
  expect(losses[11]).toBeLessThan(losses[0]);
  const reversible = make('reversible');
  const recomputed = await steps(reversible, 6);
  for (const [k, loss] of recomputed.entries()) expect(Math.abs(loss - early[k])).toBeLessThan(1e-4);
  for (const trainer of [whole, first, second, reversible]) trainer.free();
});

test('targets of weight 0 have no part in loss and gradients', async () => {
  const ids = file.tokenizer.encode(sentence).slice(0, 32);
  const settings = textSettings({ ...sizes, length: 32 }, 2);
  const own = context.createSibling();
  const weights = new Weights(own, settings, true);
  weights.reset(1);
  const model = new Model(own, weights, settings, { batch: 1, n: 32 }, 'stored');
  const shape = { heads: sizes.heads, n: 32, d: settings.headSize };
  model.uploadRotations(rotations(shape, settings.lsh, 1));
  const work = await own.prepare('step', [
    ...weights.clearDispatches(),
    ...model.forward(),
    ...model.loss(true),
    ...model.backward(),
  ]);
  const run = async (targets: Int32Array, targetWeights?: Float32Array) => {
    model.upload(ids, targets, targetWeights);
    await own.queue.run(work);
    const [loss] = await own.read(model.history, 0, 1);
    return { loss, gradients: await weights.read('gradients') };
  };
  const targets = Int32Array.from(ids, (_, k) => ids[k + 1] ?? -1);
  const half = await run(
    targets,
    Float32Array.from(ids, (_, k) => (k < 16 ? 0 : 2)),
  );
  const only = await run(targets.map((target, k) => (k < 16 ? -1 : target)));
  expect(half.loss).toBeCloseTo(only.loss, 6);
  for (const [name, gradient] of only.gradients) {
    expect(relativeError(half.gradients.get(name) as Float32Array, gradient), name).toBeLessThan(1e-5);
  }
  own.free();
});

test.each([1, 61, 64, 100])(
  'a text of %i tokens is read as by the plain engine: all logits, all vectors',
  async (length) => {
    const reader = new TextReader(context, weightsOf(context.createSibling(), file), file);
    const draw = random(9, length);
    const ids = Array.from({ length }, () => draw.integer(256));
    const reading = await reader.read(ids);
    const plain = readText(file, ids);
    expect(reading.logits).toHaveLength(length * sizes.vocabulary);
    expect(relativeError(reading.logits, plain.logits)).toBeLessThan(1e-5);
    expect([...reading.layers.keys()]).toEqual([1, 3]);
    for (const [index, { shape, qk, v }] of reading.layers) {
      const expected = plain.layers.get(index);
      expect(shape).toEqual({ heads: 2, n: length, d: 8 });
      expect(expected?.shape).toEqual(shape);
      expect(relativeError(qk, expected?.qk ?? [])).toBeLessThan(1e-5);
      expect(relativeError(v, expected?.v ?? [])).toBeLessThan(1e-5);
    }
    reader.free();
  },
);

test('a reader refuses an empty text and one that is too long', async () => {
  const reader = new TextReader(context, weightsOf(context.createSibling(), file), file);
  await expect(reader.read([])).rejects.toThrow('The text is empty');
  await expect(reader.read(new Array(129).fill(1))).rejects.toThrow(
    'The text has 129 tokens; this model reads at most 128.',
  );
  expect(() => readText(file, new Array(129).fill(1))).toThrow('this model reads at most 128.');
});
