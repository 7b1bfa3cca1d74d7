import { bucketCount, chunkCount, type Settings, type Shape } from '../../algorithm/settings';
import { InputError } from '../../shared/errors';

/** Bits of Params.flags, as in shaders/lib/params.wgsl. */
export const flag = {
  causal: 1,
  bucketMask: 2,
  wrap: 4,
  divide: 8,
  first: 16,
  restart: 32,
  sorted: 64,
  oneRound: 128,
  keepRounds: 256,
} as const;

/** Bytes between two parameter blocks: the alignment that every device takes for a uniform binding. */
export const paramsStride = 256;

/** What differs between dispatches of one run. */
export interface DispatchParams {
  /** Rounds that count; the buffers were made for `settings.rounds`. */
  rounds?: number;
  round?: number;
  start?: number;
  count?: number;
  /** Added to the flags of the settings. */
  flags?: number;
  /** Instead of the settings' treatment of duplicates. */
  duplicates?: 'counted' | 'divided' | 'first';
  head?: number;
  /** Vectors in the first of two bindings. */
  halfRows?: number;
  /** Where the buckets of the head and round start. */
  bucketStart?: number;
  /** Tokens to a cell of a coarse matrix. */
  each?: number;
  /** Instead of the scale of scores. */
  scale?: number;
}

/**
 * How far the keys of two buckets lie apart (shaders/lib/placement.wgsl): 0 where buckets do not matter, else more than a window, and in a ring
 * as much as all chunks. @throws InputError if keys would pass 32 bits.
 */
export function keyStep({ n }: Pick<Shape, 'n'>, settings: Settings): number {
  if (!settings.bucketMask) return 0;
  const chunks = chunkCount(n, settings);
  const window = settings.lookBack + settings.lookAhead + 1;
  const step = settings.wrap ? Math.max(chunks, window) : window;
  if (bucketCount(settings) * step + chunks > 2 ** 32) {
    throw new InputError(
      `${bucketCount(settings)} buckets in a ring of ${chunks} chunks cannot be told apart; switch the ring or the bucket mask off.`,
    );
  }
  return step;
}

/** A ring whose other rounds are all masked is none, unless it is so short that it goes round into the same round. */
function isRing({ n }: Shape, settings: Settings, rounds: number): boolean {
  if (!settings.wrap) return false;
  const others = (rounds - 1) * chunkCount(n, settings);
  return !settings.bucketMask || Math.max(settings.lookBack, settings.lookAhead) > others;
}

/** A Params block of shaders/lib/params.wgsl. */
export function packParams(shape: Shape, settings: Settings, dispatch: DispatchParams): ArrayBuffer {
  const { heads, n, d } = shape;
  const duplicates = dispatch.duplicates ?? settings.duplicates;
  const rounds = dispatch.rounds ?? settings.rounds;
  const ring = isRing(shape, settings, rounds);
  const flags =
    (settings.causal ? flag.causal : 0) |
    (settings.bucketMask ? flag.bucketMask : 0) |
    (ring ? flag.wrap : 0) |
    // In one round that is no ring every pair meets once.
    (duplicates === 'divided' && (ring || rounds > 1) ? flag.divide : 0) |
    (duplicates === 'first' ? flag.first : 0) |
    (dispatch.flags ?? 0);
  const block = new ArrayBuffer(96);
  new Uint32Array(block).set([
    heads,
    n,
    rounds,
    settings.rounds,
    settings.chunk,
    chunkCount(n, settings),
    settings.lookBack,
    settings.lookAhead,
    dispatch.round ?? 0,
    dispatch.start ?? 0,
    dispatch.count ?? n,
    flags,
  ]);
  new Float32Array(block).set(
    [
      dispatch.scale ?? (settings.scale === 'sqrt' ? 1 / Math.sqrt(d) : 1),
      settings.keyNorm === 'smooth' ? 1e-6 * d : 0,
      settings.selfMask,
    ],
    12,
  );
  new Uint32Array(block)[15] = dispatch.head ?? 0;
  new Uint32Array(block).set(settings.factors, 16);
  new Uint32Array(block).set(
    [dispatch.halfRows ?? 0, keyStep(shape, settings), dispatch.bucketStart ?? 0, dispatch.each ?? 1],
    20,
  );
  return block;
}
