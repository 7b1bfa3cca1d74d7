/** Optional features that this project could meet. */
export const optionalFeatures = ['shader-f16', 'subgroups', 'timestamp-query'] as const;

export interface Mask {
  hidden: readonly string[];
  /** Whether the adapter claims WebGPU's default limits and no more. */
  defaultLimits: boolean;
}

/** What every device allows (WebGPU §3.6.2), as far as it is asked for here. */
const defaultLimits = {
  maxBufferSize: 2 ** 28,
  maxStorageBufferBindingSize: 2 ** 27,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 2 ** 14,
  maxComputeInvocationsPerWorkgroup: 256,
};

/** A GPU that hides some of what its adapter can do. Its devices have the hidden features no more than a poorer machine's would. */
export function masked(gpu: GPU, { hidden, defaultLimits: isPoor }: Mask): GPU {
  const maskAdapter = (adapter: GPUAdapter) => ({
    features: new Set([...adapter.features].filter((feature) => !hidden.includes(feature))),
    limits: isPoor ? defaultLimits : adapter.limits,
    info: adapter.info,
    requestDevice: (descriptor: GPUDeviceDescriptor = {}) => {
      const refused = [...(descriptor.requiredFeatures ?? [])].filter((feature) => hidden.includes(feature));
      if (refused.length) throw new TypeError(`the adapter has no ${refused.join()}`);
      return adapter.requestDevice(descriptor);
    },
  });
  const requestAdapter = async (options?: GPURequestAdapterOptions) => {
    const adapter = await gpu.requestAdapter(options);
    return adapter && maskAdapter(adapter);
  };
  return { requestAdapter } as unknown as GPU;
}
