// Counts what a program asks of a WebGPU device: dispatches, and the bytes of the storage that each binds. Knows nothing of either program.

/** @typedef {{ dispatches: number, boundBytes: number }} Traffic */

/**
 * Watches every dispatch that is encoded from now on, in all devices of this process.
 * A run of dispatches of one pipeline over the same storage counts once: they are slices of one, by offsets that differ.
 *
 * @param {Record<string, any>} classes WebGPU's interfaces, as the package webgpu has them in `globals`
 * @returns {(work: () => Promise<unknown>) => Promise<Traffic>} what was encoded while `work` ran
 */
export function watchTraffic({ GPUDevice, GPUComputePassEncoder }) {
  const storage = new WeakMap();
  const layouts = new WeakMap();
  const passes = new WeakMap();
  let count = { dispatches: 0, boundBytes: 0 };
  let last = '';
  const names = new WeakMap();
  let named = 0;
  const nameOf = (object) => {
    if (!names.has(object)) names.set(object, String(++named));
    return names.get(object);
  };

  const after = (prototype, method, look) => {
    const original = prototype[method];
    prototype[method] = function (...given) {
      const result = original.apply(this, given);
      look.call(this, result, ...given);
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
      const own = [nameOf(pipeline), ...ranges.map(({ buffer, offset }) => `${nameOf(buffer)}+${offset}`)].join();
      if (own === last) return;
      last = own;
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

/** Of a layout that a pipeline made by itself, the buffer's usage tells. */
function isBound(bindings, binding, resource) {
  const buffer = resource.buffer ?? resource;
  return bindings ? bindings.has(binding) : (buffer.usage & GPUBufferUsage.STORAGE) !== 0;
}

function rangeOf({ resource }) {
  const buffer = resource.buffer ?? resource;
  const offset = resource.offset ?? 0;
  return { buffer, offset, size: resource.size ?? buffer.size - offset };
}
