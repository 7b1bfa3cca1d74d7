/** Makes the vectors of one recipe, and hands them over without a copy. */
import { cook, type VectorRecipe } from './vectors';

addEventListener('message', ({ data }: MessageEvent<VectorRecipe>) => {
  const { qk, v } = cook(data);
  (postMessage as (message: unknown, transfer: Transferable[]) => void)({ qk, v }, [qk.buffer, v.buffer]);
});
