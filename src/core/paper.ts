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
