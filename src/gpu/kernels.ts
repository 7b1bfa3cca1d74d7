import attend from '../../shaders/attend.wgsl?raw';
import attendBackwardKey from '../../shaders/attend-backward-key.wgsl?raw';
import attendBackwardQuery from '../../shaders/attend-backward-query.wgsl?raw';
import backward from '../../shaders/backward.wgsl?raw';
import backwardKey from '../../shaders/backward-key.wgsl?raw';
import backwardRows from '../../shaders/backward-rows.wgsl?raw';
import full from '../../shaders/full.wgsl?raw';
import fullBackwardKey from '../../shaders/full-backward-key.wgsl?raw';
import fullBackwardQuery from '../../shaders/full-backward-query.wgsl?raw';
import hash from '../../shaders/hash.wgsl?raw';
import histogram from '../../shaders/histogram.wgsl?raw';
import inspect from '../../shaders/inspect.wgsl?raw';
import matrix from '../../shaders/matrix.wgsl?raw';
import measure from '../../shaders/measure.wgsl?raw';
import params from '../../shaders/params.wgsl?raw';
import row from '../../shaders/row.wgsl?raw';
import score from '../../shaders/score.wgsl?raw';
import slots from '../../shaders/slots.wgsl?raw';
import softmax from '../../shaders/softmax.wgsl?raw';
import sortCount from '../../shaders/sort-count.wgsl?raw';
import sortScan from '../../shaders/sort-scan.wgsl?raw';
import sortScatter from '../../shaders/sort-scatter.wgsl?raw';
import tile from '../../shaders/tile.wgsl?raw';
import visible from '../../shaders/visible.wgsl?raw';

/** Each kernel with the files it stands on, in the order in which they are joined. */
const sources = {
  hash: [params, hash],
  'sort-count': [sortCount],
  'sort-scan': [sortScan],
  'sort-scatter': [sortScatter],
  attend: [params, visible, tile, softmax, slots, attend],
  full: [params, tile, softmax, full],
  'backward-rows': [params, backwardRows],
  'attend-backward-query': [params, visible, tile, slots, backward, attendBackwardQuery],
  'attend-backward-key': [params, visible, tile, slots, backward, backwardKey, attendBackwardKey],
  'full-backward-query': [params, tile, backward, fullBackwardQuery],
  'full-backward-key': [params, tile, backward, backwardKey, fullBackwardKey],
  measure: [params, measure],
  inspect: [params, visible, score, inspect],
  row: [params, score, row],
  histogram: [params, histogram],
  matrix: [params, visible, score, matrix],
} satisfies Record<string, string[]>;

export type KernelName = keyof typeof sources;
export const kernelNames = Object.keys(sources) as KernelName[];

/** Values for `const NAME` lines of a kernel: what its arrays and unrolled loops depend on. */
export type Constants = Record<string, number | boolean>;

/** A kernel's whole WGSL text with its constants set. @throws Error if the text has no such constant. */
export function kernelSource(name: KernelName, constants: Constants = {}): string {
  let text = sources[name].join('\n');
  for (const [constant, value] of Object.entries(constants)) {
    const line = new RegExp(`^const ${constant}: (u32|bool) = [^;]*;`, 'm');
    if (!line.test(text)) throw new Error(`${name} has no constant ${constant}`);
    text = text.replace(line, (_, type) => `const ${constant}: ${type} = ${value}${type === 'u32' ? 'u' : ''};`);
  }
  return text;
}

/** Compiled kernels of one device; each (name, constants) is compiled once. */
export class Kernels {
  private readonly compiled = new Map<string, Promise<GPUComputePipeline>>();

  constructor(private readonly device: GPUDevice) {}

  /** Pipelines compiled so far. */
  get count(): number {
    return this.compiled.size;
  }

  /** @throws GPUPipelineError with the compiler's words. */
  get(name: KernelName, constants: Constants = {}): Promise<GPUComputePipeline> {
    const key = name + JSON.stringify(constants);
    let pipeline = this.compiled.get(key);
    if (!pipeline) {
      const module = this.device.createShaderModule({ label: name, code: kernelSource(name, constants) });
      pipeline = this.device.createComputePipelineAsync({ label: name, layout: 'auto', compute: { module } });
      this.compiled.set(key, pipeline);
    }
    return pipeline;
  }
}
