/** Numbers of Kitaev, Kaiser, Levskaya, "Reformer: The Efficient Transformer", 2020 (arXiv 2001.04451). */

/** Figure 5, right: seconds a step with the tokens of a batch held fixed. Read off the figure, to about 3 %. */
export const figure5 = {
  tokens: [1024, 2048, 4096, 8192, 16384, 32768],
  full: [0.17, 0.3, 0.48, 0.99, 1.87, 3.47],
  lsh: {
    8: [0.32, 0.29, 0.27, 0.3, 0.35, 0.44],
    4: [0.2, 0.18, 0.16, 0.16, 0.19, 0.23],
    1: [0.1, 0.08, 0.07, 0.07, 0.07, 0.07],
  } as Record<number, number[]>,
} as const;

/** Table 2: accuracy in % of models trained with (outer) and evaluated with (inner) a number of rounds; 0 is full attention. */
export const table2: ReadonlyMap<number, ReadonlyMap<number, number>> = new Map(
  [
    [0, [100, 94.8, 92.5, 76.9, 52.5]],
    [4, [0.8, 100, 99.9, 99.4, 91.9]],
    [2, [0.8, 100, 99.9, 98.1, 86.8]],
    [1, [0.8, 99.9, 99.6, 94.8, 77.9]],
  ].map(([trained, row]) => [
    trained as number,
    new Map((row as number[]).map((value, k) => [[0, 8, 4, 2, 1][k], value])),
  ]),
);

/** Table 3: numbers that a step of training keeps, up to a factor, of layers with full attention; c = 4 bytes is left to the reader. */
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
