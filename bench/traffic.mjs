// Counts the work that a program submits to a WebGPU device: dispatches, and the bytes of the storage buffers that each binds.
// It measures our program and peers in the same way.

/** @typedef {{ dispatches: number, boundBytes: number }} Traffic */

/**
 * Watches every dispatch that is encoded from now on, on all devices of this process.
 * Consecutive dispatches of one pipeline over the same storage count once: they are slices of one dispatch at different offsets.
 *
 * @param {Record<string, any>} classes WebGPU's interfaces, `globals` of the package webgpu
 * @returns {(work: () => Promise<unknown>) => Promise<Traffic>} runs `work` and returns the counts of what it encoded
 */
export function watchTraffic({ GPUDevice, GPUComputePassEncoder }) {
  const storage = new WeakMap();
  const layouts = new WeakMap();
  const passes = new WeakMap();
  let count = { dispatches: 0, boundBytes: 0 };
  let last = '';
  const names = new WeakMap();
  let nameCount = 0;
  const nameOf = (object) => {
    if (!names.has(object)) names.set(object, String(++nameCount));
    return names.get(object);
  };

  const after = (prototype, method, look) => {
    const original = prototype[method];
    prototype[method] = function (...args) {
      const result = original.apply(this, args);
      look.call(this, result, ...args);
      return result;
    };
  };
  after(GPUDevice.prototype, 'createBindGroupLayout', (layout, { entries }) => {
    layouts.set(layout, new Set(entries.filter(({ buffer }) => isStorage(buffer)).map(({ binding }) => binding)));
  });
  after(GPUDevice.prototype, 'createBindGroup', (group, { layout, entries }) => {
    const bindings = layouts.get(layout);
    storage.set(group, entries.filter(({ binding, resource }) => isBound(bindings, binding, resource)).map(rangeOf));
  });
  after(GPUComputePassEncoder.prototype, 'setPipeline', function (_, pipeline) {
    passes.set(this, { groups: [], ...passes.get(this), pipeline });
  });
  after(GPUComputePassEncoder.prototype, 'setBindGroup', function (_, index, group) {
    const pass = passes.get(this) ?? { groups: [] };
    pass.groups[index] = group;
    passes.set(this, pass);
  });
  for (const method of ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect']) {
    after(GPUComputePassEncoder.prototype, method, function () {
      const { pipeline, groups } = passes.get(this);
      const ranges = groups.flatMap((group) => storage.get(group) ?? []);
      const signature = [nameOf(pipeline), ...ranges.map(({ buffer, offset }) => `${nameOf(buffer)}+${offset}`)].join();
      if (signature === last) return;
      last = signature;
      count.dispatches++;
      count.boundBytes += ranges.reduce((sum, { size }) => sum + size, 0);
    });
  }

  return async (work) => {
    count = { dispatches: 0, boundBytes: 0 };
    last = '';
    await work();
    return { ...count };
  };
}

const isStorage = (buffer) => buffer?.type === 'storage' || buffer?.type === 'read-only-storage';

/** Whether a binding is a storage buffer. The layout of an automatic pipeline is unknown; then the buffer's usage decides. */
function isBound(bindings, binding, resource) {
  const buffer = resource.buffer ?? resource;
  return bindings ? bindings.has(binding) : (buffer.usage & GPUBufferUsage.STORAGE) !== 0;
}

function rangeOf({ resource }) {
  const buffer = resource.buffer ?? resource;
  const offset = resource.offset ?? 0;
  return { buffer, offset, size: resource.size ?? buffer.size - offset };
}
