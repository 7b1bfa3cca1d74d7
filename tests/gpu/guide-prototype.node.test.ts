import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { relativeError } from '../../src/algorithm/fidelity';
import { modelOfConfig, parametersOf } from '../../src/formats/hugging-face';
import { readSafetensors } from '../../src/formats/safetensors';
import { Model } from '../../src/model/model';
import { Weights } from '../../src/model/parameters';
import { textSettings, textSizes } from '../../src/training/text-model';
import { testContext } from './context';

const context = await testContext();

test("the prototype's logits of a dialogue are computed again, with full attention in the layers that hash", async () => {
  const folder = new URL('../fixtures/guide-prototype/', import.meta.url);
  const read = (name: string) => readFileSync(new URL(name, folder));
  const expected = readSafetensors(read('expected.safetensors')).tensors;
  const ids = expected.get('input_ids')?.data as Int32Array;
  const base = modelOfConfig(read('config.json').toString(), ids.length);
  const parameters = parametersOf(base, readSafetensors(read('model.safetensors')).tensors);
  const { lsh } = textSettings(textSizes.guide);
  const settings = {
    ...base,
    lsh,
    layers: base.layers.map((kind) => (kind === 'lsh' ? ('full' as const) : kind)),
    padsToChunks: false,
    fullWhenShort: false,
  };
  const own = context.createSibling();
  const weights = new Weights(own, settings, false);
  weights.upload(parameters);
  const model = new Model(own, weights, settings, { batch: 1, n: ids.length }, 'nothing');
  model.upload(ids);
  await own.queue.run(await own.prepare('forward', model.forward()));
  const logits = await own.read(model.logits);
  expect(relativeError(logits, expected.get('logits')?.data as Float32Array)).toBeLessThan(1e-4);
  own.free();
}, 60_000);
