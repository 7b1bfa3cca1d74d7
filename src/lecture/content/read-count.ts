/** A count as people write it: 1000000, 1,000,000, 1e6, 10^6, 1M, 1 million, a million. NaN if it is none. */
export function readCount(input: string): number {
  const text = input.trim();
  // Commas and blanks part thousands, as in 1,000,000. Any other comma is a decimal comma.
  const plain = /^\d{1,3}([,\s]\d{3})+$/.test(text) ? text.replaceAll(/[,\s]/g, '') : text.replace(',', '.');
  if (/^\d+(\.\d+)?(e\d{1,2})?$/i.test(plain)) return Number(plain);
  const power = /^(?:(\d+(?:\.\d+)?)\s*[·*×x]\s*)?(\d+)\s*(?:\^|\*\*)\s*(\d{1,2})$/.exec(plain);
  if (power) return Number(power[1] ?? 1) * Number(power[2]) ** Number(power[3]);
  // 10⁶, as a phone may write it.
  const raised = /^(\d+)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/.exec(plain);
  if (raised)
    return Number(raised[1]) ** Number([...(raised[2] as string)].map((sign) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(sign)).join(''));
  const [, count, unit] = /^(\d+(?:\.\d+)?|an?|one)?\s*(k|m|mio\.?|thousand|millions?)$/i.exec(plain) ?? [];
  if (unit === undefined) return Number.NaN;
  const isWord = count === undefined || /[a-z]/i.test(count);
  return (isWord ? 1 : Number(count)) * (/^[kt]/i.test(unit) ? 1e3 : 1e6);
}
