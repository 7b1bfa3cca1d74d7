import { expect } from 'vitest';
import { rowsApart, withOtherFuture } from '../../src/algorithm/causality';
import { relativeError, roundsCurve } from '../../src/algorithm/fidelity';
import { fullAttention } from '../../src/algorithm/full';
import { bucketSizes, rotations } from '../../src/algorithm/hash';
import { twins } from '../../src/algorithm/inputs';
import { lshAttention } from '../../src/algorithm/lsh';
import { presets, windowLength } from '../../src/algorithm/settings';
import {
  crowdedShare,
  errorOfRows,
  firstChunkTokens,
  hashCost,
  largestBucket,
  ownWeights,
  spread,
} from '../../src/algorithm/statistics';
import type { State } from '../../src/state/schema';
import { applyChange, fromQuery, settingsOf, shapeOf } from '../../src/state/state';
import type { FigureKind } from '../../src/ui/figures';

/** The least and the largest value that the page may show. */
export type Range = [least: number, largest: number];

/** The largest number of rounds in the experiment on repeated pairs and in the sweep. */
const mostRounds = 16;

/** Inputs of the plain engine for a link and a change. `seed` replaces the seed of the directions only. */
export function inputsOf(query: string, change: Partial<State> = {}, seed?: number) {
  const state = applyChange(fromQuery(query).state, change);
  const shape = shapeOf(state);
  const settings = settingsOf(state);
  const vectors = twins(shape, state);
  const input = { ...vectors, rotations: rotations(shape, settings, seed ?? state.seed) };
  const sizesOf = (buckets: Int32Array) =>
    Array.from({ length: settings.rounds }, (_, r) =>
      bucketSizes(buckets.subarray(r * shape.n, (r + 1) * shape.n), settings),
    );
  return { state, shape, settings, vectors, input, sizesOf };
}

/** Error and captured weight with 1 … rounds rounds for a link and a change. */
export function curveOf(query: string, change: Partial<State> = {}, seed?: number) {
  const { input, settings } = inputsOf(query, change, seed);
  return roundsCurve(input, settings);
}

/** Curves of the sweep, by seed. */
export function sweepCurves(query: string): Map<number, ReturnType<typeof curveOf>> {
  const { seed } = fromQuery(query).state;
  const seeds = [0, 1, 2, 3, 4].map((k) => seed + k);
  return new Map(seeds.map((one) => [one, curveOf(query, { rounds: mostRounds }, one)]));
}

/** What the experiment on later tokens finds with the plain engine. A float32 sum may move a row by a little more or less than the tolerance. */
function futureOf(query: string, change: Partial<State>): { changed: Range; largest: number } {
  const { shape, settings, vectors, input, state, sizesOf } = inputsOf(query, { ...change, causal: true });
  const first = shape.n - Math.max(1, Math.floor(shape.n / 4));
  const other = { ...withOtherFuture(vectors, first, state.seed), rotations: input.rotations };
  const [before, after] = [input, other].map((one) => lshAttention(one, settings));
  const shareBeyond = (tolerance: number) => rowsApart(after.out, before.out, shape, first, tolerance) / first;
  const largest = Math.max(...[before, after].map(({ buckets }) => largestBucket(sizesOf(buckets))));
  return { changed: [shareBeyond(2e-5), shareBeyond(5e-6)], largest };
}

/** Expects the plain engine's share of earlier rows that move by more than 10⁻⁵ of their length, within the shares for half and for twice 10⁻⁵. */
export function expectMovedShare(share: number | undefined, query: string, change: Partial<State>): void {
  const [least, most] = futureOf(query, change).changed;
  expect(share).toBeGreaterThanOrEqual(least - 1e-9);
  expect(share).toBeLessThanOrEqual(most + 1e-9);
}

/**
 * The plain engine's numbers in the sweep and in the experiments, except for measured times, by `KIND INDEX`. The link gives eight chunks and
 * leaves the number of buckets at 16.
 */
export function expectedExperiments(query: string): Map<string, Range> {
  const numbers = new Map<string, Range>();
  const set = (kind: FigureKind, index: string, value: number, tolerance = 0) =>
    numbers.set(`${kind} ${index}`, [value - tolerance, value + tolerance]);

  const curves = [...sweepCurves(query).values()];
  for (let k = 0; k < mostRounds; k++) {
    set('sweep-error', String(k + 1), spread(curves.map((curve) => curve[k].error)).mean, 5e-4);
    set('sweep-captured', String(k + 1), spread(curves.map((curve) => curve[k].captured)).mean, 5e-5);
  }

  for (const duplicates of ['divided', 'counted'] as const) {
    for (const { rounds, error } of curveOf(query, { duplicates, rounds: mostRounds }))
      set('trial-error', `repeats ${duplicates} ${rounds}`, error, 5e-4);
  }
  const setCurve = (index: string, change: Partial<State>) => {
    const { error, captured } = curveOf(query, change).at(-1) as ReturnType<typeof curveOf>[number];
    set('trial-error', index, error, 5e-4);
    set('trial-captured', index, captured, 5e-5);
    return inputsOf(query, change);
  };
  for (const buckets of ['16', '4,4']) {
    const { shape, settings } = setCurve(`factors ${buckets}`, { buckets });
    set('trial-multiply-adds', `factors ${buckets}`, hashCost(shape, settings));
  }
  for (const count of [4, 8, 16, 32, 64]) {
    const { input, settings, sizesOf } = setCurve(`overflow ${count}`, { buckets: String(count) });
    const sizes = sizesOf(lshAttention(input, settings).buckets);
    set('trial-crowded', `overflow ${count}`, crowdedShare(sizes, 2 * settings.chunk), 1e-6);
    set('trial-largest', `overflow ${count}`, largestBucket(sizes));
  }
  const setSlots = (index: string, change: Partial<State>) => {
    const { settings } = setCurve(index, change);
    set('trial-slots', index, settings.rounds * windowLength(settings));
  };
  for (const lookBack of [0, 1, 2]) setSlots(`lookback look-back ${lookBack}`, { lookBack });
  for (const preset of Object.keys(presets) as (keyof typeof presets)[]) setSlots(`presets ${preset}`, { preset });

  for (const bucketMask of [true, false]) {
    for (const wrap of [true, false]) {
      const { input, settings, shape } = inputsOf(query, { bucketMask, wrap });
      const { out, order } = lshAttention(input, settings);
      const full = fullAttention(input, settings).out;
      const index = `wrap ${bucketMask ? 'masked' : 'open'} ${wrap ? 'wrapped' : 'unwrapped'}`;
      set('trial-error', index, relativeError(out, full), 5e-4);
      const rows = firstChunkTokens(order, shape, settings);
      set('trial-edge-error', index, errorOfRows(out, full, rows, shape.d), 5e-4);
    }
  }

  const { state, settings: base } = inputsOf(query);
  const setFuture = (key: string, change: Partial<State>) => {
    const found = [1, 4, 8].map((rounds) => ({ rounds, ...futureOf(query, { ...change, rounds }) }));
    for (const { rounds, changed } of found) {
      const [least, most] = changed;
      numbers.set(`trial-changed future ${key} ${rounds}`, [least - 1e-9, most + 1e-9]);
    }
    const largest = Math.max(...found.map((one) => one.largest));
    set('trial-largest', `future ${key}`, largest);
    return { largest, isChanged: found.some(({ changed }) => changed[0] > 0) };
  };
  const masked = setFuture('masked', { bucketMask: true });
  setFuture('open', { bucketMask: false });
  if (masked.isChanged) {
    const lookBack = Math.max(1, state.lookBack);
    const buckets = base.factors.join(',');
    setFuture('masked-long-chunks', { bucketMask: true, chunk: Math.max(4, masked.largest - 1), buckets, lookBack });
  }

  const { input, settings, shape, vectors } = inputsOf(query);
  const own = ownWeights(vectors.qk, fullAttention(input, settings).lse, shape, settings);
  for (const side of ['masked', 'open'] as const) {
    set('trial-own-score', `self ${side}`, own[side].score, 5e-5);
    set('trial-own-weight', `self ${side}`, own[side].weight, 5e-6);
  }
  return numbers;
}
