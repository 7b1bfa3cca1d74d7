/**
 * The one place that hands our GPU resources to three.js without a copy, and that knows of its private parts (r187, pinned exactly,
 * tested in tests/page): buffers go in through its WebGPU backend; textures through the official ExternalTexture.
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

/** From its first picture on three.js asks the browser for every frame there is, to draw in none of them: until the next picture it rests. */
export function rest(renderer: WebGPURenderer): void {
  privates(renderer)._animation.stop();
}

/** A storage attribute of 32-bit numbers, to read buffers that are not three.js's own. */
export const sharedAttribute = () => new StorageBufferAttribute(new Uint32Array(4), 1);

/**
 * From now on `attribute` reads all of `buffer`; it must be let go with `letGo`. three.js keeps a bind group for every attribute
 * it has met, and replaces the one of an attribute whose buffer is of another generation: a new attribute each time would fill memory.
 */
export function share(renderer: WebGPURenderer, attribute: StorageBufferAttribute, buffer: GPUBuffer): void {
  const { backend, _attributes } = privates(renderer);
  Object.assign(attribute, { count: buffer.size / 4 });
  backend.get(attribute).buffer = buffer;
  const kept = _attributes.get(attribute);
  kept.generation = (kept.generation ?? 0) + 1;
}

/** three.js destroys the buffer of an attribute that it disposes of: give it one of its own first. */
export function letGo(renderer: WebGPURenderer, device: GPUDevice, attribute: StorageBufferAttribute): void {
  const own = device.createBuffer({ label: 'three.js stand-in', size: 16, usage: GPUBufferUsage.STORAGE });
  privates(renderer).backend.get(attribute).buffer = own;
  (attribute as unknown as { dispose?: () => void }).dispose?.();
}

/** A texture of ours, sampled as it is. */
export function sharedTexture(texture: GPUTexture): Texture {
  const shared = new ExternalTexture(texture);
  shared.colorSpace = NoColorSpace;
  shared.minFilter = NearestFilter;
  shared.magFilter = NearestFilter;
  (shared as unknown as { image: unknown }).image = { width: texture.width, height: texture.height };
  return shared;
}
