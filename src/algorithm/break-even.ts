/** The token count from which a cheaper algorithm wins: where LSH attention overtakes full attention (paper Figure 5, right). */

import { entryOf } from './rows';

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
  const valueAt = ({ tokens, values }: Series, n: number) => entryOf(values, tokens.indexOf(n));
  // Logarithm of cheap / dear: negative where `cheap` is below.
  const common = cheap.tokens
    .filter((n) => dear.tokens.includes(n))
    .map((n) => ({ n, lead: Math.log(valueAt(cheap, n) / valueAt(dear, n)) }));
  let wins = common.pop();
  if (!(wins && wins.lead < 0)) return undefined;
  for (let before = common.pop(); before; before = common.pop()) {
    if (!(before.lead < 0)) return before.n * (wins.n / before.n) ** (before.lead / (before.lead - wins.lead));
    wins = before;
  }
  return wins.n;
}
