import { type Layout, layout } from '../../algorithm/layout';
import { InputError } from '../../shared/errors';
import type { OpenDevice } from './device';
import { withFirefoxPoll } from './firefox-poll';
import type { Constants, VectorStorage } from './kernel-text';
import { type KernelName, Kernels } from './kernels';
import { Ledger } from './ledger';
import { type BoundDispatch, Queue } from './queue';
import { paramsStride } from './uniforms';

/** Most bytes of one binding: WebGPU's default limit. Devices that allow more get the same limit, so that all compute in the same way. */
export const bindingBytes = 2 ** 27;

/** A named array on the GPU. Readers address it by its layout, independent of the kernel that wrote it. */
export interface GpuTensor extends Layout {
  buffer: GPUBuffer;
  type: 'f32' | 'f16' | 'u32';
  /** Numbers in the buffer, including the gaps of its layout. */
  elements: number;
}

/** Bytes of one number. */
export const bytesOf = { f32: 4, f16: 2, u32: 4 } as const;

/** A resource to bind: a whole buffer, a part of one, or a texture. Undefined skips a binding that the kernel does not have. */
export type Resource = GPUBuffer | GPUBufferBinding | GPUTextureView | undefined;

/** One dispatch that is not yet compiled and bound. */
export interface Dispatch {
  step: string;
  kernel: KernelName;
  constants?: Constants;
  /** How the tensors of vectors that it binds are stored. */
  storage?: VectorStorage;
  /** Uniform block of binding 0. */
  block: ArrayBuffer;
  /** Resources of bindings 1, 2, … */
  resources: Resource[];
  groups: [number, number, number];
  cost: number;
}

/** All that computing on a device takes: the device, its kernels, a queue, and buffers by name. */
export class Context {
  readonly device: GPUDevice;
  readonly name: string;
  /** True if kernels can store 16-bit floats. */
  readonly f16: boolean;
  /** True for a software adapter (SwiftShader, lavapipe), whose workgroup memory is no faster than any other. */
  readonly software: boolean;
  readonly ledger: Ledger;
  readonly kernels: Kernels;
  readonly queue: Queue;
  private readonly named = new Map<string, GPUBuffer>();
  private retired: GPUBuffer[] = [];

  /** `kernels` may be shared with other contexts of the same device. */
  constructor(
    open: Pick<OpenDevice, 'device' | 'name' | 'software' | 'timestamps' | 'f16'>,
    kernels = new Kernels(open.device),
  ) {
    this.device = open.device;
    this.name = open.name;
    this.f16 = open.f16;
    this.software = open.software;
    this.ledger = new Ledger(open.device);
    this.kernels = kernels;
    this.queue = new Queue(this.ledger, open.timestamps);
  }

  /** Creates another context on the same device, with the same kernels and its own buffers. */
  createSibling(): Context {
    const { device, name, software, f16, queue, kernels } = this;
    return new Context({ device, name, software, f16, timestamps: queue.timestamps }, kernels);
  }

  /**
   * The buffer of a name, the same one as long as `bytes` stays the same. A replaced buffer exists until `releaseRetired`, because a
   * picture may still be drawn from it.
   */
  buffer(name: string, bytes: number, usage = GPUBufferUsage.STORAGE): GPUBuffer {
    const size = Math.max(16, 4 * Math.ceil(bytes / 4));
    const current = this.find(name);
    if (current?.size === size) return current;
    if (current) this.retired.push(current);
    const index = this.retired.findIndex((buffer) => buffer.label === name && buffer.size === size);
    const [buffer] =
      index >= 0
        ? this.retired.splice(index, 1)
        : [this.ledger.buffer(name, size, usage | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC)];
    this.named.set(name, buffer);
    return buffer;
  }

  /** The buffer of a name to read back through. It exists until `free`. */
  staging(name: string, bytes: number): GPUBuffer {
    let buffer = this.find(name);
    if (!buffer) {
      buffer = this.ledger.buffer(name, bytes, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ);
      this.named.set(name, buffer);
    }
    return buffer;
  }

  /** The buffer of a name, unless the device had no memory for it. */
  private find(name: string): GPUBuffer | undefined {
    const buffer = this.named.get(name);
    return buffer && this.ledger.has(buffer) ? buffer : undefined;
  }

  /** Writes numbers to a buffer at an offset in bytes: all, or `count` from index `first` on. If the device refuses, later work throws. */
  write(
    buffer: GPUBuffer,
    offset: number,
    data: ArrayBuffer | ArrayBufferView<ArrayBuffer>,
    first = 0,
    count?: number,
  ): void {
    this.ledger.watched(() => this.device.queue.writeBuffer(buffer, offset, data, first, count));
  }

  /** Submits copies and clears. If the device refuses, later work throws. */
  submit(encode: (encoder: GPUCommandEncoder) => void): void {
    this.ledger.watched(() => {
      const encoder = this.device.createCommandEncoder();
      encode(encoder);
      this.device.queue.submit([encoder.finish()]);
    });
  }

  /** A tensor in the buffer of its name, to be bound in `bindings` parts at most; `lengths` as in `layout`. @throws as `checkSize`. */
  tensor(
    name: string,
    type: GpuTensor['type'],
    shape: readonly number[],
    lengths: readonly number[] = shape,
    bindings = 1,
  ): GpuTensor {
    const elements = lengths.reduce((a, b) => a * b, 1);
    const bytes = bytesOf[type] * elements;
    this.checkSize(name, bytes, bindings);
    return { ...layout(name, shape, lengths), type, elements, buffer: this.buffer(name, bytes) };
  }

  /** @throws InputError if a buffer of `bytes` is too large for the device, or for that many bindings. */
  checkSize(name: string, bytes: number, bindings = 1): void {
    const most = Math.min(bindings * bindingBytes, this.device.limits.maxBufferSize);
    if (bytes <= most) return;
    const mebibytes = (count: number) => `${Math.ceil(count / 2 ** 20).toLocaleString('en')} MiB`;
    throw new InputError(
      `${name} would take ${mebibytes(bytes)}, but at most ${mebibytes(most)} are possible; choose smaller sizes.`,
    );
  }

  /** Destroys the buffers that were replaced since the last call. */
  releaseRetired(): void {
    for (const buffer of this.retired) if (this.ledger.has(buffer)) this.ledger.destroy(buffer);
    this.retired = [];
  }

  /**
   * Compiles and binds dispatches, whose uniform blocks share the buffer `params: NAME`.
   * @throws Error if the device refuses or is lost
   */
  async prepare(name: string, dispatches: Dispatch[]): Promise<BoundDispatch[]> {
    this.ledger.checkDevice();
    const pipelines = await Promise.all(
      dispatches.map((dispatch) => this.kernels.get(dispatch.kernel, dispatch.constants, dispatch.storage)),
    );
    const params = this.buffer(`params: ${name}`, dispatches.length * paramsStride, GPUBufferUsage.UNIFORM);
    const bytes = new Uint8Array(dispatches.length * paramsStride);
    dispatches.forEach((dispatch, i) => {
      bytes.set(new Uint8Array(dispatch.block), i * paramsStride);
    });
    this.write(params, 0, bytes);
    this.device.pushErrorScope('validation');
    const boundDispatches = dispatches.map(({ step, block, resources, groups, cost }, i) => {
      const entries: GPUBindGroupEntry[] = [
        { binding: 0, resource: { buffer: params, offset: i * paramsStride, size: block.byteLength } },
      ];
      resources.forEach((resource, k) => {
        if (!resource) return;
        entries.push({ binding: k + 1, resource: resource instanceof GPUBuffer ? { buffer: resource } : resource });
      });
      const bindGroup = this.device.createBindGroup({ layout: pipelines[i].getBindGroupLayout(0), entries });
      return { step, pipeline: pipelines[i], bindGroup, groups, cost };
    });
    const error = await this.device.popErrorScope();
    await this.ledger.check();
    if (error) throw new Error(error.message);
    return boundDispatches;
  }

  /** Reads `count` 32-bit numbers of a tensor from address `first` on, by default all of them, including the gaps of its layout. */
  async read(
    tensor: GpuTensor,
    first = tensor.offset ?? 0,
    count = tensor.elements,
  ): Promise<Float32Array | Uint32Array> {
    const bytes = await this.readBuffer(tensor.buffer, 4 * count, 4 * first);
    return tensor.type === 'f32' ? new Float32Array(bytes) : new Uint32Array(bytes);
  }

  /** Reads `count` bytes of a buffer from byte `first` on, both multiples of 4. */
  async readBuffer(buffer: GPUBuffer, count: number, first = 0): Promise<ArrayBuffer> {
    const copy = this.ledger.buffer(`read: ${buffer.label}`, count, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ);
    try {
      this.submit((encoder) => encoder.copyBufferToBuffer(buffer, first, copy, 0, count));
      await this.map(copy);
      return copy.getMappedRange(0, count).slice(0);
    } finally {
      if (this.ledger.has(copy)) this.ledger.destroy(copy);
    }
  }

  /** Waits until a buffer is mapped for reading. @throws as `Ledger.check`. */
  async map(buffer: GPUBuffer): Promise<void> {
    try {
      await withFirefoxPoll(
        this.device,
        this.ledger.watched(() => buffer.mapAsync(GPUMapMode.READ)),
      );
    } catch (error) {
      await this.ledger.check();
      throw error;
    }
    await this.ledger.check();
  }

  /** Destroys every buffer of this context, with its contents. */
  free(): void {
    this.releaseRetired();
    this.queue.free();
    for (const buffer of this.named.values()) if (this.ledger.has(buffer)) this.ledger.destroy(buffer);
    this.named.clear();
  }

  /** Destroys the device, for all contexts on it. */
  destroy(): void {
    this.device.destroy();
  }
}
