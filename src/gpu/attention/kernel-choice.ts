import type { KernelName } from '../runtime/kernels';

/** Tokens of one sequence up to which kernels that work on blocks of queries take longer to compile than they save. */
export const fewTokens = 256;

/** The kernel that attends within windows, and the one that attends to every key. */
export const attendKernel = (n: number): KernelName => (n <= fewTokens ? 'attend-short' : 'attend');
export const fullKernel = (n: number): KernelName => (n <= fewTokens ? 'full-short' : 'full');
