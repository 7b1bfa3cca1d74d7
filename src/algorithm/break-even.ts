/** The token count from which a cheaper algorithm wins: where LSH attention overtakes full attention (paper Figure 5, right). */

/** A measured curve; `tokens` rise. */
export interface Series {
  tokens: readonly number[];
  values: readonly number[];
}

/**
 * The token count from which `cheap` stays below `dear`, interpolated on logarithmic axes between the sizes that both curves share.
 * Returns the first shared size if `cheap` is below at all of them, undefined if it is not below at the last.
 */
export function breakEven(cheap: Series, dear: Series): number | undefined {
  const common = cheap.tokens.filter((n) => dear.tokens.includes(n));
  // Logarithm of cheap / dear: negative where `cheap` is below.
  const lead = common.map((n) => Math.log(cheap.values[cheap.tokens.indexOf(n)] / dear.values[dear.tokens.indexOf(n)]));
  if (!(lead[lead.length - 1] < 0)) return undefined;
  let first = lead.length - 1;
  while (first > 0 && lead[first - 1] < 0) first--;
  if (first === 0) return common[0];
  const share = lead[first - 1] / (lead[first - 1] - lead[first]);
  return common[first - 1] * (common[first] / common[first - 1]) ** share;
}
