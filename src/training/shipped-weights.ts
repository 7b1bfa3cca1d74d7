/** Weights that come with the page: one-layer models of the default task, trained by `npm run lab -- train duplication`. */
import { readWeights, type WeightsFile } from './weights-file';

/** Rounds trained with, 0 for full attention, and where the weights are. */
const files = new Map([
  [0, new URL('../assets/duplication-0.safetensors', import.meta.url)],
  [4, new URL('../assets/duplication-4.safetensors', import.meta.url)],
  [2, new URL('../assets/duplication-2.safetensors', import.meta.url)],
  [1, new URL('../assets/duplication-1.safetensors', import.meta.url)],
]);

export const shippedRounds: readonly number[] = [...files.keys()];

const fetched = new Map<number, Promise<WeightsFile>>();

/** @throws Error if they cannot be fetched. */
export function shipped(rounds: number): Promise<WeightsFile> {
  let file = fetched.get(rounds);
  if (!file) {
    file = fetch(files.get(rounds) as URL).then(async (answer) => {
      if (!answer.ok) throw new Error(`The page's weights cannot be read: ${answer.status}.`);
      return readWeights(new Uint8Array(await answer.arrayBuffer()));
    });
    file.catch(() => fetched.delete(rounds));
    fetched.set(rounds, file);
  }
  return file;
}
