/**
 * Hands our GPU resources to three.js without a copy. Only this file uses private parts of three.js (r187, pinned exactly, tested in
 * tests/page): buffers go in through its WebGPU backend. Textures go in through the official ExternalTexture.
 */
import {
  ExternalTexture,
  NearestFilter,
  NoColorSpace,
  StorageBufferAttribute,
  type Texture,
  type WebGPURenderer,
} from 'three/webgpu';

interface Privates {
  backend: { get(attribute: StorageBufferAttribute): { buffer?: GPUBuffer } };
  _animation: { stop: () => void };
  _attributes: { get(attribute: StorageBufferAttribute): { generation?: number } };
}

const privates = (renderer: WebGPURenderer) => renderer as unknown as Privates;

/** Stops the animation loop of three.js. It starts with each picture and would request every frame without drawing anything. */
export function rest(renderer: WebGPURenderer): void {
  privates(renderer)._animation.stop();
}

/** A storage attribute of 32-bit numbers that reads a buffer of ours, once it is shared. */
export const sharedAttribute = () => new StorageBufferAttribute(new Uint32Array(4), 1);

/**
 * Makes `attribute` read all of `buffer`; `release` must be called for it at the end. three.js keeps a bind group for every attribute,
 * and replaces it when the buffer's generation changes. A new attribute for each buffer would fill memory.
 */
export function share(renderer: WebGPURenderer, attribute: StorageBufferAttribute, buffer: GPUBuffer): void {
  const { backend, _attributes } = privates(renderer);
  Object.assign(attribute, { count: buffer.size / 4 });
  backend.get(attribute).buffer = buffer;
  const entry = _attributes.get(attribute);
  entry.generation = (entry.generation ?? 0) + 1;
}

/** Disposes of an attribute. three.js destroys its buffer with it, so it gets a stand-in for ours first. */
export function release(renderer: WebGPURenderer, device: GPUDevice, attribute: StorageBufferAttribute): void {
  const standIn = device.createBuffer({ label: 'three.js stand-in', size: 16, usage: GPUBufferUsage.STORAGE });
  privates(renderer).backend.get(attribute).buffer = standIn;
  (attribute as unknown as { dispose?: () => void }).dispose?.();
}

/** Our texture for three.js, sampled without filter or change of colour space. */
export function sharedTexture(texture: GPUTexture): Texture {
  const shared = new ExternalTexture(texture);
  shared.colorSpace = NoColorSpace;
  shared.minFilter = NearestFilter;
  shared.magFilter = NearestFilter;
  (shared as unknown as { image: unknown }).image = { width: texture.width, height: texture.height };
  return shared;
}
