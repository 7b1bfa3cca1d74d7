import type { Numbers } from './hash';
import type { Slot } from './lsh';
import { causeOf, type LossCause, type TokenPlacement } from './missed-pairs';
import { logSumExp } from './score';
import type { Settings } from './settings';

/** One round as seen from one token. */
export interface RoundReadout {
  bucket: number;
  /** Position in the sorted order. */
  rank: number;
  chunk: number;
  lse: number;
  /** Share of the token's output that this round gives: exp(lse − lse of all rounds). */
  weight: number;
}

/** One key as seen from one query. */
export interface KeyReadout {
  key: number;
  /** Weight in the combined output, summed over all slots. */
  weight: number;
  /** Weight in full attention. */
  full: number;
  /** Rounds whose slots held it (with `wrap`, in the query's round). */
  rounds: number[];
}

/** A key that full attention weighs and no round saw: why, and where it went. */
export interface MissedKey extends KeyReadout {
  cause: LossCause;
  placement: TokenPlacement;
}

/** Everything the page says of one token. */
export interface TokenReadout {
  token: number;
  rounds: RoundReadout[];
  /** Keys seen, the heaviest first. */
  seen: KeyReadout[];
  /** Keys that full attention weighs and no round saw, the heaviest first. */
  missed: MissedKey[];
  /** Σ full weight over seen keys. */
  captured: number;
  /** Log-sum-exp of full attention's scores. */
  fullLse: number;
  /** Weight of any key in full attention. */
  fullOf: (key: number) => number;
}

/** Missed keys that are listed: the heaviest. */
export const mostMissed = 1024;

/** The raw numbers of one token, from whichever engine computed them. */
export interface TokenNumbers extends TokenPlacement {
  token: number;
  /** Scores after the duplicate correction. */
  slots: Slot[];
  /** Full attention's scores, [n]. */
  fullScores: Numbers;
}

/** `placementOf` tells where the missed keys went; it is asked once, for all that are listed. */
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
    const rank = ranks[round];
    return {
      bucket: buckets[round],
      rank,
      chunk: Math.floor(rank / settings.chunk),
      lse,
      weight: Math.exp(lse - total),
    };
  });
  const keys = new Map<number, KeyReadout>();
  const entry = (key: number): KeyReadout => {
    let found = keys.get(key);
    if (!found) {
      found = { key, weight: 0, full: Math.exp(fullScores[key] - fullTotal), rounds: [] };
      keys.set(key, found);
    }
    return found;
  };
  for (const slot of slots) {
    const found = entry(slot.key);
    found.weight += Math.exp(slot.score - total);
    if (found.rounds.at(-1) !== slot.round) found.rounds.push(slot.round);
  }
  const seen = [...keys.values()].filter((key) => visible(key.key, token, settings));
  let captured = 0;
  for (const key of seen) captured += key.full;
  const fullOf = (key: number): number => Math.exp(fullScores[key] - fullTotal);
  const unseen: number[] = [];
  for (let key = 0; key < fullScores.length; key++) {
    if (!keys.has(key) && visible(key, token, settings) && fullOf(key) > 0) unseen.push(key);
  }
  // Of very many keys only those as heavy as the last that is listed are sorted by name.
  const sorted = Float64Array.from(unseen, (key) => fullScores[key]).sort();
  const least = sorted[Math.max(0, sorted.length - mostMissed)];
  const heaviest = unseen.filter((key) => fullScores[key] >= least);
  heaviest.sort((a, b) => fullScores[b] - fullScores[a] || a - b);
  const missed = heaviest.slice(0, mostMissed);
  const placement = await placementOf(missed);
  return {
    token,
    rounds,
    seen: seen.sort((a, b) => b.weight - a.weight || a.key - b.key),
    missed: missed.map((key, k) => ({
      ...entry(key),
      cause: causeOf(numbers, placement[k], settings),
      placement: placement[k],
    })),
    captured,
    fullLse: fullTotal,
    fullOf,
  };
}

const visible = (key: number, token: number, settings: Settings): boolean => !settings.causal || key <= token;
