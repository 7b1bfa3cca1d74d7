import type { Picture } from './picture';

/** The row of the matrix that holds the selected token. */
export function selectedRow({ matrix, readout }: Picture): number | undefined {
  if (!readout) return undefined;
  const at = matrix.sortedBy === undefined ? readout.token : readout.rounds[matrix.sortedBy].rank;
  const row = Math.floor((at - matrix.start) / matrix.each);
  return row >= 0 && row < matrix.count ? row : undefined;
}
