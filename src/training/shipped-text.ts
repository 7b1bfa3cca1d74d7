/** What comes with the page: the guide, and the vectors of the text on which the page opens. */
import { readSafetensors } from '../formats/safetensors';
import { firstText } from '../shared/first-text';
import type { LayerVectors } from './text-reading';

/** The first text as the guide reads it. */
export interface FirstReading extends LayerVectors {
  /** The name of each token, [n]. */
  names: string[];
  /** Logits of the token after the text, [V], and the name of each. */
  next: { logits: Float32Array; names: string[] };
}

async function fetchBytes(address: URL): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`A file that comes with the page cannot be fetched: status ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The bytes of the guide's model. @throws Error if the fetch fails */
export const guideBytes = (): Promise<Uint8Array> =>
  fetchBytes(new URL('../assets/guide.safetensors', import.meta.url));

/** The vectors of the first text. @throws Error if the fetch fails */
export async function firstReading(): Promise<FirstReading> {
  const { tensors, metadata } = readSafetensors(
    await fetchBytes(new URL('../assets/first-text.safetensors', import.meta.url)),
  );
  const list = (key: string): string[] => JSON.parse(metadata.get(key) ?? '[]');
  const numbers = (name: string): Float32Array => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`The first text lacks the tensor ${name}.`);
    return Float32Array.from(tensor.data);
  };
  const [heads, n, d] = tensors.get('qk')?.shape ?? [];
  if (n !== firstText.tokens) throw new Error(`The first text has ${n} tokens, not ${firstText.tokens}.`);
  return {
    shape: { heads, n, d },
    qk: numbers('qk'),
    v: numbers('v'),
    names: list('names'),
    next: { logits: numbers('logits'), names: list('vocabulary') },
  };
}
