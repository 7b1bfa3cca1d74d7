/** What is said where the device has no memory for something. */
export const outOfMemory = /^The device has no memory for [^.]+, [\d,]+ MiB\.$/;
