import type { Ledger } from '../gpu/runtime/ledger';

/** Bytes by what they are for; together what the ledger counts. */
export interface Memory {
  /** Most at any moment of everything but what follows: streams, what layers keep, scratch, batch. */
  activationPeakBytes: number;
  /** Buckets kept of every LSH layer, so that it can be computed again as it was. */
  bucketIdBytes: number;
  weightBytes: number;
  gradientBytes: number;
  optimizerBytes: number;
  /** Uniform blocks: what the kernels are told. */
  programBytes: number;
}

/** Buffers that live as long as the model and are neither activations nor bucket ids. */
const lastingLabels = {
  weightBytes: /^weights \d+$/,
  gradientBytes: /^gradients \d+$/,
  optimizerBytes: /^(moments \d+|square sums|step)$/,
  programBytes: /^params: /,
};

export const isLasting = (label: string): boolean =>
  Object.values(lastingLabels).some((pattern) => pattern.test(label));

/** What a model's memory was for, by the labels of its buffers. All of these but activations live as long as the model. */
export function memoryOf(ledger: Ledger): Memory {
  const sum = (pattern: RegExp) =>
    ledger.list().reduce((total, { label, bytes }) => total + (pattern.test(label) ? bytes : 0), 0);
  const lasting = {
    bucketIdBytes: sum(/^layer \d+: buckets$/),
    weightBytes: sum(lastingLabels.weightBytes),
    gradientBytes: sum(lastingLabels.gradientBytes),
    optimizerBytes: sum(lastingLabels.optimizerBytes),
    programBytes: sum(lastingLabels.programBytes),
  };
  const all = Object.values(lasting).reduce((a, b) => a + b, 0);
  return { activationPeakBytes: ledger.peak - all, ...lasting };
}
