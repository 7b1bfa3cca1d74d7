import Renderer, { type RendererParameters } from 'three/src/renderers/common/Renderer.js';
import BasicNodeLibrary from 'three/src/renderers/webgpu/nodes/BasicNodeLibrary.js';
import WebGPUBackend from 'three/src/renderers/webgpu/WebGPUBackend.js';
import type { WebGPURenderer } from 'three/webgpu';

/**
 * three.js's renderer for WebGPU without what `WebGPURenderer` brings along and the stage never uses: WebGL, lights and the materials of other
 * renderers. It makes the page's first load an eighth smaller.
 */
export function makeRenderer(canvas: HTMLCanvasElement, device: GPUDevice, context: GPUCanvasContext): WebGPURenderer {
  const parameters = { canvas, device, context };
  const renderer = new Renderer(new WebGPUBackend(parameters), parameters as RendererParameters);
  renderer.library = new BasicNodeLibrary();
  // As its constructor does.
  return Object.assign(renderer, { isWebGPURenderer: true as const }) as unknown as WebGPURenderer;
}
