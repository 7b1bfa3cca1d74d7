/** English words of the lecture: its interface and its steps. */
export const lecture = {};
