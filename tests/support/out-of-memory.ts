/** The sentence for a buffer that does not fit in the device's memory. */
export const outOfMemory = /^The device has no memory for [^.]+, [\d,]+ MiB\.$/;
