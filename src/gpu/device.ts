/** A device, what it can do, and when it is gone. */
export interface OpenDevice {
  device: GPUDevice;
  /** As the driver names itself, for people. */
  name: string;
  /** Whether it is a processor that plays a GPU. */
  software: boolean;
  /** Whether passes can be timed by the device's own clock. */
  timestamps: boolean;
  /** Resolves when the device is lost, for whatever reason. */
  lost: Promise<unknown>;
}

/** Opens a device with WebGPU's default limits and, where there is one, a clock. Undefined if the machine has no adapter. */
export async function openDevice(gpu: GPU | undefined): Promise<OpenDevice | undefined> {
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return undefined;
  const timestamps = adapter.features.has('timestamp-query');
  const device = await adapter.requestDevice({
    requiredFeatures: timestamps ? ['timestamp-query'] : [],
    requiredLimits: { maxBufferSize: Math.min(adapter.limits.maxBufferSize, 2 ** 30) },
  });
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const name = [description, architecture, vendor].find((text) => text) ?? 'your GPU';
  return {
    device,
    name,
    software: isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(name),
    timestamps,
    lost: device.lost,
  };
}
