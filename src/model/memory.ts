import type { Ledger } from '../gpu/runtime/ledger';

/** Bytes by purpose. Their sum is the peak that the ledger counts. */
export interface Memory {
  /** Peak of all other memory: streams, activations of layers, scratch, batch. */
  activationPeakBytes: number;
  /** Buckets kept of every LSH layer, so that it can be computed again with the same result. */
  bucketIdBytes: number;
  weightBytes: number;
  gradientBytes: number;
  optimizerBytes: number;
  /** Uniform blocks, the parameters of the kernels. */
  programBytes: number;
}

/** Labels of buffers that live as long as the model and hold neither activations nor bucket ids. */
const lastingLabels = {
  weightBytes: /^weights \d+$/,
  gradientBytes: /^gradients \d+$/,
  optimizerBytes: /^(moments \d+|square sums|step)$/,
  programBytes: /^params: /,
};

/** True for the label of a buffer that lives as long as the model and holds neither activations nor bucket ids. */
export const isLasting = (label: string): boolean =>
  Object.values(lastingLabels).some((pattern) => pattern.test(label));

/** Sums up the memory of a model by purpose, which the labels of its buffers tell. All but activations lives as long as the model. */
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
