import { Context, type Dispatch } from './context';
import { type Constants, plain, type VectorStorage } from './kernel-text';
import { type KernelName, Kernels, kernelSource } from './kernels';
import type { BoundDispatch } from './queue';

/** One kernel in one variant, as a device would compile it. */
export interface KernelVariant {
  /** Kernel, constants and storage: `attend.D4=16.RING=false.THREADS=32.TILE=16.halves.f16`, in the order of the alphabet. */
  title: string;
  name: KernelName;
  /** The whole WGSL text. */
  text: string;
}

/** Keeps the text of each kernel that is asked for, and compiles nothing. */
class RecordedKernels extends Kernels {
  private readonly byKey = new Map<string, KernelVariant>();

  override get(name: KernelName, constants: Constants = {}, storage = plain): Promise<GPUComputePipeline> {
    const key = JSON.stringify([name, constants, storage]);
    if (!this.byKey.has(key)) this.byKey.set(key, variantOf(name, constants, storage));
    return Promise.resolve({} as GPUComputePipeline);
  }

  /** The variants so far, each once. */
  get variants(): KernelVariant[] {
    return [...new Map([...this.byKey.values()].map((variant) => [variant.title, variant])).values()];
  }
}

function variantOf(name: KernelName, constants: Constants, { halves, f16 }: VectorStorage): KernelVariant {
  const textWith = (storage: VectorStorage) => kernelSource(name, constants, storage);
  const text = textWith({ halves, f16 });
  const parts = Object.entries(constants).map(([constant, value]) => `${constant}=${value}`);
  parts.sort();
  // A kernel that reads no vectors is the same for every storage.
  if (halves && text !== textWith({ halves: false, f16 })) parts.push('halves');
  if (f16 && text !== textWith({ halves, f16: false })) parts.push('f16');
  return { title: [name, ...parts].join('.'), name, text };
}

/**
 * A context without a device. It records the kernels of all dispatches, runs none of them, and reads zeros. Needs the constants of WebGPU
 * (`GPUBufferUsage`, `GPUTextureUsage`) as globals.
 */
export class RecordingContext extends Context {
  private readonly recorded: RecordedKernels;

  constructor(device: { software: boolean; f16: boolean }) {
    const kernels = new RecordedKernels(noDevice);
    super({ device: noDevice, name: 'no device', timestamps: false, ...device }, kernels);
    this.recorded = kernels;
  }

  /** The variants recorded so far. */
  get variants(): KernelVariant[] {
    return this.recorded.variants;
  }

  /** Records the kernels of dispatches. */
  record(dispatches: Dispatch[]): void {
    for (const { kernel, constants, storage } of dispatches) void this.recorded.get(kernel, constants, storage);
  }

  override async prepare(_name: string, dispatches: Dispatch[]): Promise<BoundDispatch[]> {
    this.record(dispatches);
    return [];
  }

  override async readBuffer(_buffer: GPUBuffer, count: number): Promise<ArrayBuffer> {
    return new ArrayBuffer(count);
  }
}

/** Takes what contexts, ledgers and queues do besides compiling and dispatching, and does nothing. */
const noDevice = {
  limits: { maxBufferSize: 2 ** 30 },
  queue: { writeBuffer() {}, submit() {} },
  pushErrorScope() {},
  popErrorScope: async () => null,
  createBuffer: ({ label, size }: GPUBufferDescriptor) => ({ label, size, destroy() {} }),
  createTexture: ({ label }: GPUTextureDescriptor) => ({ label, createView: () => ({}), destroy() {} }),
  createCommandEncoder: () => ({ clearBuffer() {}, finish: () => ({}) }),
} as unknown as GPUDevice;
