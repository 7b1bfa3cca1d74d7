/** A device, what it can do, and when it is gone. */
export interface OpenDevice {
  device: GPUDevice;
  /** As the driver names itself, for people. */
  name: string;
  /** Whether passes can be timed by the device's own clock. */
  timestamps: boolean;
  /** Resolves when the device is lost; true if it was lost by accident and another may be asked for. */
  lost: Promise<boolean>;
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
  const { vendor, architecture, description } = adapter.info;
  return {
    device,
    name: [description, architecture, vendor].find((text) => text) ?? 'unnamed adapter',
    timestamps,
    lost: device.lost.then((info) => info.reason !== 'destroyed'),
  };
}
