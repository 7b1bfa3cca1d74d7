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

interface Backend {
  get(attribute: StorageBufferAttribute): { buffer?: GPUBuffer };
}

/** From its first picture on three.js asks the browser for every frame there is, to draw in none of them: until the next picture it rests. */
export function rest(renderer: WebGPURenderer): void {
  (renderer as unknown as { _animation: { stop: () => void } })._animation.stop();
}

/** A storage attribute that reads `buffer`: `count` items of `size` 32-bit numbers. It must be let go with `letGo`. */
export function sharedAttribute(
  renderer: WebGPURenderer,
  buffer: GPUBuffer,
  count: number,
  size: 1 | 4,
  type: 'f32' | 'u32',
): StorageBufferAttribute {
  const stub = type === 'f32' ? new Float32Array(4) : new Uint32Array(4);
  const attribute = new StorageBufferAttribute(stub, size);
  Object.assign(attribute, { count });
  (renderer.backend as unknown as Backend).get(attribute).buffer = buffer;
  return attribute;
}

/** three.js destroys the buffer of an attribute that it disposes of: give it one of its own first. */
export function letGo(renderer: WebGPURenderer, device: GPUDevice, attribute: StorageBufferAttribute): void {
  const own = device.createBuffer({ label: 'three.js stand-in', size: 16, usage: GPUBufferUsage.STORAGE });
  (renderer.backend as unknown as Backend).get(attribute).buffer = own;
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
