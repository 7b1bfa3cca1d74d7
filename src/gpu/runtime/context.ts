import { type Layout, layout } from '../../algorithm/layout';
import { InputError } from '../../shared/errors';
import { paramsStride } from '../attention/params';
import type { OpenDevice } from './device';
import { withFirefoxPoll } from './firefox-poll';
import type { Constants, VectorStorage } from './kernel-text';
import { type KernelName, Kernels } from './kernels';
import { Ledger } from './ledger';
import { type BoundDispatch, Queue } from './queue';

/** Most bytes of one binding: what every device allows. Larger devices are used no differently, so that all compute alike. */
export const bindingBytes = 2 ** 27;

/** A named array on the GPU. Others know it by name and address, not by the kernel that made it. */
export interface GpuTensor extends Layout {
  buffer: GPUBuffer;
  type: 'f32' | 'f16' | 'u32';
  /** Numbers in it, with the gaps of its layout. */
  elements: number;
}

/** Bytes of a number. */
export const bytesOf = { f32: 4, f16: 2, u32: 4 } as const;

/** What a kernel can be given: a whole buffer, a part of one, a texture; nothing for a binding that it does not have. */
export type Resource = GPUBuffer | GPUBufferBinding | GPUTextureView | undefined;

/** One dispatch before it has a bind group. */
export interface Dispatch {
  step: string;
  kernel: KernelName;
  constants?: Constants;
  /** How tensors of vectors are stored. */
  storage?: VectorStorage;
  /** Uniform block of binding 0. */
  block: ArrayBuffer;
  /** Resources of bindings 1, 2, … */
  resources: Resource[];
  groups: [number, number, number];
  cost: number;
}

/** What computing on one device needs: its memory, its kernels, its queue. */
export class Context {
  readonly device: GPUDevice;
  readonly name: string;
  /** Whether kernels may store 16-bit floats. */
  readonly f16: boolean;
  /** Whether the device is a processor that plays a GPU: threads of a workgroup then share nothing faster than memory. */
  readonly software: boolean;
  readonly ledger: Ledger;
  readonly kernels: Kernels;
  readonly queue: Queue;
  private readonly named = new Map<string, GPUBuffer>();
  private retired: GPUBuffer[] = [];

  /** Compiled kernels may be those of another context of the same device. */
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

  /** Another one on the same device, with buffers of its own. */
  createSibling(): Context {
    const { device, name, software, f16, queue, kernels } = this;
    return new Context({ device, name, software, f16, timestamps: queue.timestamps }, kernels);
  }

  /**
   * The buffer of that name, the same one as long as the size asked for stays the same. A buffer that is replaced lives on until
   * `releaseRetired`, because a picture may still be drawn from it.
   */
  buffer(name: string, bytes: number, usage = GPUBufferUsage.STORAGE): GPUBuffer {
    const size = Math.max(16, 4 * Math.ceil(bytes / 4));
    const found = this.find(name);
    if (found?.size === size) return found;
    if (found) this.retired.push(found);
    const old = this.retired.findIndex((buffer) => buffer.label === name && buffer.size === size);
    const [made] =
      old >= 0
        ? this.retired.splice(old, 1)
        : [this.ledger.buffer(name, size, usage | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC)];
    this.named.set(name, made);
    return made;
  }

  /** A buffer of that name to read back through, which is there until `free`. */
  staging(name: string, bytes: number): GPUBuffer {
    let found = this.find(name);
    if (!found) {
      found = this.ledger.buffer(name, bytes, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ);
      this.named.set(name, found);
    }
    return found;
  }

  /** There may have been no memory for it. */
  private find(name: string): GPUBuffer | undefined {
    const found = this.named.get(name);
    return found && this.ledger.has(found) ? found : undefined;
  }

  /** Puts numbers into a buffer, at an offset in bytes: all, or `count` from the `first` on. Later work says if the device refused. */
  write(
    buffer: GPUBuffer,
    offset: number,
    data: ArrayBuffer | ArrayBufferView<ArrayBuffer>,
    first = 0,
    count?: number,
  ): void {
    this.ledger.watched(() => this.device.queue.writeBuffer(buffer, offset, data, first, count));
  }

  /** Submits copies and clearings. Later work says if the device refused. */
  submit(encode: (encoder: GPUCommandEncoder) => void): void {
    this.ledger.watched(() => {
      const encoder = this.device.createCommandEncoder();
      encode(encoder);
      this.device.queue.submit([encoder.finish()]);
    });
  }

  /** A tensor in the buffer of its name; `lengths` as in `layout`. It is bound whole, or in that many parts. */
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

  /** @throws InputError if no buffer may be that large, or if it cannot be bound in that many parts. */
  checkSize(name: string, bytes: number, bindings = 1): void {
    const most = Math.min(bindings * bindingBytes, this.device.limits.maxBufferSize);
    if (bytes <= most) return;
    const mebibytes = (count: number) => `${Math.ceil(count / 2 ** 20).toLocaleString('en')} MiB`;
    throw new InputError(`${name} would take ${mebibytes(bytes)}; at most ${mebibytes(most)} can be computed with.`);
  }

  /** Gives back the buffers that were replaced since the last call. */
  releaseRetired(): void {
    for (const buffer of this.retired) if (this.ledger.has(buffer)) this.ledger.destroy(buffer);
    this.retired = [];
  }

  /**
   * Compiles and binds a list of dispatches; their uniform blocks share the buffer `params: NAME`.
   * @throws Error if the device refuses or is lost.
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
    const work = dispatches.map(({ step, block, resources, groups, cost }, i) => {
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
    return work;
  }

  /** The numbers of a tensor, of 32 bits each, as they lie, `count` from address `first` on (all, if not given). */
  async read(
    tensor: GpuTensor,
    first = tensor.offset ?? 0,
    count = tensor.elements,
  ): Promise<Float32Array | Uint32Array> {
    const bytes = await this.readBuffer(tensor.buffer, 4 * count, 4 * first);
    return tensor.type === 'f32' ? new Float32Array(bytes) : new Uint32Array(bytes);
  }

  /** Bytes of a buffer, a multiple of 4. */
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

  /** Waits until a buffer can be read. @throws as `Ledger.check`. */
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

  /** Gives back every buffer; what was computed here is gone. */
  free(): void {
    this.releaseRetired();
    this.queue.free();
    for (const buffer of this.named.values()) if (this.ledger.has(buffer)) this.ledger.destroy(buffer);
    this.named.clear();
  }

  /** Ends everything; the device cannot be used afterwards. */
  destroy(): void {
    this.device.destroy();
  }
}
