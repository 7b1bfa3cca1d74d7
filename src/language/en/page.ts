/** English words of the page itself: header, introduction, notices and errors. */
export const page = {};
