import { duplication, duplicationTokens, sphere, twins, type Vectors } from '../algorithm/inputs';
import type { Shape } from '../algorithm/settings';
import { memo } from '../shared/memo';
import { startWorker, workerError } from '../shared/tasks';

/** A kind of seeded vectors with all its parameters. */
export interface VectorSpec {
  kind: 'twins' | 'sphere' | 'duplication';
  shape: Shape;
  seed: number;
  noise: number;
  length: number;
  symbols: number;
}

/** Largest count of numbers that is made in the page itself. More are made in a worker, because they would block the page. */
const largestInPage = 2 ** 19;

export function makeVectors({ kind, shape, ...options }: VectorSpec): Vectors {
  return { twins, sphere, duplication }[kind](shape, options);
}

/**
 * A function that makes the vectors of a spec, qk [heads, n, d] and v [heads, n, d], and keeps the last ones. It throws the signal's reason.
 */
export const vectorMaker = () =>
  memo(
    (spec: VectorSpec, _signal?: AbortSignal) => JSON.stringify(spec),
    async (spec: VectorSpec, signal?: AbortSignal): Promise<Vectors> => {
      const { heads, n, d } = spec.shape;
      return heads * n * d <= largestInPage ? makeVectors(spec) : makeInWorker(spec, signal);
    },
  );

function makeInWorker(spec: VectorSpec, signal: AbortSignal | undefined): Promise<Vectors> {
  const worker = startWorker(() => new Worker(new URL('./vectors-worker.ts', import.meta.url), { type: 'module' }));
  const { n } = spec.shape;
  return new Promise<Vectors>((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
    worker.onerror = (event) => reject(workerError(event));
    worker.onmessage = ({ data }: MessageEvent<{ qk: Float32Array; v: Float32Array }>) => {
      const ids = spec.kind === 'duplication' ? duplicationTokens(n, spec.symbols, spec.seed) : undefined;
      resolve({ shape: spec.shape, ...data, ...(ids && { label: (token: number) => `“${ids[token]}”` }) });
    };
    worker.postMessage(spec);
  }).finally(() => worker.terminate());
}
