/** English words of the dialogs: benchmark, rounds sweep, export, source. */
export const dialogs = {};
