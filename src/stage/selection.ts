import type { Picture } from './picture';

/** The selected token's row in the shown part of the matrix; undefined if it is not shown. */
export function selectedRow({ matrix, readout }: Picture): number | undefined {
  if (!readout) return undefined;
  const at = matrix.sortedBy === undefined ? readout.token : readout.rounds[matrix.sortedBy].rank;
  const row = Math.floor((at - matrix.start) / matrix.each);
  return row >= 0 && row < matrix.count ? row : undefined;
}
