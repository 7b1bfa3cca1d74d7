import { InputError } from '../../shared/errors';
import { isLost } from './device';

/** One buffer or texture that exists. */
export interface LedgerEntry {
  label: string;
  bytes: number;
}

/**
 * Creates and destroys all GPU memory of a context, and counts it: the memory that the page shows is counted here. Bytes are the requested
 * ones; a driver may round them up.
 */
export class Ledger {
  private readonly entries = new Map<GPUBuffer | GPUTexture, LedgerEntry>();
  private liveBytes = 0;
  private peakBytes = 0;
  private createdCount = 0;
  private reported: Promise<unknown> = Promise.resolve();
  private pendingError: Error | undefined;

  constructor(readonly device: GPUDevice) {}

  /** Bytes that exist now, in buffers and textures. */
  get live(): number {
    return this.liveBytes;
  }

  /** Largest `live` since the start. */
  get peak(): number {
    return this.peakBytes;
  }

  /** Number of buffers and textures created since the start. */
  get created(): number {
    return this.createdCount;
  }

  /** All buffers and textures that exist, the largest first. */
  list(): LedgerEntry[] {
    return [...this.entries.values()].sort((a, b) => b.bytes - a.bytes);
  }

  has(resource: GPUBuffer | GPUTexture): boolean {
    return this.entries.has(resource);
  }

  /** Calls `act` and returns its result. Validation errors, which the device reports later, are thrown by the next `check`. */
  watched<T>(act: () => T): T {
    this.device.pushErrorScope('validation');
    const result = act();
    this.listen((error) => {
      this.pendingError ??= new Error(error.message);
    });
    return result;
  }

  /** @throws InputError if memory ran out since the last check; Error if the device refused `watched` work or is lost. */
  async check(): Promise<void> {
    await this.reported;
    const { pendingError } = this;
    this.pendingError = undefined;
    if (pendingError) throw pendingError;
    this.checkDevice();
  }

  /** @throws Error if the device is lost. A lost device reports no errors: it pretends to finish all work. */
  checkDevice(): void {
    if (isLost(this.device)) throw new Error('The device is lost.');
  }

  /** Creates a buffer of `bytes`, rounded up to a multiple of 4 and at least 16, until `destroy`. */
  buffer(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = Math.max(16, 4 * Math.ceil(bytes / 4));
    return this.enter(label, size, () => this.device.createBuffer({ label, size, usage }));
  }

  /** Creates a square texture of rgba8unorm texels, until `destroy`. */
  texture(label: string, size: number, usage: GPUTextureUsageFlags): GPUTexture {
    const descriptor: GPUTextureDescriptor = { label, size: [size, size], format: 'rgba8unorm', usage };
    return this.enter(label, size * size * 4, () => this.device.createTexture(descriptor));
  }

  destroy(resource: GPUBuffer | GPUTexture): void {
    const entry = this.entries.get(resource);
    if (!entry)
      throw new Error(`${resource.label} is not in the ledger: it was destroyed before, or created elsewhere.`);
    this.entries.delete(resource);
    this.liveBytes -= entry.bytes;
    resource.destroy();
  }

  /** Creates and counts a resource. If the device reports that it has no memory for it, the resource is removed and `check` throws. */
  private enter<T extends GPUBuffer | GPUTexture>(label: string, bytes: number, create: () => T): T {
    this.device.pushErrorScope('out-of-memory');
    const resource = create();
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

  /**
   * Closes the error scope opened last, and calls back if it caught an error. Rejection means a lost device, which `checkDevice` reports.
   */
  private listen(onError: (error: GPUError) => void): void {
    const outcome = this.device.popErrorScope().then(
      (error) => {
        if (error) onError(error);
      },
      () => {},
    );
    // Resolves to nothing, so that results of earlier scopes can be collected.
    this.reported = Promise.all([this.reported, outcome]).then(() => {});
  }
}
