/** A GPU device and what it can do. */
export interface OpenDevice {
  device: GPUDevice;
  /** Name of the adapter, to be shown. */
  name: string;
  /** True for a software adapter (SwiftShader, lavapipe). */
  software: boolean;
  /** True if the device can time passes with its own clock (timestamp-query). */
  timestamps: boolean;
  /** True if kernels can store 16-bit floats (shader-f16). */
  f16: boolean;
  /** Resolves when the device is lost, for any reason. */
  lost: Promise<unknown>;
}

const lostDevices = new WeakSet<GPUDevice>();

/** True once a device opened by `openDevice` is lost. */
export const isLost = (device: GPUDevice): boolean => lostDevices.has(device);

/**
 * Opens a device with WebGPU's default limits, except for buffers of up to 1 GiB, and with timestamps and 16-bit floats if the adapter has
 * them. Resolves to undefined if the machine has no adapter.
 */
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
