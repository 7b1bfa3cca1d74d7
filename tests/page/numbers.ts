import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import type { Vectors } from '../../src/algorithm/inputs';
import { expectedFor, shownNumbers } from './reformer';

/** Compares every number that the page shows with the CPU engine's for the same state. */
export async function expectCoreNumbers(page: Page, query: string, vectors?: Vectors): Promise<void> {
  const expected = expectedFor(query, vectors);
  const { rounds, seen, missed, captured, curve, sizes } = expected;
  const expectClose = (shown: Map<string, number>, entries: [string, number][], digits: number) => {
    expect([...shown.keys()]).toEqual(entries.map(([index]) => index));
    for (const [index, value] of entries) expect(shown.get(index)).toBeCloseTo(value, digits);
  };
  const byRound = (of: (round: (typeof rounds)[number]) => number) =>
    rounds.map((round, r): [string, number] => [String(r), of(round)]);
  expectClose(
    await shownNumbers(page, 'bucket'),
    byRound((round) => round.bucket),
    10,
  );
  expectClose(
    await shownNumbers(page, 'chunk'),
    byRound((round) => round.chunk),
    10,
  );
  expectClose(
    await shownNumbers(page, 'round-weight'),
    byRound((round) => round.weight),
    4,
  );
  const weights = await shownNumbers(page, 'key-weight');
  const fulls = await shownNumbers(page, 'key-full');
  const heaviest = Math.max(...[...seen.values()].map(({ weight }) => weight));
  expect(weights.size).toBe(Math.min(5, seen.size));
  expect([...weights.values()][0]).toBeCloseTo(heaviest, 4);
  for (const [key, weight] of weights) {
    expect(weight).toBeCloseTo(seen.get(Number(key))?.weight ?? Number.NaN, 4);
    expect(fulls.get(key)).toBeCloseTo(seen.get(Number(key))?.full ?? Number.NaN, 4);
  }
  const missedFulls = await shownNumbers(page, 'missed-full');
  expect(missedFulls.size).toBe(Math.min(5, [...missed.values()].filter((full) => full >= 0.005).length));
  for (const [key, full] of missedFulls) expect(full).toBeCloseTo(missed.get(Number(key)) ?? Number.NaN, 4);
  expectClose(await shownNumbers(page, 'keys-seen'), [['0', seen.size]], 10);
  expectClose(await shownNumbers(page, 'token-captured'), [['0', captured]], 4);
  const byRounds = (of: (point: (typeof curve)[number]) => number) =>
    curve.map((point): [string, number] => [String(point.rounds), of(point)]);
  expectClose(
    await shownNumbers(page, 'curve-error'),
    byRounds((point) => point.error),
    3,
  );
  expectClose(
    await shownNumbers(page, 'curve-captured'),
    byRounds((point) => point.captured),
    4,
  );
  const bars = Array.from(sizes, (size, b): [string, number] => [String(b), size]);
  expectClose(await shownNumbers(page, 'bucket-size'), bars, 10);
}
