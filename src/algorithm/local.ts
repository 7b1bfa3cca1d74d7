/** Local attention: a query sees the keys of its own chunk and of neighbouring chunks, in token order, as in Hugging Face's Reformer. */
import type { Numbers } from './hash';
import type { LocalSettings } from './model-settings';
import { logSumExp } from './score';
import { chunkCount, paddedOf, type Shape } from './settings';
import { ringIndex } from './window';

/** q, k and v, [heads, n, d] each. */
export interface LocalInput {
  shape: Shape;
  q: Numbers;
  k: Numbers;
  v: Numbers;
  /** [heads, n], 0 for a token that no query sees. Default: all are seen. */
  mask?: Numbers | undefined;
}

/** Score of a key that a query must not see, as in Hugging Face's Reformer. It leaves weight only to a query that may see no key at all. */
const maskedScore = -1e9;

/**
 * Calls `visit` for each key in the window of token i. Chunks form a ring (`ringIndex`), so with few chunks a key is visited more than
 * once.
 */
export function forEachNeighbour(
  i: number,
  shape: Pick<Shape, 'n' | 'padded'>,
  { chunk, lookBack, lookAhead }: LocalSettings,
  visit: (key: number) => void,
): void {
  const chunks = chunkCount(paddedOf(shape), { chunk });
  const home = Math.floor(i / chunk);
  for (let offset = -lookBack; offset <= lookAhead; offset++) {
    const first = ringIndex(home, offset, chunks) * chunk;
    for (let key = first; key < Math.min(first + chunk, shape.n); key++) visit(key);
  }
}

/** Softmax of q·k/√d over the neighbours, [heads, n, d]. */
export function localAttention(input: LocalInput, settings: LocalSettings, causal: boolean): Float64Array {
  const { heads, n, d } = input.shape;
  const out = new Float64Array(heads * n * d);
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < n; i++) {
      const { keys, weights } = neighbours(input, settings, causal, head, i);
      keys.forEach((key, slot) => {
        for (let e = 0; e < d; e++) out[(head * n + i) * d + e] += weights[slot] * input.v[(head * n + key) * d + e];
      });
    }
  }
  return out;
}

/** Gradients of Σ out·gradOut with respect to q, k and v, all [heads, n, d]. */
export function localGradients(
  input: LocalInput,
  settings: LocalSettings,
  causal: boolean,
  gradOut: Numbers,
): { q: Float64Array; k: Float64Array; v: Float64Array } {
  const { heads, n, d } = input.shape;
  const [q, k, v] = [0, 1, 2].map(() => new Float64Array(heads * n * d));
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < n; i++) {
      const { keys, weights, isMasked } = neighbours(input, settings, causal, head, i);
      const query = (head * n + i) * d;
      const along = keys.map((key) => {
        let sum = 0;
        for (let e = 0; e < d; e++) sum += gradOut[query + e] * input.v[(head * n + key) * d + e];
        return sum;
      });
      const mean = along.reduce((sum, value, slot) => sum + weights[slot] * value, 0);
      keys.forEach((token, slot) => {
        const key = (head * n + token) * d;
        const gradScore = isMasked(token) ? 0 : (weights[slot] * (along[slot] - mean)) / Math.sqrt(d);
        for (let e = 0; e < d; e++) {
          v[key + e] += weights[slot] * gradOut[query + e];
          q[query + e] += gradScore * input.k[key + e];
          k[key + e] += gradScore * input.q[query + e];
        }
      });
    }
  }
  return { q, k, v };
}

/** The keys in the window of query i, with their weights. Masked keys have none, unless all are masked. */
function neighbours(
  { shape, q, k, mask }: LocalInput,
  settings: LocalSettings,
  causal: boolean,
  head: number,
  i: number,
) {
  const { n, d } = shape;
  const isMasked = (key: number) => (causal && key > i) || mask?.[head * n + key] === 0;
  const keys: number[] = [];
  forEachNeighbour(i, shape, settings, (key) => keys.push(key));
  const scores = keys.map((key) => {
    if (isMasked(key)) return maskedScore;
    let sum = 0;
    for (let e = 0; e < d; e++) sum += q[(head * n + i) * d + e] * k[(head * n + key) * d + e];
    return sum / Math.sqrt(d);
  });
  const total = logSumExp(scores);
  return { keys, weights: scores.map((score) => Math.exp(score - total)), isMasked };
}
