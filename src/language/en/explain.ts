/** English words of the explanations of shown numbers. */
export const explain = {};
