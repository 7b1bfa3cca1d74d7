/** Local attention: a query sees the keys of its own chunk and of neighbouring chunks, in token order, as in Hugging Face's Reformer. */
import type { Numbers } from './hash';
import type { LocalSettings } from './model-settings';
import { addRow, dotOfRows } from './rows';
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
      for (const { key, weight } of neighbours(input, settings, causal, head, i)) {
        addRow(out, (head * n + i) * d, weight, input.v, (head * n + key) * d, d);
      }
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
  const zeros = () => new Float64Array(heads * n * d);
  const gradients = { q: zeros(), k: zeros(), v: zeros() };
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < n; i++) {
      const query = (head * n + i) * d;
      const slots = neighbours(input, settings, causal, head, i).map(({ key: token, weight, isMasked }) => {
        const key = (head * n + token) * d;
        return { key, weight, isMasked, along: dotOfRows(gradOut, query, input.v, key, d) };
      });
      const mean = slots.reduce((sum, { weight, along }) => sum + weight * along, 0);
      for (const { key, weight, isMasked, along } of slots) {
        const gradScore = isMasked ? 0 : (weight * (along - mean)) / Math.sqrt(d);
        addRow(gradients.v, key, weight, gradOut, query, d);
        addRow(gradients.q, query, gradScore, input.k, key, d);
        addRow(gradients.k, key, gradScore, input.q, query, d);
      }
    }
  }
  return gradients;
}

/** The keys in the window of query i, with their weights. Masked keys have none, unless all are masked. */
function neighbours(
  { shape, q, k, mask }: LocalInput,
  settings: LocalSettings,
  causal: boolean,
  head: number,
  i: number,
): { key: number; weight: number; isMasked: boolean }[] {
  const { n, d } = shape;
  const slots: { key: number; score: number; isMasked: boolean }[] = [];
  forEachNeighbour(i, shape, settings, (key) => {
    const isMasked = (causal && key > i) || mask?.[head * n + key] === 0;
    const product = () => dotOfRows(q, (head * n + i) * d, k, (head * n + key) * d, d);
    slots.push({ key, score: isMasked ? maskedScore : product() / Math.sqrt(d), isMasked });
  });
  const total = logSumExp(slots.map(({ score }) => score));
  return slots.map(({ key, score, isMasked }) => ({ key, weight: Math.exp(score - total), isMasked }));
}
