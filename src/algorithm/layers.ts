/**
 * The layers around attention in float64, forward and backward: linear, layer norm, activations, and the loss. Rows are tokens; a weight is
 * [outputs, inputs]. A backward function returns the gradient of its input and adds the gradients of its parameters to `gradWeight` and
 * `gradBias`.
 */
import type { Numbers } from './hash';
import type { Activation } from './model-settings';
import { addRow, dotOfRows, entryOf } from './rows';

/** x [rows, inputs] · weightᵀ + bias → [rows, outputs]. */
export function linear(x: Float64Array, weight: Numbers, inputs: number, bias?: Numbers): Float64Array {
  const outputs = weight.length / inputs;
  const rows = x.length / inputs;
  const y = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    for (let o = 0; o < outputs; o++) {
      const product = dotOfRows(x, row * inputs, weight, o * inputs, inputs);
      y[row * outputs + o] = product + (bias ? entryOf(bias, o) : 0);
    }
  }
  return y;
}

export function linearBackward(
  x: Float64Array,
  weight: Numbers,
  inputs: number,
  gradY: Float64Array,
  gradWeight: Float64Array,
  gradBias?: Float64Array,
): Float64Array {
  const rows = x.length / inputs;
  const outputs = weight.length / inputs;
  const gradX = new Float64Array(x.length);
  for (let row = 0; row < rows; row++) {
    if (gradBias) addRow(gradBias, 0, 1, gradY, row * outputs, outputs);
    for (let o = 0; o < outputs; o++) {
      const g = entryOf(gradY, row * outputs + o);
      addRow(gradX, row * inputs, g, weight, o * inputs, inputs);
      addRow(gradWeight, o * inputs, g, x, row * inputs, inputs);
    }
  }
  return gradX;
}

/** (x − mean)/√(variance + ε)·weight + bias over each row of `weight.length` features (Ba, Kiros, Hinton 2016). */
export function layerNorm(x: Float64Array, weight: Numbers, bias: Numbers, epsilon: number): Float64Array {
  const width = weight.length;
  const { normal } = normalized(x, width, epsilon);
  return normal.map((value, at) => value * entryOf(weight, at % width) + entryOf(bias, at % width));
}

export function layerNormBackward(
  x: Float64Array,
  weight: Numbers,
  epsilon: number,
  gradY: Float64Array,
  gradWeight: Float64Array,
  gradBias: Float64Array,
): Float64Array {
  const width = weight.length;
  const { normal, inverse } = normalized(x, width, epsilon);
  const gradX = new Float64Array(x.length);
  const gradNormal = gradY.map((g, at) => g * entryOf(weight, at % width));
  const alongNormal = gradY.map((g, at) => g * entryOf(normal, at));
  for (const [row, scale] of inverse.entries()) {
    const first = row * width;
    addRow(gradWeight, 0, 1, alongNormal, first, width);
    addRow(gradBias, 0, 1, gradY, first, width);
    const g = gradNormal.subarray(first, first + width);
    const mean = g.reduce((sum, value) => sum + value, 0) / width;
    const along = dotOfRows(g, 0, normal, first, width) / width;
    gradX.set(
      g.map((value, k) => scale * (value - mean - entryOf(normal, first + k) * along)),
      first,
    );
  }
  return gradX;
}

function normalized(x: Float64Array, width: number, epsilon: number) {
  const rows = x.length / width;
  const normal = new Float64Array(x.length);
  const inverse = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const part = x.subarray(row * width, (row + 1) * width);
    const mean = part.reduce((sum, value) => sum + value, 0) / width;
    const variance = part.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    const scale = 1 / Math.sqrt(variance + epsilon);
    inverse[row] = scale;
    normal.set(
      part.map((value) => (value - mean) * scale),
      row * width,
    );
  }
  return { normal, inverse };
}

/** ReLU, GELU (Hendrycks, Gimpel 2016), the tanh approximation of GELU (`gelu_new`), or SiLU (x·sigmoid(x), the same paper). */
export function activate(kind: Activation, x: number): number {
  if (kind === 'relu') return Math.max(0, x);
  if (kind === 'silu') return x / (1 + Math.exp(-x));
  return kind === 'gelu' ? (x * (1 + erf(x / Math.SQRT2))) / 2 : (x * (1 + Math.tanh(bend(x)))) / 2;
}

export function activationSlope(kind: Activation, x: number): number {
  if (kind === 'relu') return x > 0 ? 1 : 0;
  if (kind === 'gelu') return (1 + erf(x / Math.SQRT2)) / 2 + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
  if (kind === 'silu') {
    const sigmoid = 1 / (1 + Math.exp(-x));
    return sigmoid * (1 + x * (1 - sigmoid));
  }
  const t = Math.tanh(bend(x));
  return (1 + t) / 2 + (x / 2) * (1 - t * t) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
}

const bend = (x: number): number => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);

/**
 * The error function: its series, and for |x| > 2.5, where the series cancels, its continued fraction (Abramowitz, Stegun 7.1.5, 7.1.14).
 */
export function erf(x: number): number {
  if (Math.abs(x) > 2.5) {
    let fraction = 0;
    for (let k = 60; k >= 1; k--) fraction = k / 2 / (Math.abs(x) + fraction);
    return Math.sign(x) * (1 - Math.exp(-x * x) / (Math.sqrt(Math.PI) * (Math.abs(x) + fraction)));
  }
  let term = x;
  let sum = x;
  for (let k = 1; Math.abs(term) > 1e-17; k++) {
    term *= (-x * x) / k;
    sum += term / (2 * k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Cross-entropy of one batch. */
export interface Loss {
  /** Mean over the targets, in nats. */
  loss: number;
  /** Share of rows whose largest logit (the lowest index on ties) is the target. */
  accuracy: number;
  /** Gradient with respect to the logits, [rows, V]. */
  gradient: Float64Array;
}

/** logits [rows, V]; targets [rows], −1 for rows that do not count. */
export function crossEntropy(logits: Float64Array, targets: ArrayLike<number>): Loss {
  const rows = targets.length;
  const vocabulary = logits.length / rows;
  const counted = Array.from(targets).filter((target) => target >= 0).length;
  const result: Loss = { loss: 0, accuracy: 0, gradient: new Float64Array(logits.length) };
  for (const [row, target] of Array.from(targets).entries()) {
    if (target < 0) continue;
    const scores = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
    const highest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
    const lse = highest + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - highest), 0));
    result.loss += (lse - entryOf(scores, target)) / counted;
    result.accuracy += (scores.indexOf(highest) === target ? 1 : 0) / counted;
    result.gradient.set(
      scores.map((score, symbol) => (Math.exp(score - lse) - (symbol === target ? 1 : 0)) / counted),
      row * vocabulary,
    );
  }
  return result;
}
