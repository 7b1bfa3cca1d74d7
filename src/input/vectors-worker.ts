/** A worker that makes the vectors of one spec. It transfers the numbers instead of copying them. */
import { makeVectors, type VectorSpec } from './vectors';

addEventListener('message', ({ data }: MessageEvent<VectorSpec>) => {
  const { qk, v } = makeVectors(data);
  (postMessage as (message: unknown, transfer: Transferable[]) => void)({ qk, v }, [qk.buffer, v.buffer]);
});
