import type { Picture } from './picture';

/** The row of the matrix that holds the selected token. */
export function selectedRow({ matrix, readout }: Picture): number | undefined {
  if (!readout) return undefined;
  const at = matrix.sortedBy === undefined ? readout.token : readout.rounds[matrix.sortedBy].rank;
  return at >= matrix.start && at < matrix.start + matrix.count ? at - matrix.start : undefined;
}
