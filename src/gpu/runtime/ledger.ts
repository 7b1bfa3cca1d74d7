import { InputError } from '../../shared/errors';
import { isLost } from './device';

/** One buffer that exists. */
export interface LedgerEntry {
  label: string;
  bytes: number;
}

/**
 * The only place where GPU memory comes from: what the page says of memory is read here.
 * Bytes are those asked for; a driver may round them up.
 */
export class Ledger {
  private readonly entries = new Map<GPUBuffer | GPUTexture, LedgerEntry>();
  private liveBytes = 0;
  private peakBytes = 0;
  private createdCount = 0;
  private reported: Promise<unknown> = Promise.resolve();
  private pendingError: Error | undefined;

  constructor(readonly device: GPUDevice) {}

  /** Bytes that exist now. */
  get live(): number {
    return this.liveBytes;
  }

  /** Largest `live` since the start. */
  get peak(): number {
    return this.peakBytes;
  }

  /** Buffers and textures ever made. */
  get created(): number {
    return this.createdCount;
  }

  /** What exists, the largest first. */
  list(): LedgerEntry[] {
    return [...this.entries.values()].sort((a, b) => b.bytes - a.bytes);
  }

  has(resource: GPUBuffer | GPUTexture): boolean {
    return this.entries.has(resource);
  }

  /** Does something whose errors the device reports later: `check` then throws them. */
  watched<T>(act: () => T): T {
    this.device.pushErrorScope('validation');
    const result = act();
    this.listen((error) => {
      this.pendingError ??= new Error(error.message);
    });
    return result;
  }

  /** @throws InputError if memory ran out since the last check, Error if what was `watched` was refused or the device is lost. */
  async check(): Promise<void> {
    await this.reported;
    const { pendingError } = this;
    this.pendingError = undefined;
    if (pendingError) throw pendingError;
    this.checkDevice();
  }

  /** @throws Error if the device is known to be lost: it refuses nothing any more, and finishes whatever it is given. */
  checkDevice(): void {
    if (isLost(this.device)) throw new Error('The device is lost.');
  }

  /** A buffer of `bytes` (made a multiple of 4), to be given back with `destroy`. */
  buffer(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = Math.max(16, 4 * Math.ceil(bytes / 4));
    return this.enter(label, size, () => this.device.createBuffer({ label, size, usage }));
  }

  /** A 2D texture of four bytes a texel. */
  texture(label: string, size: number, usage: GPUTextureUsageFlags): GPUTexture {
    const descriptor: GPUTextureDescriptor = { label, size: [size, size], format: 'rgba8unorm', usage };
    return this.enter(label, size * size * 4, () => this.device.createTexture(descriptor));
  }

  destroy(resource: GPUBuffer | GPUTexture): void {
    const entry = this.entries.get(resource);
    if (!entry) throw new Error(`${resource.label} is not in the ledger`);
    this.entries.delete(resource);
    this.liveBytes -= entry.bytes;
    resource.destroy();
  }

  /** What the device has no memory for is struck out when it says so. */
  private enter<T extends GPUBuffer | GPUTexture>(label: string, bytes: number, make: () => T): T {
    this.device.pushErrorScope('out-of-memory');
    const resource = make();
    this.listen(() => {
      if (this.entries.has(resource)) this.destroy(resource);
      const mebibytes = Math.ceil(bytes / 2 ** 20).toLocaleString('en');
      this.pendingError = new InputError(`The device has no memory for ${label}, ${mebibytes} MiB.`);
    });
    this.entries.set(resource, { label, bytes });
    this.liveBytes += bytes;
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes);
    this.createdCount++;
    return resource;
  }

  /** To the error scope that was opened last. A lost device says nothing, or that it is lost: others hear of that. */
  private listen(onError: (error: GPUError) => void): void {
    const outcome = this.device.popErrorScope().then(
      (error) => {
        if (error) onError(error);
      },
      () => {},
    );
    // What came of earlier ones is not held on to.
    this.reported = Promise.all([this.reported, outcome]).then(() => {});
  }
}
