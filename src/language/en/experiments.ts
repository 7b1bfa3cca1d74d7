/** English words of the experiments. */
export const experiments = {};
