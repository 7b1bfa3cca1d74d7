/** Neighbouring workgroups of one dispatch. */
export interface DispatchRange {
  first: number;
  blocks: number;
}

/** Cuts `total` blocks of equal cost into dispatches of at most `most` operations, and of no more workgroups than any device takes. */
export function dispatchRanges(total: number, cost: number, most: number): DispatchRange[] {
  const length = Math.min(65535, Math.max(1, Math.floor(most / cost)));
  const out: DispatchRange[] = [];
  for (let first = 0; first < total; first += length) out.push({ first, blocks: Math.min(length, total - first) });
  return out;
}
