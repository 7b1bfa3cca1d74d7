/** Adam (Kingma, Ba 2014) with a linear warm-up and clipping by the norm of all gradients together (Pascanu et al. 2013). */
export interface AdamSettings {
  /** Learning rate after the warm-up. */
  rate: number;
  /** Steps over which the rate grows to that. */
  warmUp: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Largest norm of the gradients; larger ones are shortened to it. */
  clip: number;
}

export const defaultAdam: AdamSettings = { rate: 3e-3, warmUp: 200, beta1: 0.9, beta2: 0.98, epsilon: 1e-9, clip: 1 };

/** The state of one parameter's entries. */
export interface Moments {
  first: Float64Array;
  second: Float64Array;
}

/**
 * Rate and ε of one step, with the corrections of the moments' start from zero in them; the same for every parameter. Steps count
 * from 1.
 */
export function adamFactors({ rate, warmUp, beta1, beta2, epsilon }: AdamSettings, step: number) {
  const correction = Math.sqrt(1 - beta2 ** step);
  const warmth = Math.min(1, step / Math.max(1, warmUp));
  return { rate: (rate * warmth * correction) / (1 - beta1 ** step), epsilon: epsilon * correction };
}

/** What gradients are multiplied by, given the norm of all of them. */
export const clipFactor = (clip: number, norm: number): number => (norm > clip ? clip / norm : 1);

/** One step of one parameter, in place; `norm` is that of the gradients of all parameters. */
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
