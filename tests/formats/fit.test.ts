import { describe, expect, test } from 'vitest';
import { defaultFit, fitVectors } from '../../src/formats/fit';
import { principalDirections } from '../../src/formats/projection';
import type { VectorFile } from '../../src/formats/vector-file';
import { random } from '../../src/shared/random';

/** Vectors [heads, n, d] whose numbers have the standard deviations 1, 1/2, 1/3, … along d random axes. */
function seeded(heads: number, n: number, d: number): VectorFile {
  const { normal } = random(3, heads, n, d);
  const axes = Array.from({ length: d }, () => Array.from({ length: d }, normal));
  const qk = new Float32Array(heads * n * d);
  for (let token = 0; token < heads * n; token++) {
    for (const [i, axis] of axes.entries()) {
      const size = normal() / (i + 1);
      for (let k = 0; k < d; k++) qk[token * d + k] += size * axis[k] + 0.1;
    }
  }
  return { heads, n, d, qk };
}

const variance = (data: Float32Array, n: number, d: number): number => {
  let sum = 0;
  for (let k = 0; k < d; k++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += data[i * d + k] / n;
    for (let i = 0; i < n; i++) sum += (data[i * d + k] - mean) ** 2 / n;
  }
  return sum;
};

describe('a random projection', () => {
  const file = seeded(2, 40, 300);
  const fit = fitVectors(file, defaultFit);

  test('has 128 numbers, is the same for the same seed, and is named', () => {
    expect(fit).toMatchObject({ heads: 2, n: 40, d: 128, whole: { heads: 2, d: 300 } });
    expect(fit.note).toBe('300 numbers reduced to 128 by a random projection, seed 0');
    expect(fitVectors(file, defaultFit).qk).toEqual(fit.qk);
    expect(fitVectors(file, { ...defaultFit, seed: 1 }).qk).not.toEqual(fit.qk);
  });

  test('keeps squared distances to within four standard deviations', () => {
    const distance = (data: Float32Array, d: number, i: number, j: number) =>
      data.subarray(i * d, (i + 1) * d).reduce((sum, value, k) => sum + (value - data[j * d + k]) ** 2, 0);
    for (let i = 0; i < 39; i++) {
      const ratio = distance(fit.qk, 128, i, i + 1) / distance(file.qk, 300, i, i + 1);
      // The ratio has the variance 2/width.
      expect(Math.abs(ratio - 1)).toBeLessThan(4 * Math.sqrt(2 / 128));
    }
  });
});

describe('principal components', () => {
  test.each([
    ['few tokens of many numbers', 50, 300, 20],
    ['many tokens', 400, 150, 20],
    ['all components', 10, 140, 128],
  ])('of %s are orthonormal, uncorrelated and in order', (_, n, d, most) => {
    const { qk } = seeded(1, n, d);
    const { rows, width } = principalDirections(qk, n, d, most);
    expect(width).toBe(Math.min(most, n - 1));
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).reduce((sum, value, k) => sum + value * b[k], 0);
    for (const [i, a] of rows.entries()) {
      for (const [j, b] of rows.entries()) expect(dot(a, b)).toBeCloseTo(i === j ? 1 : 0, 9);
    }
    const {
      qk: out,
      d: kept,
      note,
    } = fitVectors({ heads: 1, n, d, qk }, { ...defaultFit, projection: 'principal', width: most });
    expect(note).toBe(`${d} numbers reduced to ${width} by the first ${width} principal components`);
    const column = (k: number) => Float32Array.from({ length: n }, (_, i) => out[i * kept + k]);
    const variances = Array.from({ length: kept }, (_, k) => variance(column(k), n, 1));
    expect(variances).toEqual(variances.toSorted((a, b) => b - a));
    for (let k = 1; k < kept; k++) {
      const product = dot(column(k), column(k - 1)) / n;
      expect(Math.abs(product)).toBeLessThan(1e-4 * Math.sqrt(variances[k] * variances[k - 1]) + 1e-7);
    }
    // With all components, nothing is lost.
    if (width === n - 1) expect(variance(out, n, kept)).toBeCloseTo(variance(qk, n, d), 3);
  });

  test('have the variance of the exact ones', () => {
    // Independent numbers of known variances: the first 20 components have the 20 largest, up to the chance of the sample.
    const n = 5000;
    const { normal } = random(9);
    const qk = Float32Array.from({ length: n * 140 }, (_, i) => normal() * (i % 140 < 20 ? 3 : 1));
    const { qk: out } = fitVectors({ heads: 1, n, d: 140, qk }, { ...defaultFit, projection: 'principal', width: 20 });
    const first = new Float32Array(n * 20);
    for (let i = 0; i < n; i++) for (let k = 0; k < 20; k++) first[i * 20 + k] = qk[i * 140 + k];
    expect(variance(out, n, 20) / variance(first, n, 20)).toBeGreaterThan(0.9999);
  });
});

describe('heads', () => {
  const file = seeded(12, 4, 3);
  const head = (k: number) => [...file.qk.subarray(k * 12, (k + 1) * 12)];

  test('are the first ones, or those that were chosen', () => {
    const first = fitVectors(file, { ...defaultFit, mostHeads: 8 });
    expect(first).toMatchObject({ heads: 8, note: 'heads 0 to 7 of 0 to 11', qk: file.qk.subarray(0, 96) });
    const chosen = fitVectors({ ...file, v: file.qk }, { ...defaultFit, mostHeads: 8, heads: [11, 3] });
    expect([...chosen.qk]).toEqual([...head(11), ...head(3)]);
    expect(chosen.v).toEqual(chosen.qk);
    expect(chosen.note).toBe('heads 11, 3 of 0 to 11');
  });

  test('that cannot be are refused', () => {
    expect(() => fitVectors(file, { ...defaultFit, heads: [12] })).toThrow(
      'There is no head 12; the file has the heads 0 to 11.',
    );
    expect(() => fitVectors(file, { ...defaultFit, heads: [1, 1] })).toThrow('each once');
    expect(() => fitVectors(file, { ...defaultFit, width: 200 })).toThrow('from 2 to 128');
  });
});
