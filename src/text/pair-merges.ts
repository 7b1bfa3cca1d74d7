/** Byte-pair encoding of one sequence: which neighbours are merged, and in which order (Sennrich et al., 2016). */

/** What two neighbours become, and when: a lower rank is merged earlier. */
export interface PairMerge {
  result: number;
  rank: number;
}

/** Symbols are numbers below this, so that two of them fit in one number. */
const mostSymbols = 2 ** 22;

/** The pairs of symbols that can be merged. */
export class PairMerges {
  /** Index of each pair that was added or looked up; −1 if it cannot be merged. */
  private readonly indexOf = new Map<number, number>();
  private readonly ranks: number[] = [];
  private readonly results: number[] = [];

  /** `lookUp` is asked, once for each pair, for what was not added. */
  constructor(private readonly lookUp?: (left: number, right: number) => PairMerge | undefined) {}

  /** Lets two neighbours be merged. Returns false, and changes nothing, if the pair is already there. */
  add(left: number, right: number, { result, rank }: PairMerge): boolean {
    const key = left * mostSymbols + right;
    if (this.indexOf.has(key)) return false;
    this.indexOf.set(key, this.ranks.length);
    this.ranks.push(rank);
    this.results.push(result);
    return true;
  }

  /** The index of a pair, or −1. */
  private find(left: number, right: number): number {
    if (left < 0 || right < 0) return -1;
    const key = left * mostSymbols + right;
    const known = this.indexOf.get(key);
    if (known !== undefined || !this.lookUp) return known ?? -1;
    const merge = this.lookUp(left, right);
    if (merge) this.add(left, right, merge);
    else this.indexOf.set(key, -1);
    return this.indexOf.get(key) as number;
  }

  /**
   * Merges the pair of lowest rank, of equal ones the leftmost, until none is left: O(n log n). A negative symbol is never merged.
   */
  apply(sequence: Int32Array): Int32Array {
    const n = sequence.length;
    const symbol = Int32Array.from(sequence);
    const next = Int32Array.from({ length: n }, (_, i) => i + 1);
    const previous = Int32Array.from({ length: n }, (_, i) => i - 1);
    // An entry is a place and the pair that it had when it was queued. It is stale once the place has another pair.
    const queue = new MergeQueue();
    const pairAt = (at: number): number => (at >= 0 && next[at] < n ? this.find(symbol[at], symbol[next[at]]) : -1);
    const enqueue = (at: number): void => {
      const pair = pairAt(at);
      if (pair >= 0) queue.push(this.ranks[pair], at, pair);
    };
    for (let i = 0; i < n; i++) enqueue(i);
    const isGone = new Uint8Array(n);
    for (let entry = queue.pop(); entry; entry = queue.pop()) {
      const { at, pair } = entry;
      if (isGone[at] || pairAt(at) !== pair) continue;
      const right = next[at];
      symbol[at] = this.results[pair];
      isGone[right] = 1;
      next[at] = next[right];
      if (next[at] < n) previous[next[at]] = at;
      enqueue(previous[at]);
      enqueue(at);
    }
    const left: number[] = [];
    for (let i = 0; i < n; i = next[i]) left.push(symbol[i]);
    return Int32Array.from(left);
  }
}

/** A place whose pair waits to be merged. */
interface Entry {
  rank: number;
  at: number;
  pair: number;
}

const isBefore = (a: Entry, b: Entry): boolean => a.rank < b.rank || (a.rank === b.rank && a.at < b.at);

/** A binary heap, lowest rank first, then leftmost. */
class MergeQueue {
  private readonly heap: Entry[] = [];

  push(rank: number, at: number, pair: number): void {
    const { heap } = this;
    const entry = { rank, at, pair };
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(entry, heap[parent])) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = entry;
  }

  pop(): Entry | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let i = 0;
    while (2 * i + 1 < heap.length) {
      let child = 2 * i + 1;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return first;
  }
}
