/** Which earlier word a word of a text was looked up from, by the attention of the layers that hash. */
import { fullScores } from '../algorithm/full';
import { hash } from '../algorithm/hash';
import { keyLengths, logSumExp } from '../algorithm/score';
import { forEachSlot, place } from '../algorithm/window';
import { type TextModelFile, textSettings } from './text-model';
import { directionsOf, type Reading } from './text-reading';

/** A piece that attends to an earlier one. Tokens count from 0, layers, heads and rounds from 1. */
export interface Lookup {
  /** The word that the model wrote after looking. */
  word: string;
  /** Its first token. */
  at: number;
  query: number;
  key: number;
  layer: number;
  head: number;
  /** Weight of the key in full attention. */
  weight: number;
  /** The rounds in which query and key met. */
  rounds: number[];
}

/** Least weight of an attention that counts as looking up. */
const leastWeight = 0.25;

/** A name, a time such as 18:45, or what stands after a word that counts. Other words a model may know by heart. */
const isLookedUp = (word: string, before: string): boolean =>
  /^\p{Nd}/u.test(word) ||
  (/^\p{Lu}/u.test(word) && !/(^|[.!?:]\s|\n)$/.test(before)) ||
  /\b(for|staying) $/.test(before);

/** A word, or a time such as 18:45. */
const wordPattern = /[\p{L}\p{M}'’]{2,}|\p{Nd}+(?::\p{Nd}+)?/gu;

interface Word {
  text: string;
  /** The characters before it. */
  before: string;
  /** Its tokens, [first, end). */
  first: number;
  end: number;
}

/** The words of a text that is given as the characters of its tokens. */
function wordsOf(pieces: readonly string[]): Word[] {
  const tokenAt: number[] = [];
  for (const [token, piece] of pieces.entries()) for (let k = 0; k < piece.length; k++) tokenAt.push(token);
  const all = pieces.join('');
  return [...all.matchAll(wordPattern)].map(({ 0: text, index }) => ({
    text,
    before: all.slice(Math.max(0, index - 12), index),
    first: tokenAt[index],
    end: tokenAt[index + text.length - 1] + 1,
  }));
}

/**
 * Looks for the names, times and numbers from token `first` on that an earlier word equals. A layer finds it by the piece before the word, or by a piece within it:
 * that piece attends to the same place of the earlier word. Of all such pairs the one with the greatest weight counts, if some layer and head
 * gives it at least a quarter of its full attention. `rounds` are those with which the model reads; 0 is full attention, in which all meet.
 */
export function findLookups(
  file: TextModelFile,
  reading: Reading,
  pieces: readonly string[],
  first: number,
  rounds: number,
): Lookup[] {
  const settings = textSettings(file.sizes, rounds).lsh;
  const n = pieces.length;
  const heads = [...reading.layers].flatMap(([layer, { shape, qk, v }]) =>
    Array.from({ length: shape.heads }, (_, head) => {
      const lengths = keyLengths(qk, shape, settings, head);
      const weights = new Map<number, (key: number) => number>();
      const weightsOf = (query: number) => {
        let of = weights.get(query);
        if (!of) {
          const scores = fullScores({ shape, qk, v }, settings, lengths, head, query);
          const total = logSumExp(scores);
          of = (key) => Math.exp(scores[key] - total);
          weights.set(query, of);
        }
        return of;
      };
      const directions = directionsOf(file, n, Math.max(1, rounds));
      const placement = () => place(hash(qk, directions, shape, settings, head), n, settings);
      return { layer: layer + 1, head: head + 1, weightsOf, placement };
    }),
  );
  const words = wordsOf(pieces);
  return words
    .filter((word) => word.first >= first && isLookedUp(word.text, word.before))
    .flatMap((word): Lookup[] => {
      const earlier = words.filter(({ text, end }) => text === word.text && end <= word.first && end <= first);
      let best: { query: number; key: number; of: (typeof heads)[number]; weight: number } | undefined;
      for (const other of earlier) {
        if (other.end - other.first !== word.end - word.first) continue;
        for (let k = -1; k < word.end - word.first - 1; k++) {
          const [query, key] = [word.first + k, other.first + k];
          if (key < 0 || query === key || pieces[query].trim() !== pieces[key].trim()) continue;
          for (const of of heads) {
            const weight = of.weightsOf(query)(key);
            if (weight >= leastWeight && weight > (best?.weight ?? 0)) best = { query, key, of, weight };
          }
        }
      }
      if (!best) return [];
      const { query, key, of, weight } = best;
      const met: number[] = [];
      if (rounds > 0) {
        const placement = of.placement();
        for (let round = 0; round < rounds; round++) {
          let meets = false;
          forEachSlot(placement, settings, round, query, (visited) => {
            meets ||= visited === key;
          });
          if (meets) met.push(round + 1);
        }
      }
      return [{ word: word.text, at: word.first, query, key, layer: of.layer, head: of.head, weight, rounds: met }];
    });
}
