/** A curve over token counts, rising. */
export interface Series {
  tokens: readonly number[];
  values: readonly number[];
}

/**
 * Where `cheap` falls below `dear` for good: tokens, interpolated on logarithmic axes between the sizes that both were measured at. The
 * first size if it is below from there on; undefined if it is not at the last.
 */
export function breakEven(cheap: Series, dear: Series): number | undefined {
  const common = cheap.tokens.filter((n) => dear.tokens.includes(n));
  // Negative where `cheap` is below.
  const lead = common.map((n) => Math.log(cheap.values[cheap.tokens.indexOf(n)] / dear.values[dear.tokens.indexOf(n)]));
  if (!(lead[lead.length - 1] < 0)) return undefined;
  let first = lead.length - 1;
  while (first > 0 && lead[first - 1] < 0) first--;
  if (first === 0) return common[0];
  const share = lead[first - 1] / (lead[first - 1] - lead[first]);
  return common[first - 1] * (common[first] / common[first - 1]) ** share;
}
