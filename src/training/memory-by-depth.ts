import type { Task } from '../algorithm/duplication-task';
import type { Context } from '../gpu/runtime/context';
import { isLasting, type Memory, memoryOf } from '../model/memory';
import { laterTask } from '../shared/tasks';
import { Trainer } from './trainer';

/** Numbers of layers whose memory is measured. */
const depths = [1, 2, 4, 8, 16, 24];

/** Memory of one training step of a model of `layers` layers, if layers keep activations, and if they keep buckets. */
export interface Depth {
  layers: number;
  activations: Memory;
  buckets: Memory;
  /** The buffers of activations and bucket ids, in the same two cases. */
  groups: { activations: BufferGroup[]; buckets: BufferGroup[] };
}

/** Buffers of one purpose: a single one, or one in each layer. */
export interface BufferGroup {
  name: string;
  count: number;
  bytes: number;
}

/** Bytes that one layer keeps for the backward pass: of its attention, and of its feed-forward layer. */
export interface KeptBytes {
  attention: number;
  feedForward: number;
}

/** Memory of training, measured by allocating it. */
export interface DepthFindings {
  depths: Depth[];
  /** Bytes that each layer keeps, if it keeps activations, and if it keeps buckets. */
  kept: { activations: KeptBytes; buckets: KeptBytes };
  /** Bytes that a step takes besides those that layers keep. */
  shared: { activations: number; buckets: number };
}

/**
 * Measures the memory of one training step for several depths, and the bytes that a layer keeps. Allocates and frees the memory of each
 * depth in its own browser task, so that the page responds. @throws InputError if the task is invalid or too large
 */
export async function measureDepths(context: Context, task: Task, slices: number): Promise<DepthFindings> {
  const measure = (layers: number, mode: 'stored' | 'reversible') => {
    const sibling = context.createSibling();
    try {
      new Trainer(sibling, { ...task, layers }, mode, slices, true).dispatches();
      return { memory: memoryOf(sibling.ledger), kept: keptBytesOf(sibling), groups: bufferGroupsOf(sibling) };
    } finally {
      sibling.free();
    }
  };
  const measurements = [];
  for (const layers of depths) {
    if (measurements.length) await laterTask();
    measurements.push({ layers, activations: measure(layers, 'stored'), buckets: measure(layers, 'reversible') });
  }
  const one = measurements[0];
  const perLayer = ({ attention, feedForward }: KeptBytes) => attention + feedForward;
  return {
    depths: measurements.map(({ layers, activations, buckets }) => ({
      layers,
      activations: activations.memory,
      buckets: buckets.memory,
      groups: { activations: activations.groups, buckets: buckets.groups },
    })),
    kept: { activations: one.activations.kept, buckets: one.buckets.kept },
    shared: {
      activations: one.activations.memory.activationPeakBytes - perLayer(one.activations.kept),
      buckets: one.buckets.memory.activationPeakBytes,
    },
  };
}

/** Buffers of activations and bucket ids, the largest first. Buffers that every layer has form one group. */
function bufferGroupsOf({ ledger }: Context): BufferGroup[] {
  const groups = new Map<string, BufferGroup>();
  for (const { label, bytes } of ledger.list()) {
    if (isLasting(label)) continue;
    const name = label.replace(/^layer \d+: /, '');
    const group = groups.get(name) ?? { name, count: 0, bytes: 0 };
    groups.set(name, { name, count: group.count + 1, bytes: group.bytes + bytes });
  }
  return [...groups.values()].sort((a, b) => b.bytes - a.bytes);
}

/** Bytes of the buffers that belong to the first layer alone. */
function keptBytesOf({ ledger }: Context): KeptBytes {
  const bytesKept: KeptBytes = { attention: 0, feedForward: 0 };
  for (const { label, bytes } of ledger.list()) {
    const [, name] = /^layer 0: (.*)$/.exec(label) ?? [];
    if (name === undefined) continue;
    if (/feed-forward|^hidden$/.test(name)) bytesKept.feedForward += bytes;
    else bytesKept.attention += bytes;
  }
  return bytesKept;
}
