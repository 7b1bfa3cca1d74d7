import { describe, expect, test } from 'vitest';
import { relativeError, roundsCurve } from '../../src/algorithm/fidelity';
import { fullAttention, fullGradients } from '../../src/algorithm/full';
import { rotations } from '../../src/algorithm/hash';
import { type AttentionInput, lshAttention, lshGradients } from '../../src/algorithm/lsh';
import { placementOfToken } from '../../src/algorithm/missed-pairs';
import { keyLengths, logSumExp, score } from '../../src/algorithm/score';
import {
  bucketCount,
  checkSettings,
  defaultFactors,
  factorize,
  presets,
  type Settings,
} from '../../src/algorithm/settings';
import { readToken } from '../../src/algorithm/token-report';
import { forEachSlot } from '../../src/algorithm/window';
import { random } from '../../src/shared/random';
import { randomCase } from '../support/random-case';

const paper: Settings = {
  ...presets.paper,
  rounds: 4,
  factors: [8],
  chunk: 8,
  lookBack: 1,
  lookAhead: 0,
  causal: true,
};

/** Random vectors and directions of two heads. */
function randomVectors(settings: Settings, n = 50, d = 6, seed = 1): AttentionInput {
  const draw = random(seed);
  const shape = { heads: 2, n, d };
  const numbers = () => Float64Array.from({ length: 2 * n * d }, () => draw.normal());
  return { shape, qk: numbers(), v: numbers(), rotations: rotations(shape, settings, seed) };
}

/** One softmax over all pairs that any round saw, with no notion of rounds or duplicates. */
function unionAttention(vectors: AttentionInput, settings: Settings): Float64Array {
  const { heads, n, d } = vectors.shape;
  const { placements } = lshAttention(vectors, settings);
  const out = new Float64Array(heads * n * d);
  for (let head = 0; head < heads; head++) {
    const lengths = keyLengths(vectors.qk, vectors.shape, settings, head);
    for (let i = 0; i < n; i++) {
      const seen = new Set<number>();
      for (let round = 0; round < settings.rounds; round++) {
        forEachSlot(placements[head], settings, round, i, (key) => seen.add(key));
      }
      const keys = [...seen];
      const scores = keys.map((key) => score(vectors.qk, lengths, vectors.shape, settings, head, i, key));
      const total = logSumExp(scores);
      for (const [s, key] of keys.entries()) {
        for (let k = 0; k < d; k++) {
          out[(head * n + i) * d + k] += Math.exp(scores[s] - total) * vectors.v[(head * n + key) * d + k];
        }
      }
    }
  }
  return out;
}

describe('combining rounds', () => {
  test.each([
    ['paper', paper],
    ['paper, both directions', { ...paper, causal: false, lookAhead: 1 }],
    ['duplicates divided around a ring', { ...paper, bucketMask: false, wrap: true }],
    ['duplicates divided in one ring chunk', { ...paper, bucketMask: false, wrap: true, chunk: 64, lookBack: 2 }],
  ])('%s: rounds combine to one softmax over the pairs that any round saw', (_, settings) => {
    const vectors = randomVectors(settings);
    expect(relativeError(lshAttention(vectors, settings).out, unionAttention(vectors, settings))).toBeLessThan(1e-11);
  });

  test('counted duplicates do not combine to that softmax, so the test above can fail', () => {
    const settings: Settings = { ...paper, duplicates: 'counted' };
    const vectors = randomVectors(settings);
    expect(relativeError(lshAttention(vectors, settings).out, unionAttention(vectors, settings))).toBeGreaterThan(1e-3);
  });
});

describe('gradients agree with finite differences', () => {
  const variants: [string, Settings][] = [
    ['paper', paper],
    ['trax', { ...paper, ...presets.trax }],
    ['lucidrains', { ...paper, ...presets.lucidrains }],
    ['paper without look-back, both directions', { ...paper, lookBack: 0, causal: false }],
    ['two factors, look-ahead', { ...paper, factors: [4, 2], lookAhead: 1, causal: false }],
  ];
  /** Compares with central differences of Σ out·weights at some entries. The buckets are fixed, because the hash has no gradient. */
  function check(settings: Settings, kind: 'lsh' | 'full') {
    const vectors = randomVectors(settings, 21, 4);
    const buckets = lshAttention(vectors, settings).buckets;
    const weights = Float64Array.from(vectors.qk, (_, i) => Math.sin(i + 1));
    const forward = (changed: AttentionInput) =>
      kind === 'lsh' ? lshAttention({ ...changed, buckets }, settings).out : fullAttention(changed, settings).out;
    const gradients =
      kind === 'lsh' ? lshGradients(vectors, settings, weights) : fullGradients(vectors, settings, weights);
    for (const name of ['qk', 'v'] as const) {
      for (let at = 0; at < vectors.qk.length; at += 7) {
        const sumAt = (step: number) => {
          const numbers = Float64Array.from(vectors[name]);
          numbers[at] += step;
          return forward({ ...vectors, [name]: numbers }).reduce((sum, value, i) => sum + value * weights[i], 0);
        };
        const measured = (sumAt(1e-5) - sumAt(-1e-5)) / 2e-5;
        expect(gradients[name][at]).toBeCloseTo(measured, 7);
      }
    }
  }
  test.each(variants)('LSH attention, %s', (_, settings) => check(settings, 'lsh'));
  test.each(variants.slice(0, 3))('full attention, %s', (_, settings) => check(settings, 'full'));
});

describe('masks', () => {
  /** Output of an input whose buckets stay, with other keys and values of some tokens of one head. */
  function outWith(others: Iterable<number>, head: number, vectors: AttentionInput, settings: Settings): Float64Array {
    const { n, d } = vectors.shape;
    const [qk, v] = [Float64Array.from(vectors.qk), Float64Array.from(vectors.v)];
    for (const token of others) {
      const start = (head * n + token) * d;
      for (let at = start; at < start + d; at++) [qk[at], v[at]] = [-2 * qk[at], v[at] + 9];
    }
    return lshAttention({ ...vectors, qk, v }, settings).out;
  }

  /** The vectors with the buckets of their hashes, so that a change of a key moves no token. */
  function withBuckets(settings: Settings): AttentionInput {
    const vectors = randomVectors(settings);
    return { ...vectors, buckets: lshAttention(vectors, settings).buckets };
  }

  test.each(Object.entries(presets))(
    'preset %s: other keys and values of all later tokens change no output, except without the causal mask',
    (_, preset) => {
      const settings = { ...paper, ...preset };
      const vectors = withBuckets(settings);
      const { n, d } = vectors.shape;
      for (const first of [1, 20, 49]) {
        const later = Array.from({ length: n - first }, (_, k) => first + k);
        const earlierRows = (changed: Settings, others: number[]) =>
          outWith(others, 0, vectors, changed).subarray(0, first * d);
        expect(earlierRows(settings, later)).toEqual(earlierRows(settings, []));
        const open = { ...settings, causal: false };
        expect(relativeError(earlierRows(open, later), earlierRows(open, []))).toBeGreaterThan(0.01);
      }
    },
  );

  test.each([true, false])(
    'with the bucket mask, no key of another bucket in the window changes an output; without it every one does (causal %s)',
    (causal) => {
      // Buckets of about 3 tokens in windows of 16: every window holds several of them.
      const settings: Settings = { ...paper, rounds: 2, factors: [16], causal };
      const open: Settings = { ...settings, bucketMask: false };
      const vectors = withBuckets(settings);
      const { heads, n, d } = vectors.shape;
      const { placements } = lshAttention(vectors, settings);
      const before = { masked: outWith([], 0, vectors, settings), open: outWith([], 0, vectors, open) };
      let checked = 0;
      for (let head = 0; head < heads; head++) {
        const { buckets, rank } = placements[head];
        for (let i = 0; i < n; i++) {
          const rounds = Array.from({ length: settings.rounds }, (_, r) => r * n);
          const chunk = (at: number) => Math.floor(rank[at] / settings.chunk);
          const strangers = Array.from({ length: causal ? i : n }, (_, j) => j).filter(
            (j) =>
              j !== i &&
              rounds.some((at) => [0, 1].includes(chunk(at + i) - chunk(at + j))) &&
              rounds.every((at) => buckets[at + i] !== buckets[at + j]),
          );
          if (strangers.length === 0) continue;
          const row = (out: Float64Array) => out.subarray((head * n + i) * d, (head * n + i + 1) * d);
          expect(row(outWith(strangers, head, vectors, settings))).toEqual(row(before.masked));
          expect(relativeError(row(outWith(strangers, head, vectors, open)), row(before.open))).toBeGreaterThan(1e-3);
          checked++;
        }
      }
      // Almost all tokens: the first ones have no earlier key of another bucket.
      expect(checked).toBeGreaterThan(0.8 * heads * n);
    },
  );

  test('the first token sees only itself, so its output is its own value', () => {
    for (const preset of Object.values(presets)) {
      const settings = { ...paper, ...preset };
      const vectors = randomVectors(settings);
      const { out } = lshAttention(vectors, settings);
      for (let k = 0; k < vectors.shape.d; k++) expect(out[k]).toBeCloseTo(vectors.v[k], 10);
    }
  });

  test('every causal mask far below the self mask gives the same output', () => {
    const vectors = randomVectors(paper);
    const finite = { ...paper, causalMask: -1e9 };
    expect(lshAttention(vectors, finite).out).toEqual(lshAttention(vectors, paper).out);
  });

  test('a token sees every earlier token of its bucket when the bucket has at most m + 1 tokens', () => {
    const settings = { ...paper, rounds: 1, factors: [48] };
    const vectors = randomVectors(settings, 200, 6);
    const { placements } = lshAttention(vectors, settings);
    const { buckets } = placements[0];
    let checked = 0;
    for (let i = 0; i < 200; i++) {
      const mates = Array.from(buckets.keys()).filter((j) => buckets[j] === buckets[i]);
      if (mates.length > settings.chunk + 1) continue;
      const seen = new Set<number>();
      forEachSlot(placements[0], settings, 0, i, (key) => seen.add(key));
      for (const j of mates.filter((mate) => mate <= i)) expect(seen.has(j)).toBe(true);
      checked++;
    }
    expect(checked).toBeGreaterThan(10);
  });
});

describe('compared with full attention', () => {
  test('LSH attention with one chunk of all tokens and no bucket mask equals full attention', () => {
    const settings: Settings = { ...paper, rounds: 1, chunk: 64, lookBack: 0, bucketMask: false };
    const vectors = randomVectors(settings);
    const full = fullAttention(vectors, settings).out;
    expect(relativeError(lshAttention(vectors, settings).out, full)).toBeLessThan(1e-12);
    expect(roundsCurve(vectors, settings)[0].captured).toBeCloseTo(1, 12);
  });

  test('more rounds capture more of the weight', () => {
    const captured = roundsCurve(randomVectors(paper), paper).map((point) => point.captured);
    for (let r = 1; r < captured.length; r++) expect(captured[r]).toBeGreaterThan(captured[r - 1]);
  });

  test('in a token’s report, the weights of keys and of rounds sum to 1', async () => {
    const { settings, input: vectors } = randomCase(3, 64);
    const causal = { ...settings, causal: true };
    const { placements } = lshAttention(vectors, causal);
    const { n } = vectors.shape;
    const lengths = keyLengths(vectors.qk, vectors.shape, causal, 0);
    const token = 40;
    const slots: { round: number; key: number; score: number }[] = [];
    for (let round = 0; round < causal.rounds; round++) {
      forEachSlot(placements[0], causal, round, token, (key) => {
        slots.push({ round, key, score: score(vectors.qk, lengths, vectors.shape, causal, 0, token, key) });
      });
    }
    const ofRounds = (values: Int32Array) =>
      Array.from({ length: causal.rounds }, (_, round) => values[round * n + token]);
    const fullScores = Float64Array.from({ length: n }, (_, key) =>
      score(vectors.qk, lengths, vectors.shape, causal, 0, token, key),
    );
    const readout = await readToken(
      { token, buckets: ofRounds(placements[0].buckets), ranks: ofRounds(placements[0].rank), slots, fullScores },
      causal,
      async (keys) => keys.map((key) => placementOfToken(placements[0], key)),
    );
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    expect(sum(readout.seen.map(({ weight }) => weight))).toBeCloseTo(1, 12);
    expect(sum(readout.rounds.map(({ weight }) => weight))).toBeCloseTo(1, 12);
    expect(readout.captured + sum(readout.missed.map(({ full }) => full))).toBeCloseTo(1, 12);
    expect(readout.seen.every(({ key }) => key <= token)).toBe(true);
  });
});

describe('settings', () => {
  test('default buckets are 2n/m (lucidrains: n/m) rounded up to even, and factorized above 128', () => {
    expect(defaultFactors(1024, 64, 'paper')).toEqual([32]);
    expect(defaultFactors(1024, 64, 'lucidrains')).toEqual([16]);
    expect(defaultFactors(65, 64, 'paper')).toEqual([4]);
    expect(defaultFactors(2, 64, 'lucidrains')).toEqual([2]);
    expect(factorize(128)).toEqual([128]);
    expect(factorize(2048)).toEqual([46, 46]);
    expect(factorize(16384)).toEqual([128, 128]);
    expect(factorize(32768)).toEqual([32, 32, 32]);
    for (let buckets = 130; buckets < 5000; buckets += 17) {
      const factors = factorize(buckets);
      expect(bucketCount({ factors })).toBeGreaterThanOrEqual(buckets);
      expect(factors.every((factor) => factor % 2 === 0)).toBe(true);
    }
  });

  test.each([
    [{ rounds: 0 }, 'rounds is 0'],
    [{ rounds: 2.5 }, 'rounds is 2.5'],
    [{ chunk: 1 }, 'chunk is 1'],
    [{ chunk: 257 }, 'chunk is 257'],
    [{ factors: [7] }, 'buckets is 7'],
    [{ factors: [] }, 'buckets has 0 factors'],
    [{ factors: [2048, 1024] }, 'buckets is 2048·1024'],
    [{ lookBack: 3 }, 'look-back is 3'],
    [{ selfMask: Number.NEGATIVE_INFINITY }, 'self mask is -Infinity'],
    [{ selfMask: -5 }, 'self mask is -5'],
  ])('checkSettings rejects %o and names the setting', (change, words) => {
    expect(() => checkSettings({ heads: 1, n: 8, d: 4 }, { ...paper, ...change })).toThrow(words);
  });
});
