import ceilingCopy from '../../../shaders/bench/ceiling-copy.wgsl?raw';
import ceilingFma from '../../../shaders/bench/ceiling-fma.wgsl?raw';
import { addShaders } from './kernel-text';

/** The files of the kernels that measure a device. */
const kernels = { 'ceiling-fma': ceilingFma, 'ceiling-copy': ceilingCopy };

export type BenchKernel = keyof typeof kernels;

addShaders(kernels);
