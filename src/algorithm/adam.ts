/**
 * Adam (Kingma, Ba 2014) with a linear warm-up, and gradients clipped by their joint norm (Pascanu et al. 2013). Trains the page's models.
 * Models of text also use a cosine decay of the rate, and decoupled weight decay (Loshchilov, Hutter 2017).
 */

import { entryOf } from './rows';

export interface AdamSettings {
  /** Learning rate after the warm-up. */
  rate: number;
  /** Steps over which the rate grows linearly from 0 to `rate`. */
  warmUp: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Steps until the rate has fallen to 0, along a cosine after the warm-up. 0 keeps the rate. */
  steps: number;
  /** Weight decay: each step, a weight loses this share of itself, times the rate. */
  decay: number;
  /** Largest norm of all gradients together; gradients with a larger norm are scaled down to it. */
  clip: number;
}

export const defaultAdam: AdamSettings = {
  rate: 3e-3,
  warmUp: 200,
  steps: 0,
  decay: 0,
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-9,
  clip: 1,
};

/** First and second moments of one parameter, one entry for each of its numbers. */
export interface Moments {
  first: Float64Array;
  second: Float64Array;
}

/** The learning rate of step `step`, counted from 1. */
export function rateOf({ rate, warmUp, steps }: AdamSettings, step: number): number {
  if (step < warmUp) return (rate * step) / warmUp;
  if (steps <= warmUp) return rate;
  return (rate * (1 + Math.cos(Math.PI * Math.min(1, (step - warmUp) / (steps - warmUp))))) / 2;
}

/**
 * Rate and ε of step `step` (counted from 1), with the bias corrections of both moments folded in, and the share that each weight loses.
 * The same for every parameter.
 */
export function adamFactors(settings: AdamSettings, step: number) {
  const { beta1, beta2, epsilon, decay } = settings;
  const rate = rateOf(settings, step);
  const correction = Math.sqrt(1 - beta2 ** step);
  return { rate: (rate * correction) / (1 - beta1 ** step), epsilon: epsilon * correction, decay: rate * decay };
}

/** The factor that clips all gradients, given their joint norm. */
export const clipFactor = (clip: number, norm: number): number => (norm > clip ? clip / norm : 1);

/** Updates the weights and moments of one parameter in place. `norm` is the norm of the gradients of all parameters. */
export function adamStep(
  weights: Float64Array,
  gradient: Float64Array,
  { first, second }: Moments,
  settings: AdamSettings,
  step: number,
  norm: number,
): void {
  const { beta1, beta2 } = settings;
  const { rate, epsilon, decay } = adamFactors(settings, step);
  const factor = clipFactor(settings.clip, norm);
  for (let k = 0; k < weights.length; k++) {
    const g = factor * entryOf(gradient, k);
    const mean = beta1 * entryOf(first, k) + (1 - beta1) * g;
    const square = beta2 * entryOf(second, k) + (1 - beta2) * g * g;
    const weight = entryOf(weights, k);
    first[k] = mean;
    second[k] = square;
    weights[k] = weight - ((rate * mean) / (Math.sqrt(square) + epsilon) + decay * weight);
  }
}
