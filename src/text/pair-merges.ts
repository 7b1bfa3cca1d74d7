/** Byte-pair encoding of one sequence: which neighbours are merged, and in which order (Sennrich et al., 2016). */

/** The pairs of symbols that can be merged. */
export class PairMerges {
  private readonly indexOf = new Map<number, number>();
  private readonly ranks: number[] = [];
  private readonly results: number[] = [];

  /** `symbols`: how many symbols there are; each is a number from 0 to symbols − 1. */
  constructor(private readonly symbols: number) {}

  /** Lets the neighbours `left` and `right` become `result`. A lower rank is merged earlier. The first entry of a pair counts. */
  add(left: number, right: number, result: number, rank: number): void {
    const key = left * this.symbols + right;
    if (this.indexOf.has(key)) return;
    this.indexOf.set(key, this.ranks.length);
    this.ranks.push(rank);
    this.results.push(result);
  }

  /** The index of a pair, or −1. */
  private find(left: number, right: number): number {
    return left < 0 || right < 0 ? -1 : (this.indexOf.get(left * this.symbols + right) ?? -1);
  }

  /**
   * Merges the pair of lowest rank, of equal ones the leftmost, until none is left: O(n log n). A negative symbol is never merged.
   * Returns the symbols that are left; `starts`, if given, receives the index of the first of the symbols that each was made of.
   */
  apply(sequence: Int32Array, starts?: number[]): Int32Array {
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
    for (let i = 0; i < n; i = next[i]) {
      left.push(symbol[i]);
      starts?.push(i);
    }
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
