/** Optional features of WebGPU that this project uses or could use. */
export const optionalFeatures = ['shader-f16', 'subgroups', 'timestamp-query'] as const;

export interface Mask {
  hidden: readonly string[];
  /** True if the adapter reports WebGPU's default limits. */
  defaultLimits: boolean;
}

/** Limits that every device supports (WebGPU §3.6.2), as far as this project needs them. */
const defaultLimits = {
  maxBufferSize: 2 ** 28,
  maxStorageBufferBindingSize: 2 ** 27,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 2 ** 14,
  maxComputeInvocationsPerWorkgroup: 256,
};

/** A GPU whose adapter hides features and limits. Its devices lack them, as on a machine that does not have them. */
export function masked(gpu: GPU, { hidden, defaultLimits: isPoor }: Mask): GPU {
  const maskAdapter = (adapter: GPUAdapter) => ({
    features: new Set([...adapter.features].filter((feature) => !hidden.includes(feature))),
    limits: isPoor ? defaultLimits : adapter.limits,
    info: adapter.info,
    requestDevice: (descriptor: GPUDeviceDescriptor = {}) => {
      const hiddenFeatures = [...(descriptor.requiredFeatures ?? [])].filter((feature) => hidden.includes(feature));
      if (hiddenFeatures.length) throw new TypeError(`the adapter has no ${hiddenFeatures.join()}`);
      return adapter.requestDevice(descriptor);
    },
  });
  const requestAdapter = async (options?: GPURequestAdapterOptions) => {
    const adapter = await gpu.requestAdapter(options);
    return adapter && maskAdapter(adapter);
  };
  return { requestAdapter } as unknown as GPU;
}
