/** Settings of one LSH attention, the three published conventions, and the limits of the kernels. */

import { InputError } from '../shared/errors';

/** Sizes of one attention: qk, v and out are row-major [heads, n, d]. */
export interface Shape {
  heads: number;
  n: number;
  d: number;
  /**
   * Length of the sequence with its pads. Pads fill the chunks after the n tokens: no query sees them, and they sort behind all buckets, so
   * that only the number of chunks depends on them. Default: n.
   */
  padded?: number | undefined;
}

/** Choices that the paper, trax and reformer-pytorch make differently. Each field is an independent switch. */
export interface Convention {
  /** Score q·k̂ (`one`) or q·k̂/√d (`sqrt`). */
  scale: 'one' | 'sqrt';
  /** k̂ = k/‖k‖ (`unit`) or k/√(‖k‖² + 1e-6·d) (`smooth`). */
  keyNorm: 'unit' | 'smooth';
  /** Whether a query sees only the keys of its own bucket. */
  bucketMask: boolean;
  /** A pair that meets in N_ij slots: each score loses log N_ij (`divided`), or every meeting counts in full (`counted`). */
  duplicates: 'divided' | 'counted';
  /** Whether the chunks of all rounds form one ring: chunk 0 of round r looks back to the last chunk of round r − 1. */
  wrap: boolean;
  /** Score of a later key under causal attention; −Infinity leaves it out. Any value far below `selfMask` gives a weight of exactly 0. */
  causalMask: number;
  /** Score of a token with itself: finite, so that a token with no other key attends to itself. */
  selfMask: number;
  /** Whether all heads hash with the same directions. */
  sharedRotations: boolean;
}

/** How one LSH attention is computed. */
export interface Settings extends Convention {
  /** Hash rounds R (the paper's n_rounds). */
  rounds: number;
  /** Even factors whose product is the number of buckets B of a round. */
  factors: number[];
  /** Tokens in a chunk, m. */
  chunk: number;
  /** Chunks before its own that a query sees. */
  lookBack: number;
  /** Chunks after its own that a query sees. */
  lookAhead: number;
  causal: boolean;
}

export type Preset = 'paper' | 'trax' | 'lucidrains';

/** Reformer paper eq. 3-6 and 13-16; google/trax LSHSelfAttention; lucidrains/reformer-pytorch LSHAttention. */
export const presets: Record<Preset, Convention> = {
  paper: {
    scale: 'one',
    keyNorm: 'unit',
    bucketMask: true,
    duplicates: 'divided',
    wrap: false,
    causalMask: Number.NEGATIVE_INFINITY,
    selfMask: -1e5,
    sharedRotations: false,
  },
  trax: {
    scale: 'one',
    keyNorm: 'smooth',
    bucketMask: false,
    duplicates: 'counted',
    wrap: true,
    causalMask: -1e9,
    selfMask: -1e5,
    sharedRotations: false,
  },
  lucidrains: {
    scale: 'sqrt',
    keyNorm: 'unit',
    bucketMask: false,
    duplicates: 'counted',
    wrap: true,
    causalMask: -3.4028234663852886e38,
    selfMask: -5e4,
    sharedRotations: true,
  },
};

/** Largest values that the page offers. The device's memory bounds `n` further. */
export const limits = {
  heads: 64,
  n: 2 ** 24,
  d: 128,
  rounds: 16,
  chunk: 128,
  lookBack: 2,
  lookAhead: 1,
  factors: 4,
  buckets: 2 ** 20,
} as const;

/** Ranges of the sizes and settings of one attention. */
export interface Ranges {
  heads: number;
  d: number;
  rounds: number;
  leastChunk: number;
  chunk: number;
  lookBack: number;
  lookAhead: number;
}

/** What the kernels support. */
export const kernelRanges: Ranges = { ...limits, leastChunk: 2, chunk: 256 };

/** What the CPU engine supports. */
export const cpuRanges: Ranges = {
  heads: 1024,
  d: 1024,
  rounds: 256,
  leastChunk: 1,
  chunk: 2 ** 16,
  lookBack: 256,
  lookAhead: 256,
};

/**
 * Default buckets of a round: 2·⌈n/m⌉ (paper, below eq. 5), or ⌈n/m⌉ for `lucidrains`, rounded up to an even number.
 * More than 128 buckets are factorized: one flat matrix costs n·d·B/2 = O(n²) multiply-adds, k factors cost k·n·d·B^(1/k)/2.
 */
export function defaultFactors(n: number, chunk: number, preset: Preset): number[] {
  const chunks = Math.ceil(n / chunk);
  return factorize(preset === 'lucidrains' ? chunks : 2 * chunks);
}

/**
 * The fewest near-equal even factors, none above 128, whose product is at least `buckets`: two factors up to 16,384 buckets, then three.
 * This keeps hashing near linear in n.
 */
export function factorize(buckets: number): number[] {
  let rest = Math.max(2, 2 * Math.ceil(buckets / 2));
  const factors: number[] = [];
  for (let left = Math.ceil(Math.log2(rest) / 7); left > 1; left--) {
    const factor = 2 * Math.round(rest ** (1 / left) / 2);
    factors.push(factor);
    rest /= factor;
  }
  factors.push(2 * Math.ceil(rest / 2));
  return factors;
}

export const bucketCount = (settings: Pick<Settings, 'factors'>): number => settings.factors.reduce((a, b) => a * b, 1);

/** Random directions in a round, ΣB_f/2: half of each factor, because every direction serves as + and −. */
export const directionCount = (settings: Pick<Settings, 'factors'>): number =>
  settings.factors.reduce((sum, factor) => sum + factor / 2, 0);

export const chunkCount = (n: number, settings: Pick<Settings, 'chunk'>): number => Math.ceil(n / settings.chunk);

/** Length of a sequence with its pads. Chunks are counted for it. */
export const paddedOf = ({ n, padded }: Pick<Shape, 'n' | 'padded'>): number => padded ?? n;

/** Slots that a query has in one round. */
export const windowLength = (settings: Pick<Settings, 'chunk' | 'lookBack' | 'lookAhead'>): number =>
  settings.chunk * (1 + settings.lookBack + settings.lookAhead);

/**
 * `sequences` is how many sequences lie side by side in `shape.heads`. @throws InputError naming the first value out of `ranges`, by
 * default those of the kernels.
 */
export function checkSettings(shape: Shape, settings: Settings, sequences = 1, ranges: Ranges = kernelRanges): void {
  whole('heads', shape.heads / sequences, 1, ranges.heads);
  whole('n', shape.n, 1, limits.n);
  whole('padded n', paddedOf(shape), shape.n, limits.n);
  whole('d', shape.d, 1, ranges.d);
  whole('rounds', settings.rounds, 1, ranges.rounds);
  whole('chunk', settings.chunk, ranges.leastChunk, ranges.chunk);
  whole('look-back', settings.lookBack, 0, ranges.lookBack);
  whole('look-ahead', settings.lookAhead, 0, ranges.lookAhead);
  if (settings.factors.length < 1 || settings.factors.length > limits.factors) {
    throw new InputError(`buckets has ${settings.factors.length} factors; give 1 to ${limits.factors}.`);
  }
  for (const factor of settings.factors) {
    whole('buckets', factor, 2, limits.buckets);
    if (factor % 2) throw new InputError(`buckets is ${factor}, but a hash of ± directions needs an even number.`);
  }
  if (bucketCount(settings) > limits.buckets) {
    throw new InputError(`buckets is ${settings.factors.join('·')}; their product must be at most ${limits.buckets}.`);
  }
  // Far below any score, so that a token attends to itself only when it has no other key. The kernels rely on this.
  if (!(settings.selfMask <= -1000 && settings.selfMask >= -1e9)) {
    throw new InputError(`self mask is ${settings.selfMask}; it must lie between -1e9 and -1000.`);
  }
}

function whole(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new InputError(`${name} is ${value}; it must be a whole number from ${low} to ${high}.`);
  }
}
