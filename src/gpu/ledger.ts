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

  /** A buffer of `bytes` (made a multiple of 4), to be given back with `destroy`. */
  buffer(label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = Math.max(16, 4 * Math.ceil(bytes / 4));
    return this.enter(this.device.createBuffer({ label, size, usage }), label, size);
  }

  /** A 2D texture of four bytes a texel. */
  texture(label: string, size: number, usage: GPUTextureUsageFlags): GPUTexture {
    const texture = this.device.createTexture({ label, size: [size, size], format: 'rgba8unorm', usage });
    return this.enter(texture, label, size * size * 4);
  }

  destroy(resource: GPUBuffer | GPUTexture): void {
    const entry = this.entries.get(resource);
    if (!entry) throw new Error(`${resource.label} is not in the ledger`);
    this.entries.delete(resource);
    this.liveBytes -= entry.bytes;
    resource.destroy();
  }

  private enter<T extends GPUBuffer | GPUTexture>(resource: T, label: string, bytes: number): T {
    this.entries.set(resource, { label, bytes });
    this.liveBytes += bytes;
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes);
    this.createdCount++;
    return resource;
  }
}
