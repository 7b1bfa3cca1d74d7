import { storage } from 'three/tsl';
import type { StorageBufferAttribute, WebGPURenderer } from 'three/webgpu';
import type { LshAttention } from '../gpu/attention/lsh-attention';
import type { GpuEngine } from '../gpu/gpu-engine';
import { release, share, sharedAttribute } from './shared';

/** The engine's buffers that the loom and the matrix read, without a copy. */
export class EngineTensors {
  private readonly attributes = {
    placement: sharedAttribute(),
    buckets: sharedAttribute(),
    flowCounts: sharedAttribute(),
  };
  readonly nodes;
  private source: LshAttention | undefined;

  constructor(
    private readonly renderer: WebGPURenderer,
    private readonly engine: GpuEngine,
  ) {
    const node = (attribute: StorageBufferAttribute) => storage(attribute, 'uint', 4).toReadOnly();
    const { placement, buckets, flowCounts } = this.attributes;
    this.nodes = { placement: node(placement), buckets: node(buckets), flowCounts: node(flowCounts) };
  }

  /** Takes the engine's current buffers. Returns where the order begins in the placement. */
  adopt(): number {
    const { lsh, flowCounts } = this.engine;
    if (this.source !== lsh) {
      const buffers = { placement: lsh.placement, buckets: lsh.buckets, flowCounts };
      for (const name of ['placement', 'buckets', 'flowCounts'] as const)
        share(this.renderer, this.attributes[name], buffers[name].buffer);
      this.source = lsh;
    }
    return lsh.order.offset ?? 0;
  }

  dispose(): void {
    for (const attribute of Object.values(this.attributes))
      release(this.renderer, this.engine.context.device, attribute);
  }
}
