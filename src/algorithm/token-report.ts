/** Everything that the page reports about one token: its rounds, the keys it saw, and the keys it missed. */

import type { Numbers } from './hash';
import type { Slot } from './lsh';
import { causeOf, type LossCause, type TokenPlacement } from './missed-pairs';
import { entryOf } from './rows';
import { logSumExp } from './score';
import type { Settings } from './settings';

/** One round as seen from one token. */
export interface RoundReadout {
  bucket: number;
  /** Position in the sorted order. */
  rank: number;
  chunk: number;
  lse: number;
  /** The round's share of the token's output: exp(lse − lse of all rounds). */
  weight: number;
}

/** One key as seen from one query. */
export interface KeyReadout {
  key: number;
  /** Weight in the combined output, summed over all slots. */
  weight: number;
  /** Weight in full attention. */
  full: number;
  /** Rounds in which the query's slots held this key. With `wrap`, the round of the query counts. */
  rounds: number[];
}

/** A key that has weight in full attention and that no round saw, with the cause and the key's placement. */
export interface MissedKey extends KeyReadout {
  cause: LossCause;
  placement: TokenPlacement;
}

export interface TokenReadout {
  token: number;
  rounds: RoundReadout[];
  /** Keys that some round saw, the heaviest first. */
  seen: KeyReadout[];
  /** Keys that have weight in full attention and that no round saw, the heaviest first, at most `mostMissed`. */
  missed: MissedKey[];
  /** Σ full weight over seen keys. */
  captured: number;
  /** Log-sum-exp of full attention's scores. */
  fullLse: number;
  /** Weight of any key in full attention. */
  fullOf: (key: number) => number;
}

/** Most missed keys in a report. */
export const mostMissed = 1024;

/** An engine's raw numbers of one token. */
export interface TokenNumbers extends TokenPlacement {
  token: number;
  /** Scores after the duplicate correction. */
  slots: Slot[];
  /** Full attention's scores, [n]. */
  fullScores: Numbers;
}

/** Reports one token. Calls `placementOf` once, for all missed keys in the report. */
export async function readToken(
  numbers: TokenNumbers,
  settings: Settings,
  placementOf: (tokens: number[]) => Promise<TokenPlacement[]>,
): Promise<TokenReadout> {
  const { token, buckets, ranks, slots, fullScores } = numbers;
  const total = logSumExp(slots.map((slot) => slot.score));
  const fullTotal = logSumExp(fullScores);
  const rounds = Array.from({ length: settings.rounds }, (_, round): RoundReadout => {
    const lse = logSumExp(slots.filter((slot) => slot.round === round).map((slot) => slot.score));
    const rank = entryOf(ranks, round);
    return {
      bucket: entryOf(buckets, round),
      rank,
      chunk: Math.floor(rank / settings.chunk),
      lse,
      weight: Math.exp(lse - total),
    };
  });
  const fullScore = (key: number): number => entryOf(fullScores, key);
  const fullOf = (key: number): number => Math.exp(fullScore(key) - fullTotal);
  const keys = new Map<number, KeyReadout>();
  const entry = (key: number): KeyReadout => {
    let readout = keys.get(key);
    if (!readout) {
      readout = { key, weight: 0, full: fullOf(key), rounds: [] };
      keys.set(key, readout);
    }
    return readout;
  };
  for (const slot of slots) {
    const readout = entry(slot.key);
    readout.weight += Math.exp(slot.score - total);
    if (readout.rounds.at(-1) !== slot.round) readout.rounds.push(slot.round);
  }
  const seen = [...keys.values()].filter((key) => visible(key.key, token, settings));
  let captured = 0;
  for (const key of seen) captured += key.full;
  const unseen: number[] = [];
  for (let key = 0; key < fullScores.length; key++) {
    if (!keys.has(key) && visible(key, token, settings) && fullOf(key) > 0) unseen.push(key);
  }
  // Sorting numbers is fast even for very many keys; it gives the score below which no key is in the report.
  const sorted = Float64Array.from(unseen, fullScore).sort();
  const least = sorted.at(-mostMissed) ?? Number.NEGATIVE_INFINITY;
  const heaviest = unseen.filter((key) => fullScore(key) >= least);
  heaviest.sort((a, b) => fullScore(b) - fullScore(a) || a - b);
  const missed = heaviest.slice(0, mostMissed);
  const placements = await placementOf(missed);
  return {
    token,
    rounds,
    seen: seen.sort((a, b) => b.weight - a.weight || a.key - b.key),
    missed: missed.map((key, k) => {
      const placement = entryOf(placements, k);
      return { ...entry(key), cause: causeOf(numbers, placement, settings), placement };
    }),
    captured,
    fullLse: fullTotal,
    fullOf,
  };
}

const visible = (key: number, token: number, settings: Settings): boolean => !settings.causal || key <= token;
