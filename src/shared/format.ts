/** Number formats that the charts, read-outs and dialogs share. */

/** A number with about three significant digits. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  if (Math.abs(value) >= 100) return value.toFixed(0);
  if (Math.abs(value) >= 10) return value.toFixed(1);
  if (Math.abs(value) >= 1) return value.toFixed(2);
  return value < 0.0005 ? value.toExponential(1) : value.toFixed(3);
}
/** A share from 0 to 1 in percent; one decimal near 0 and 100 %. */
export const formatPercent = (share: number): string =>
  `${(100 * share).toFixed(share > 0.9995 || share < 0.0995 ? 1 : 0)} %`;
/** Bytes as B, KiB or MiB. */
export function formatBytes(count: number): string {
  if (count < 1024) return `${count} B`;
  return count < 2 ** 20 ? `${(count / 1024).toFixed(1)} KiB` : `${(count / 2 ** 20).toFixed(1)} MiB`;
}
