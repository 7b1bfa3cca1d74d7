/**
 * The address of the page. A page in a frame that was made from a text or from a blob has no address of its own, and a browser may refuse to
 * change the address of a sandboxed frame.
 */

/** The query of what is shown, also where the browser does not let the page write it into its address. */
let shownQuery = location.search;

const hasAddress = (): boolean => /^(https?|file):$/.test(location.protocol);

/** Writes a query into the address, without a new entry in the history, if the page has an address. */
export function replaceQuery(query: string): void {
  shownQuery = query;
  if (!hasAddress() || location.search === query) return;
  try {
    history.replaceState(null, '', query || location.pathname);
  } catch (error) {
    // A sandboxed frame may not change its address.
    if (!(error instanceof DOMException)) throw error;
  }
}

/**
 * The link that opens a query, by default that of what is shown. Undefined if the page has no address, neither its own nor that of a <base>
 * element.
 */
export function linkTo(query = shownQuery): string | undefined {
  if (hasAddress()) return location.href.split(/[?#]/)[0] + query;
  const base = document.querySelector<HTMLBaseElement>('base[href]')?.href;
  return base && base.split(/[?#]/)[0] + query;
}
