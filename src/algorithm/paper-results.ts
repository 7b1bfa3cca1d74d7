/** Published results of Kitaev, Kaiser, Levskaya, "Reformer: The Efficient Transformer", 2020 (arXiv 2001.04451). */

/** Figure 5, right: seconds of a step by sequence length, at a fixed number of tokens in the batch. Read off the figure, to about 3 %. */
export const figure5 = {
  tokens: [1024, 2048, 4096, 8192, 16384, 32768],
  full: [0.17, 0.3, 0.48, 0.99, 1.87, 3.47],
  lsh: {
    8: [0.32, 0.29, 0.27, 0.3, 0.35, 0.44],
    4: [0.2, 0.18, 0.16, 0.16, 0.19, 0.23],
    1: [0.1, 0.08, 0.07, 0.07, 0.07, 0.07],
  } as Record<number, number[]>,
} as const;

/** Table 2: accuracy in %, by hash rounds in training (outer) and at evaluation (inner); 0 is full attention. */
export const table2: ReadonlyMap<number, ReadonlyMap<number, number>> = new Map([
  [0, evaluatedWith(100, 94.8, 92.5, 76.9, 52.5)],
  [4, evaluatedWith(0.8, 100, 99.9, 99.4, 91.9)],
  [2, evaluatedWith(0.8, 100, 99.9, 98.1, 86.8)],
  [1, evaluatedWith(0.8, 99.9, 99.6, 94.8, 77.9)],
]);

/** A row of Table 2, whose columns are full attention and 8, 4, 2 and 1 rounds. */
function evaluatedWith(full: number, eight: number, four: number, two: number, one: number): Map<number, number> {
  return new Map([
    [0, full],
    [8, eight],
    [4, four],
    [2, two],
    [1, one],
  ]);
}

/** Table 3: how many numbers a training step with full attention keeps, up to a constant factor. Multiply by 4 for float32 bytes. */
export function table3({
  batch,
  length,
  width,
  heads,
}: {
  batch: number;
  length: number;
  width: number;
  heads: number;
}) {
  // d_ff is the width in the models of this page.
  const layer = Math.max(batch * length * width, batch * heads * length ** 2);
  return { transformer: (layers: number) => layer * layers, reversible: () => layer };
}

/** A model of usual size: the one that the lecture puts into the formulas of Table 3. */
export const usualModel = { layers: 12, width: 1024, feedForward: 4096, heads: 8 };

/** Keys that a query meets in a round: its own chunk and the one before, of 64 tokens each. */
export const usualWindow = 128;

/**
 * Table 3, for one sequence of `tokens`: how many numbers the largest thing in a training step has, of a standard Transformer, with reversible
 * layers (and feed-forward parts in slices), and with LSH attention of `rounds` too. The paper's c is 128², the scores of all queries of a
 * window of 128; of one query it is 128.
 */
export function memoryTerms(tokens: number, rounds: number, { layers, width, feedForward, heads } = usualModel) {
  const square = heads * tokens ** 2;
  return {
    standard: Math.max(tokens * feedForward, square) * layers,
    reversible: Math.max(tokens * width, square),
    reformer: Math.max(tokens * width, heads * tokens * rounds * usualWindow),
  };
}

/** Table 4: BLEU of translations from English to German, newstest2014. `isTuned`: a standard model that others had tuned for years. */
export const table4 = [
  { model: 'vaswaniBase', bleu: 27.3, isReversible: false, isTuned: false },
  { model: 'reversibleBase', bleu: 27.6, isReversible: true, isTuned: false },
  { model: 'reversibleLonger', bleu: 28.0, isReversible: true, isTuned: false },
  { model: 'vaswaniBig', bleu: 28.4, isReversible: false, isTuned: false },
  { model: 'reversibleBig', bleu: 29.1, isReversible: true, isTuned: false },
  { model: 'ottBig', bleu: 29.3, isReversible: false, isTuned: true },
] as const;
