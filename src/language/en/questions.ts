/** English words of the ten questions and their answers. */
export const questions = {};
