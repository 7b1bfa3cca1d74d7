/** English words of the read-outs beside the stage and its tooltips. */
export const readouts = {};
