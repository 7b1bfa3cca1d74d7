/** Words that are kept with their ids, and the longest of them in UTF-16 units. */
const mostKept = 65_536;
const longestKept = 64;

/** Encodes a word once and keeps its ids, so that a text costs little more than its different words. */
export function cacheWords(encode: (word: string) => Int32Array): (word: string) => Int32Array {
  const words = new Map<string, Int32Array>();
  return (word) => {
    const kept = words.get(word);
    if (kept) return kept;
    const ids = encode(word);
    if (word.length <= longestKept && words.size < mostKept) words.set(word, ids);
    return ids;
  };
}

/** Ids that are appended, word by word. */
export class IdList {
  private ids = new Int32Array(256);
  private length = 0;

  append(ids: ArrayLike<number>): void {
    if (this.length + ids.length > this.ids.length) {
      const longer = new Int32Array(2 * (this.length + ids.length));
      longer.set(this.ids.subarray(0, this.length));
      this.ids = longer;
    }
    this.ids.set(ids, this.length);
    this.length += ids.length;
  }

  toArray(): Int32Array {
    return this.ids.slice(0, this.length);
  }
}
