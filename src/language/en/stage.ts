/** English words of the labels on the stage. */
export const stage = {};
