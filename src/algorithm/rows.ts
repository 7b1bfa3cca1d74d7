/** Rows of numbers inside flat arrays, and checked access to entries. */

/** An entry of a list. @throws RangeError if the list has none at that index */
export function entryOf<T>(list: ArrayLike<T>, index: number): T {
  const entry = list[index];
  if (entry === undefined) throw outside(index, list.length);
  return entry;
}

/**
 * Σ a[i + k]·b[j + k] over k < length.
 * @throws RangeError if a row ends outside its list
 */
export function dotOfRows(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, length: number): number {
  checkRow(a, i, length);
  checkRow(b, j, length);
  let sum = 0;
  for (let k = 0; k < length; k++) sum += (a[i + k] as number) * (b[j + k] as number);
  return sum;
}

/**
 * Adds scale·from[j + k] to into[i + k] for all k < length.
 * @throws RangeError if a row ends outside its list
 */
export function addRow(
  into: Float64Array,
  i: number,
  scale: number,
  from: ArrayLike<number>,
  j: number,
  length: number,
): void {
  checkRow(into, i, length);
  checkRow(from, j, length);
  for (let k = 0; k < length; k++) into[i + k] = (into[i + k] as number) + scale * (from[j + k] as number);
}

/** Checks a whole row at once, because a check of each number would double the time of an inner loop. */
function checkRow(list: ArrayLike<number>, first: number, length: number): void {
  if (!(first >= 0 && first + length <= list.length)) throw outside(first + length - 1, list.length);
}

const outside = (index: number, length: number) => new RangeError(`There is no entry ${index} in a list of ${length}.`);
