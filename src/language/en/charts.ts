/** English words of the charts below the stage. */
export const charts = {};
