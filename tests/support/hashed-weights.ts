/**
 * Weights that Python makes too: every number is a hash of its parameter's name and its place, so that a large model needs no file.
 * tests/fixtures/models/crime-and-punishment.json says how, and holds what transformers computes with them.
 */
import { type ModelSettings, names, parameterShapes, sizeOf } from '../../src/algorithm/model-settings';
import type { Tensor } from '../../src/formats/safetensors';

/** FNV-1a of 32 bits. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Number `index` of a name, from −1 to 1: a mix of 32 bits. */
export function hashedNumber(name: string, index: number): number {
  let x = hashOf(name) + Math.imul(index, 0x9e3779b9);
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return ((x ^ (x >>> 15)) >>> 0) / 2 ** 31 - 1;
}

/** All parameters of a model. Weights have a variance of 1/inputs, embeddings 1/3; the bias of the head is zero. */
export function hashedWeights(settings: ModelSettings): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of parameterShapes(settings)) {
    const isMatrix = shape.length === 2 && !name.includes('_embeddings.');
    const scale =
      name === names.headBias ? 0 : name.includes('_embeddings.') ? 1 : isMatrix ? Math.sqrt(3 / shape[1]) : 0.25;
    const middle = name.endsWith('layer_norm.weight') ? 1 : 0;
    const data = Float32Array.from({ length: sizeOf(shape) }, (_, at) => middle + scale * hashedNumber(name, at));
    tensors.set(name, { shape, data });
  }
  return tensors;
}

/** `count` token ids below `vocabulary`. */
export const hashedIds = (count: number, vocabulary: number): Int32Array =>
  Int32Array.from({ length: count }, (_, at) => Math.floor(((hashedNumber('ids', at) + 1) * vocabulary) / 2));
