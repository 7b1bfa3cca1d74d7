import type { State } from '../../state/schema';

/**
 * The settings of the sequence and its attention that most steps show. Steps name all that their words depend on, so that they stay right when
 * the defaults of the page change.
 */
export const base = {
  input: 'twins',
  n: 64,
  d: 16,
  noise: 0.3,
  length: 8,
  seed: 5,
  heads: 1,
  preset: 'paper',
  rounds: 4,
  chunk: 8,
  buckets: 'auto',
  lookBack: 1,
  token: 41,
  round: 1,
  scene: 'both',
} as const satisfies Partial<State>;

/** The settings of the tower and its small model. */
export const tower = {
  input: 'twins',
  scene: 'tower',
  seed: 5,
  layers: 3,
  keep: 'buckets',
  slices: 1,
  taskLength: 64,
  trainRounds: 4,
  standard: false,
  rounds: 4,
} as const satisfies Partial<State>;
