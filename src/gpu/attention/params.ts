import { bucketCount, chunkCount, paddedOf, type Settings, type Shape } from '../../algorithm/settings';
import { InputError } from '../../shared/errors';
import { flag, packUniform, uniforms } from '../runtime/uniforms';

/** The parameters that differ between the dispatches of one run. */
export interface DispatchParams {
  /** Number of rounds to compute with, at most `settings.rounds`. */
  rounds?: number;
  /** The round of this dispatch. */
  round?: number;
  /** Index of the first item of this dispatch. */
  start?: number;
  /** Number of items of all dispatches. */
  count?: number;
  /** Flags in addition to those of the settings. */
  flags?: number;
  /** Replaces the settings' treatment of duplicates. */
  duplicates?: 'counted' | 'divided' | 'first';
  /** The head of a dispatch for one head. */
  head?: number;
  /** Vectors in the first binding of a tensor in halves. */
  halfRows?: number;
  /** Address of the first bucket of the head and round. */
  bucketStart?: number;
  /** Tokens a cell of a coarse matrix; heads of a sequence when all are hashed at once. */
  each?: number;
  /** Replaces the scale of scores. */
  scale?: number;
}

/**
 * Distance between the sort keys of neighbouring buckets (shaders/lib/placement.wgsl): 0 without a bucket mask, otherwise more than a
 * window, and in a ring at least the number of chunks. @throws InputError if keys would exceed 32 bits.
 */
export function keyStep(shape: Pick<Shape, 'n' | 'padded'>, settings: Settings): number {
  if (!settings.bucketMask) return 0;
  const chunks = chunkCount(paddedOf(shape), settings);
  const window = settings.lookBack + settings.lookAhead + 1;
  const step = settings.wrap ? Math.max(chunks, window) : window;
  if (bucketCount(settings) * step + chunks > 2 ** 32) {
    throw new InputError(
      `${bucketCount(settings)} buckets of ${chunks} chunks need sort keys of more than 32 bits; use fewer buckets, or switch off the ring or the bucket mask.`,
    );
  }
  return step;
}

/** False if the bucket mask hides all other rounds of a ring, unless the ring is so short that a window reaches its own round again. */
function isRing(shape: Shape, settings: Settings, rounds: number): boolean {
  if (!settings.wrap) return false;
  const others = (rounds - 1) * chunkCount(paddedOf(shape), settings);
  return !settings.bucketMask || Math.max(settings.lookBack, settings.lookAhead) > others;
}

/** Packs the Params of one dispatch, see shaders/lib/params.wgsl. */
export function packParams(shape: Shape, settings: Settings, dispatch: DispatchParams): ArrayBuffer {
  const { heads, n, d } = shape;
  const duplicates = dispatch.duplicates ?? settings.duplicates;
  const rounds = dispatch.rounds ?? settings.rounds;
  const ring = isRing(shape, settings, rounds);
  const flags =
    (settings.causal ? flag.causal : 0) |
    (settings.bucketMask ? flag.bucketMask : 0) |
    (ring ? flag.wrap : 0) |
    // In a single round without a ring every pair meets once.
    (duplicates === 'divided' && (ring || rounds > 1) ? flag.divide : 0) |
    (duplicates === 'first' ? flag.first : 0) |
    (dispatch.flags ?? 0);
  return packUniform(uniforms.Params, {
    heads,
    n,
    rounds,
    roundStride: settings.rounds,
    chunk: settings.chunk,
    chunks: chunkCount(paddedOf(shape), settings),
    lookBack: settings.lookBack,
    lookAhead: settings.lookAhead,
    round: dispatch.round ?? 0,
    start: dispatch.start ?? 0,
    count: dispatch.count ?? n,
    flags,
    scale: dispatch.scale ?? (settings.scale === 'sqrt' ? 1 / Math.sqrt(d) : 1),
    keyEpsilon: settings.keyNorm === 'smooth' ? 1e-6 * d : 0,
    selfMask: settings.selfMask,
    head: dispatch.head ?? 0,
    factors: settings.factors,
    halfRows: dispatch.halfRows ?? 0,
    keyStep: keyStep(shape, settings),
    bucketStart: dispatch.bucketStart ?? 0,
    each: dispatch.each ?? 1,
  });
}
