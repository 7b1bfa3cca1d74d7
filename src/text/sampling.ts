/** Draws the next token from logits: temperature, then top-k, then top-p (Holtzman et al. 2019). */
import { InputError } from '../shared/errors';
import { random } from '../shared/random';

export interface Sampling {
  /** Logits are divided by it. 0 takes the likeliest token. */
  temperature: number;
  /** Keeps the k likeliest tokens. 0 keeps all. */
  topK: number;
  /** Then keeps the fewest likeliest tokens that together have this probability. 1 keeps all. */
  topP: number;
  seed: number;
}

export const greedy: Sampling = { temperature: 0, topK: 0, topP: 1, seed: 0 };

/** A token and its probability. */
export interface Candidate {
  id: number;
  probability: number;
}

/** Stream of random numbers for drawing tokens; see `random`. */
const drawStream = 50;

/** @throws InputError naming the first value out of range. */
export function checkSampling({ temperature, topK, topP, seed }: Sampling): void {
  if (!(temperature >= 0 && temperature <= 100))
    throw new InputError(`temperature is ${temperature}; it must be from 0 to 100.`);
  if (!Number.isInteger(topK) || topK < 0 || topK > 2 ** 20)
    throw new InputError(`top-k is ${topK}; it must be a whole number from 0, which keeps all tokens.`);
  if (!(topP > 0 && topP <= 1)) throw new InputError(`top-p is ${topP}; it must be above 0 and at most 1.`);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new InputError(`seed is ${seed}; it must be a whole number from 0.`);
}

/**
 * The tokens that can be drawn, the likeliest first, with probabilities that sum to 1. Of equal logits the lower id comes first. With
 * temperature 0 it is one token.
 */
export function candidates(logits: ArrayLike<number>, { temperature, topK, topP }: Sampling): Candidate[] {
  const ids = Array.from({ length: logits.length }, (_, id) => id).sort((a, b) => logits[b] - logits[a] || a - b);
  if (temperature === 0) return [{ id: ids[0], probability: 1 }];
  const kept = topK > 0 ? ids.slice(0, topK) : ids;
  const top = logits[kept[0]];
  const weights = kept.map((id) => Math.exp((logits[id] - top) / temperature));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let count = 0;
  let mass = 0;
  while (count < kept.length && (count === 0 || mass < topP * all)) mass += weights[count++];
  return kept.slice(0, count).map((id, k) => ({ id, probability: weights[k] / mass }));
}

/**
 * The token at a position. The number drawn depends on the seed and the position alone, so that stopping and going on, or drawing one
 * place again, gives what an uninterrupted run gives.
 */
export function sample(logits: ArrayLike<number>, sampling: Sampling, position: number): number {
  const tokens = candidates(logits, sampling);
  const drawn = random(sampling.seed, drawStream, position).uniform();
  let mass = 0;
  for (const { id, probability } of tokens) {
    mass += probability;
    if (drawn < mass) return id;
  }
  return tokens[tokens.length - 1].id;
}
