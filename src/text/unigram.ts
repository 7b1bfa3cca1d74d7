/** Unigram segmentation (Kudo, 2018): the division of a text into pieces whose scores have the greatest sum. */

import { PieceTrie } from './piece-trie';

/** A piece with its log-probability. */
export interface ScoredPiece {
  piece: string;
  id: number;
  score: number;
}

/** The id of a character that is in no piece of the best division. */
export const unknown = -1;

export class Unigram {
  private readonly trie = new PieceTrie();
  private readonly scores = new Map<number, number>();

  /**
   * `round` rounds the sums of scores: Math.fround for those of float32. `unknownScore` is the score of a character without a piece.
   */
  constructor(
    pieces: Iterable<ScoredPiece>,
    private readonly unknownScore: number,
    private readonly round: (sum: number) => number = (sum) => sum,
  ) {
    for (const { piece, id, score } of pieces) {
      this.trie.add(piece, id);
      this.scores.set(id, score);
    }
  }

  /**
   * Viterbi's algorithm, from the left: of equal sums, the first that is found stays. Each id comes with the end of its piece in UTF-16
   * units. Neighbouring unknown characters are entries of their own.
   */
  apply(text: string): { id: number; end: number }[] {
    const n = text.length;
    const best = new Float64Array(n + 1);
    const start = new Int32Array(n + 1).fill(-1);
    const ids = new Int32Array(n + 1);
    const offer = (from: number, end: number, id: number, sum: number): void => {
      if (start[end] >= 0 && sum <= best[end]) return;
      start[end] = from;
      ids[end] = id;
      best[end] = this.round(sum);
    };
    for (let at = 0; at < n; ) {
      const next = at + ((text.codePointAt(at) as number) > 0xffff ? 2 : 1);
      const sum = best[at];
      let isKnown = false;
      this.trie.visit(text, at, (id, end) => {
        offer(at, end, id, sum + (this.scores.get(id) as number));
        if (end === next) isKnown = true;
      });
      if (!isKnown) offer(at, next, unknown, this.round(sum + this.unknownScore));
      at = next;
    }
    const pieces: { id: number; end: number }[] = [];
    for (let end = n; end > 0; end = start[end]) pieces.push({ id: ids[end], end });
    return pieces.reverse();
  }
}
