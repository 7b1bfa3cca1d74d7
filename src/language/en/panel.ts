/** English words of the settings panel: labels, help and choices of every control. */
export const panel = {};
