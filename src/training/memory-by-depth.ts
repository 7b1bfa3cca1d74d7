import type { Task } from '../algorithm/duplication-task';
import type { Context } from '../gpu/runtime/context';
import { isLasting, type Memory, memoryOf } from '../model/memory';
import { laterTask } from '../shared/tasks';
import { Trainer } from './trainer';

/** Depths whose memory is measured. */
const depths = [1, 2, 4, 8, 16, 24];

/** Memory of one training step, by what each layer keeps. */
export interface Depth {
  layers: number;
  activations: Memory;
  buckets: Memory;
  /** The buffers of activations and bucket ids, by what each layer keeps. */
  parts: { activations: BufferGroup[]; buckets: BufferGroup[] };
}

/** Buffers of one purpose: one, or one in each layer. */
export interface BufferGroup {
  name: string;
  count: number;
  bytes: number;
}

/** What one layer keeps for the way back, in bytes: from its attention, and from its feed-forward layer. */
export interface Kept {
  attention: number;
  feedForward: number;
}

/** What training takes, measured by taking it. */
export interface DepthFindings {
  depths: Depth[];
  kept: { activations: Kept; buckets: Kept };
  /** What a step holds besides what layers keep. */
  shared: { activations: number; buckets: number };
}

/**
 * Memory of one training step, taken and given back, for several depths, each in a task of its own; and what is kept of a layer.
 * @throws InputError if the task cannot be computed with.
 */
export async function measureDepths(context: Context, task: Task, slices: number): Promise<DepthFindings> {
  const of = (layers: number, mode: 'stored' | 'reversible') => {
    const own = context.createSibling();
    try {
      new Trainer(own, { ...task, layers }, mode, slices, true).dispatches();
      return { memory: memoryOf(own.ledger), kept: keptOf(own), parts: bufferGroupsOf(own) };
    } finally {
      own.free();
    }
  };
  const all = [];
  for (const layers of depths) {
    if (all.length) await laterTask();
    all.push({ layers, activations: of(layers, 'stored'), buckets: of(layers, 'reversible') });
  }
  const one = all[0];
  const perLayer = ({ attention, feedForward }: Kept) => attention + feedForward;
  return {
    depths: all.map(({ layers, activations, buckets }) => ({
      layers,
      activations: activations.memory,
      buckets: buckets.memory,
      parts: { activations: activations.parts, buckets: buckets.parts },
    })),
    kept: { activations: one.activations.kept, buckets: one.buckets.kept },
    shared: {
      activations: one.activations.memory.activationPeakBytes - perLayer(one.activations.kept),
      buckets: one.buckets.memory.activationPeakBytes,
    },
  };
}

/** Buffers of activations and bucket ids, the largest first; those that every layer has together. */
function bufferGroupsOf({ ledger }: Context): BufferGroup[] {
  const parts = new Map<string, BufferGroup>();
  for (const { label, bytes } of ledger.list()) {
    if (isLasting(label)) continue;
    const name = label.replace(/^layer \d+: /, '');
    const part = parts.get(name) ?? { name, count: 0, bytes: 0 };
    parts.set(name, { name, count: part.count + 1, bytes: part.bytes + bytes });
  }
  return [...parts.values()].sort((a, b) => b.bytes - a.bytes);
}

/** What the first layer has buffers of its own for. */
function keptOf({ ledger }: Context): Kept {
  const kept: Kept = { attention: 0, feedForward: 0 };
  for (const { label, bytes } of ledger.list()) {
    const [, name] = /^layer 0: (.*)$/.exec(label) ?? [];
    if (name === undefined) continue;
    if (/feed-forward|^hidden$/.test(name)) kept.feedForward += bytes;
    else kept.attention += bytes;
  }
  return kept;
}
