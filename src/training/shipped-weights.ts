/** Weights that are shipped with the page: one-layer models of the default task, trained by `npm run lab -- train duplication`. */
import { readWeights, type WeightsFile } from './weights-file';

/** Files of weights by hash rounds in training; 0 is full attention. */
const files = new Map([
  [0, new URL('../assets/duplication-0.safetensors', import.meta.url)],
  [4, new URL('../assets/duplication-4.safetensors', import.meta.url)],
  [2, new URL('../assets/duplication-2.safetensors', import.meta.url)],
  [1, new URL('../assets/duplication-1.safetensors', import.meta.url)],
]);

/** Hash rounds in training of the shipped models; 0 is full attention. */
export const shippedRounds: readonly number[] = [...files.keys()];

const downloads = new Map<number, Promise<WeightsFile>>();

/** Fetches the weights that were trained with these hash rounds, once. @throws Error if the fetch fails */
export function shippedWeights(rounds: number): Promise<WeightsFile> {
  let file = downloads.get(rounds);
  if (!file) {
    file = fetch(files.get(rounds) as URL).then(async (response) => {
      if (!response.ok)
        throw new Error(`The weights shipped with the page cannot be fetched: status ${response.status}.`);
      return readWeights(new Uint8Array(await response.arrayBuffer()));
    });
    file.catch(() => downloads.delete(rounds));
    downloads.set(rounds, file);
  }
  return file;
}
