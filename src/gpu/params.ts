import { chunkCount, type Settings, type Shape } from '../core/settings';

/** Bits of Params.flags, as in shaders/params.wgsl. */
export const flag = {
  causal: 1,
  bucketMask: 2,
  wrap: 4,
  divide: 8,
  first: 16,
  restart: 32,
  sorted: 64,
  oneRound: 128,
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
}

/** A Params block of shaders/params.wgsl. */
export function packParams(shape: Shape, settings: Settings, dispatch: DispatchParams): ArrayBuffer {
  const { heads, n, d } = shape;
  const duplicates = dispatch.duplicates ?? settings.duplicates;
  const flags =
    (settings.causal ? flag.causal : 0) |
    (settings.bucketMask ? flag.bucketMask : 0) |
    (settings.wrap ? flag.wrap : 0) |
    (duplicates === 'divided' ? flag.divide : 0) |
    (duplicates === 'first' ? flag.first : 0) |
    (dispatch.flags ?? 0);
  const block = new ArrayBuffer(80);
  new Uint32Array(block).set([
    heads,
    n,
    dispatch.rounds ?? settings.rounds,
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
    [settings.scale === 'sqrt' ? 1 / Math.sqrt(d) : 1, settings.keyNorm === 'smooth' ? 1e-6 * d : 0, settings.selfMask],
    12,
  );
  new Uint32Array(block)[15] = dispatch.head ?? 0;
  new Uint32Array(block).set(settings.factors, 16);
  return block;
}
