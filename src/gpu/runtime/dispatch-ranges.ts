/** A range of blocks that one dispatch computes. A block is the work of one workgroup, or of one in each head. */
export interface DispatchRange {
  /** Index of the first block. */
  first: number;
  /** Number of blocks. */
  blocks: number;
}

/** Most workgroups of a dispatch in one direction: WebGPU's default for maxComputeWorkgroupsPerDimension. */
const mostWorkgroups = 65535;

/**
 * Cuts `total` blocks into ranges, in order and without gaps, so that no dispatch holds up the device for long.
 *
 * @param cost operations of one block
 * @param mostCost operations of one dispatch at most, usually `Queue.dispatchCost`; a single block may exceed it
 */
export function dispatchRanges(total: number, cost: number, mostCost: number): DispatchRange[] {
  const length = Math.min(mostWorkgroups, Math.max(1, Math.floor(mostCost / cost)));
  const ranges: DispatchRange[] = [];
  for (let first = 0; first < total; first += length) ranges.push({ first, blocks: Math.min(length, total - first) });
  return ranges;
}
