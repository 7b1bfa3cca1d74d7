/** A device, what it can do, and when it is gone. */
export interface OpenDevice {
  device: GPUDevice;
  /** As the driver names itself, for people. */
  name: string;
  /** Whether it is a processor that plays a GPU. */
  software: boolean;
  /** Whether passes can be timed by the device's own clock. */
  timestamps: boolean;
  /** Whether kernels may store 16-bit floats. */
  f16: boolean;
  /** Resolves when the device is lost, for whatever reason. */
  lost: Promise<unknown>;
}

const lostDevices = new WeakSet<GPUDevice>();

/** Whether a device that was opened here has said that it is lost. */
export const isLost = (device: GPUDevice): boolean => lostDevices.has(device);

/** Opens a device with WebGPU's default limits and, where they are, a clock and 16-bit floats. Undefined if the machine has no adapter. */
export async function openDevice(gpu: GPU | undefined): Promise<OpenDevice | undefined> {
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return undefined;
  const timestamps = adapter.features.has('timestamp-query');
  const f16 = adapter.features.has('shader-f16');
  const device = await adapter.requestDevice({
    requiredFeatures: [
      ...(timestamps ? (['timestamp-query'] as const) : []),
      ...(f16 ? (['shader-f16'] as const) : []),
    ],
    requiredLimits: { maxBufferSize: Math.min(adapter.limits.maxBufferSize, 2 ** 30) },
  });
  void device.lost.then(() => lostDevices.add(device));
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const name = [description, architecture, vendor].find((text) => text) ?? 'your GPU';
  return {
    device,
    name,
    software: isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(name),
    timestamps,
    f16,
    lost: device.lost,
  };
}
