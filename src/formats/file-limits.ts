/** Largest file of vectors in bytes. Larger ones are rejected before they are read. */
export const vectorFileLimit = 64 * 1024 * 1024;
