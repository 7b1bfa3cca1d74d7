import attend from '../../../shaders/attention/attend.wgsl?raw';
import attendShort from '../../../shaders/attention/attend-short.wgsl?raw';
import curve from '../../../shaders/attention/curve.wgsl?raw';
import full from '../../../shaders/attention/full.wgsl?raw';
import fullShort from '../../../shaders/attention/full-short.wgsl?raw';
import hash from '../../../shaders/attention/hash.wgsl?raw';
import histogram from '../../../shaders/attention/histogram.wgsl?raw';
import inspect from '../../../shaders/attention/inspect.wgsl?raw';
import missedPairs from '../../../shaders/attention/missed-pairs.wgsl?raw';
import padBuckets from '../../../shaders/attention/pad-buckets.wgsl?raw';
import row from '../../../shaders/attention/row.wgsl?raw';
import rowLse from '../../../shaders/attention/row-lse.wgsl?raw';
import tokenPlacement from '../../../shaders/attention/token-placement.wgsl?raw';
import density from '../../../shaders/draw/density.wgsl?raw';
import densityPaint from '../../../shaders/draw/density-paint.wgsl?raw';
import flows from '../../../shaders/draw/flows.wgsl?raw';
import matrix from '../../../shaders/draw/matrix.wgsl?raw';
import block from '../../../shaders/lib/block.wgsl?raw';
import pairs from '../../../shaders/lib/pairs.wgsl?raw';
import params from '../../../shaders/lib/params.wgsl?raw';
import placement from '../../../shaders/lib/placement.wgsl?raw';
import score from '../../../shaders/lib/score.wgsl?raw';
import short from '../../../shaders/lib/short.wgsl?raw';
import slots from '../../../shaders/lib/slots.wgsl?raw';
import softmax from '../../../shaders/lib/softmax.wgsl?raw';
import sortPass from '../../../shaders/lib/sort-pass.wgsl?raw';
import tokens from '../../../shaders/lib/tokens.wgsl?raw';
import sortCount from '../../../shaders/sort/sort-count.wgsl?raw';
import sortScan from '../../../shaders/sort/sort-scan.wgsl?raw';
import sortScatter from '../../../shaders/sort/sort-scatter.wgsl?raw';
import sortShort from '../../../shaders/sort/sort-short.wgsl?raw';
import type { BenchKernel } from './bench-kernels';
import { addShaders, type Constants, kernelText, plain, registered, type VectorStorage } from './kernel-text';
import type { TrainingKernel } from './training-kernels';

/** The file of each kernel of a forward pass. It names the pieces that the kernel is joined from. */
const kernels = {
  hash,
  'hash-many': hash,
  'hash-all': hash,
  'pad-buckets': padBuckets,
  'sort-count': sortCount,
  'sort-scan': sortScan,
  'sort-scatter': sortScatter,
  attend,
  'sort-short': sortShort,
  'attend-short': attendShort,
  full,
  'full-short': fullShort,
  curve,
  'missed-pairs': missedPairs,
  inspect,
  'token-placement': tokenPlacement,
  row,
  'row-lse': rowLse,
  histogram,
  matrix,
  flows,
  density,
  'density-paint': densityPaint,
};

addShaders(kernels, { params, placement, tokens, pairs, score, short, block, softmax, slots, 'sort-pass': sortPass });

export type KernelName = keyof typeof kernels | TrainingKernel | BenchKernel;

/** The kernels registered so far: all of them once training-kernels.ts and bench-kernels.ts are imported. */
export const kernelNames = (): KernelName[] => [...registered.kernels.keys()] as KernelName[];

/** The whole WGSL text of a kernel; see `kernelText`. */
export const kernelSource = (name: KernelName, constants?: Constants, storage: VectorStorage = plain): string =>
  kernelText(name, constants, storage);

/** The compiled kernels of one device. Each combination of name, constants and storage is compiled once. */
export class Kernels {
  private readonly compiled = new Map<string, Promise<GPUComputePipeline>>();

  constructor(private readonly device: GPUDevice) {}

  /** Number of pipelines compiled so far. */
  get count(): number {
    return this.compiled.size;
  }

  /** @throws GPUPipelineError with the compiler's message. */
  get(name: KernelName, constants: Constants = {}, storage = plain): Promise<GPUComputePipeline> {
    const key = `${name} ${JSON.stringify(constants)} ${JSON.stringify(storage)}`;
    let pipeline = this.compiled.get(key);
    if (!pipeline) {
      const module = this.device.createShaderModule({ label: name, code: kernelSource(name, constants, storage) });
      pipeline = this.device.createComputePipelineAsync({ label: name, layout: 'auto', compute: { module } });
      this.compiled.set(key, pipeline);
    }
    return pipeline;
  }
}
