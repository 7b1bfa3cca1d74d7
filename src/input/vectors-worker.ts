/** Makes the vectors of one spec, and hands them over without a copy. */
import { makeVectors, type VectorSpec } from './vectors';

addEventListener('message', ({ data }: MessageEvent<VectorSpec>) => {
  const { qk, v } = makeVectors(data);
  (postMessage as (message: unknown, transfer: Transferable[]) => void)({ qk, v }, [qk.buffer, v.buffer]);
});
