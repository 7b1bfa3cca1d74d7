import { type Preset, presets, type Settings, type Shape } from '../../src/algorithm/settings';
import { modelOfConfig, parametersOf } from '../../src/formats/hugging-face';
import { readSafetensors, type Tensor } from '../../src/formats/safetensors';

export interface Fixture {
  name: string;
  shape: Shape;
  settings: Settings;
  tensor(name: string): Tensor['data'];
  has(name: string): boolean;
}

/**
 * Reference results of independent implementations: lsh-* from transformers, lucid-* from reformer-pytorch, paper-* from a NumPy oracle.
 */
export const fixtureNames = [
  'lsh-tiny',
  'lsh-rounds-causal',
  'lsh-factorized',
  'lsh-bidirectional-ahead',
  'lucid-causal',
  'lucid-bidirectional',
  'paper-causal',
  'paper-bidirectional',
];

export async function loadFixture(name: string): Promise<Fixture> {
  const { tensors, metadata } = readSafetensors(await bytesOf(`fixtures/${name}.safetensors`));
  const config = JSON.parse(metadata.get('config') as string);
  const { heads, n, d } = config;
  return {
    name,
    shape: { heads, n, d },
    settings: {
      ...presets[config.preset as Preset],
      rounds: config.rounds,
      factors: [config.buckets].flat(),
      chunk: config.chunk,
      lookBack: config.chunks_before,
      lookAhead: config.chunks_after,
      causal: config.causal,
    },
    tensor: (key) => {
      const entry = tensors.get(key);
      if (!entry) throw new Error(`The fixture ${name} has no tensor ${key}.`);
      return entry.data;
    },
    has: (key) => tensors.has(key),
  };
}

/** A model of transformers' ReformerModelWithLMHead, with its input and its results. */
export async function loadModelFixture() {
  const text = async (name: string) => new TextDecoder().decode(await bytesOf(`fixtures/reformer-tiny/${name}`));
  const tensors = async (name: string) => readSafetensors(await bytesOf(`fixtures/reformer-tiny/${name}`)).tensors;
  const expected = await tensors('expected.safetensors');
  const ids = (expected.get('input_ids') as Tensor).data as Int32Array;
  const settings = modelOfConfig(await text('config.json'), ids.length);
  const gradients = new Map<string, Tensor['data']>();
  for (const [name, { data }] of expected) if (name.startsWith('grad.')) gradients.set(name.slice(5), data);
  return {
    settings,
    parameters: parametersOf(settings, await tensors('model.safetensors')),
    ids,
    rotations: (expected.get('rotations') as Tensor).data,
    logits: (expected.get('logits') as Tensor).data,
    loss: (expected.get('loss') as Tensor).data[0],
    gradients,
  };
}

/** Reads a file below tests/: in Node from the disk, in a browser from the test server. */
async function bytesOf(path: string): Promise<Uint8Array> {
  if (typeof window === 'undefined') {
    const { readFile } = await import('node:fs/promises');
    return readFile(new URL(`../${path}`, import.meta.url));
  }
  return new Uint8Array(await (await fetch(`/tests/${path}`)).arrayBuffer());
}
