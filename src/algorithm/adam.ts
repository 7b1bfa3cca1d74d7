/**
 * Adam (Kingma, Ba 2014) with a linear warm-up, and gradients clipped by their joint norm (Pascanu et al. 2013). Trains the page's models.
 */

export interface AdamSettings {
  /** Learning rate after the warm-up. */
  rate: number;
  /** Steps over which the rate grows linearly from 0 to `rate`. */
  warmUp: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Largest norm of all gradients together; gradients with a larger norm are scaled down to it. */
  clip: number;
}

export const defaultAdam: AdamSettings = { rate: 3e-3, warmUp: 200, beta1: 0.9, beta2: 0.98, epsilon: 1e-9, clip: 1 };

/** First and second moments of one parameter, one entry for each of its numbers. */
export interface Moments {
  first: Float64Array;
  second: Float64Array;
}

/** Rate and ε of step `step` (counted from 1), with the bias corrections of both moments folded in. The same for every parameter. */
export function adamFactors({ rate, warmUp, beta1, beta2, epsilon }: AdamSettings, step: number) {
  const correction = Math.sqrt(1 - beta2 ** step);
  const warmth = Math.min(1, step / Math.max(1, warmUp));
  return { rate: (rate * warmth * correction) / (1 - beta1 ** step), epsilon: epsilon * correction };
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
  const { rate, epsilon } = adamFactors(settings, step);
  const factor = clipFactor(settings.clip, norm);
  for (let k = 0; k < weights.length; k++) {
    const g = factor * gradient[k];
    first[k] = beta1 * first[k] + (1 - beta1) * g;
    second[k] = beta2 * second[k] + (1 - beta2) * g * g;
    weights[k] -= (rate * first[k]) / (Math.sqrt(second[k]) + epsilon);
  }
}
