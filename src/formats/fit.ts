/** Fits a file's vectors to what attention takes: chooses heads, and projects vectors that are too wide. */

import { limits } from '../algorithm/settings';
import { InputError } from '../shared/errors';
import { type Projection, principalDirections, projected, randomDirections } from './projection';
import type { VectorFile } from './vector-file';

/** How a file is fitted. Vectors of at most `width` numbers stay as they are. */
export interface Fit {
  /** The heads that are kept, counted from 0. Default: the first `mostHeads`. */
  heads?: number[] | undefined;
  mostHeads: number;
  projection: Projection;
  /** Numbers of a projected vector. */
  width: number;
  /** Seed of the random directions. */
  seed: number;
}

export const defaultFit: Fit = { mostHeads: limits.heads, projection: 'random', width: limits.d, seed: 0 };

/** The fitted file. Its note tells what was done. */
export interface FittedFile extends VectorFile {
  /** The file's own sizes. */
  whole: { heads: number; d: number };
  /** How it was fitted. */
  fit: Fit & { heads: number[] };
}

/** @throws InputError naming a head that the file lacks, or a width that cannot be. */
export function fitVectors(file: VectorFile, fit: Fit): FittedFile {
  const { n, d } = file;
  if (!Number.isInteger(fit.width) || fit.width < 2 || fit.width > limits.d)
    throw new InputError(`The width is ${fit.width}; it must be a whole number from 2 to ${limits.d}.`);
  const heads = fit.heads ?? Array.from({ length: Math.min(file.heads, fit.mostHeads) }, (_, head) => head);
  if (heads.some(Number.isNaN)) throw new InputError('The heads must be whole numbers with commas between them.');
  const bad = heads.find((head) => !Number.isInteger(head) || head < 0 || head >= file.heads);
  if (bad !== undefined)
    throw new InputError(`There is no head ${bad}; the file has the heads 0 to ${file.heads - 1}.`);
  if (heads.length < 1 || heads.length > fit.mostHeads || new Set(heads).size < heads.length)
    throw new InputError(`The heads are ${heads.join(', ')}; name 1 to ${fit.mostHeads}, each once.`);
  const isProjected = d > fit.width;
  const directions = isProjected && fit.projection === 'random' ? randomDirections(d, fit.width, fit.seed) : undefined;
  const width = !isProjected || directions ? Math.min(d, fit.width) : Math.max(2, Math.min(fit.width, n - 1));
  let tokens = n;
  const principal = (vectors: Float32Array) => {
    const found = principalDirections(vectors, n, d, width);
    tokens = found.tokens;
    return found;
  };
  const fitted = (data: Float32Array): Float32Array => {
    if (!isProjected && heads.length === file.heads && heads.every((head, i) => head === i)) return data;
    const out = new Float32Array(heads.length * n * width);
    for (const [i, head] of heads.entries()) {
      const vectors = data.subarray(head * n * d, (head + 1) * n * d);
      out.set(isProjected ? projected(vectors, n, d, directions ?? principal(vectors)) : vectors, i * n * width);
    }
    if (!out.every(Number.isFinite))
      throw new InputError(
        'The projected vectors have numbers that are too large for float32; scale the vectors down.',
      );
    return out;
  };
  const qk = fitted(file.qk);
  const v = file.v && fitted(file.v);
  const notes = [file.note];
  if (heads.length < file.heads)
    notes.push(`${heads.length === 1 ? 'head' : 'heads'} ${ranges(heads)} of 0 to ${file.heads - 1}`);
  if (isProjected) {
    const way = directions
      ? `a random projection, seed ${fit.seed}`
      : `the first ${width} principal components${tokens < n ? ` of ${tokens} of the tokens` : ''}`;
    notes.push(`${d} numbers reduced to ${width} by ${way}`);
  }
  const note = notes.filter(Boolean).join(', ');
  return {
    ...file,
    heads: heads.length,
    d: width,
    qk,
    ...(v && { v }),
    ...(note && { note }),
    whole: { heads: file.heads, d },
    fit: { ...fit, heads },
  };
}

/** Numbers as text, with runs such as `0 to 7`. */
function ranges(numbers: number[]): string {
  const isRun = numbers.length > 2 && numbers.every((number, i) => i === 0 || number - 1 === numbers[i - 1]);
  return isRun ? `${numbers[0]} to ${numbers.at(-1)}` : numbers.join(', ');
}
