/** Reads a person's vectors from .npy, text and .safetensors files. */

import { formatShape, InputError, quote } from '../shared/errors';
import { vectorFileLimit } from './file-limits';
import { type NumberArray, readNpy } from './npy';
import { readSafetensors } from './safetensors';
import { signatureOf } from './signature';
import { mostColumns, readTable } from './table-text';

/** Vectors qk and, if the file has them, v: float32 [heads, n, d]. */
export interface VectorFile {
  heads: number;
  n: number;
  d: number;
  qk: Float32Array;
  v?: Float32Array;
  /** A name for each token [n], such as the words of word vectors. */
  names?: string[];
  /** The parts of the file that are not in the vectors, each as a noun with its place, such as `line 1, a heading`. */
  leftOut?: string[];
  /** What was done to the file's numbers, as a noun: how they were written, or how they were projected. */
  note?: string;
}

/** Widest vectors that are read. Attention takes up to `limits.d` numbers, so wider vectors are projected first. */
export const widestVector = mostColumns;

/** Most heads that are read. Attention takes up to `limits.heads`, so some are chosen first. */
export const mostHeads = 1024;

/** Endings of files of text. */
const textEndings = ['csv', 'tsv', 'tab', 'txt', 'vec'];

/** Endings of the files that are read. */
export const vectorEndings = ['npy', ...textEndings, 'safetensors'];

/**
 * Reads vectors [n, d] or [heads, n, d] from a .npy or .safetensors file, or [n, d] from text. A safetensors file has tensors qk and perhaps
 * v, or one tensor of any name.
 * @throws InputError in one sentence.
 */
export function readVectorFile(name: string, bytes: Uint8Array): VectorFile {
  if (bytes.length > vectorFileLimit) {
    throw new InputError(
      `The file has ${(bytes.length / 2 ** 20).toFixed(0)} MiB; the limit is ${vectorFileLimit / 2 ** 20} MiB.`,
    );
  }
  const ending = name.toLowerCase().split('.').at(-1) ?? '';
  if (!vectorEndings.includes(ending)) {
    const list = vectorEndings.map((end) => `.${end}`);
    throw new InputError(
      `The file's name ends in ${quote(ending, 20)}; it must end in ${list.slice(0, -1).join(', ')} or ${list.at(-1)}.`,
    );
  }
  if (bytes.length === 0) throw new InputError('The file is empty.');
  const signature = signatureOf(bytes);
  if (signature && signature.ending !== ending) {
    throw new InputError(`The file's name ends in .${ending}, but the file is ${signature.name}; ${signature.advice}.`);
  }
  if (ending === 'npy') return fromArrays(readNpy(bytes));
  if (ending === 'safetensors') return readTensors(bytes);
  const { rows, width, data, names, leftOut, notes } = readTable(bytes);
  const file = fromArrays({ shape: [rows, width], data });
  if (names) file.names = names;
  if (leftOut.length) file.leftOut = leftOut;
  if (notes.length) file.note = notes.join(', ');
  return file;
}

function readTensors(bytes: Uint8Array): VectorFile {
  const { tensors } = readSafetensors(bytes);
  const qk = tensors.get('qk') ?? (tensors.size === 1 ? [...tensors.values()][0] : undefined);
  if (!qk) throw new InputError(`The file has ${tensors.size} tensors and none is named qk; name the vectors qk.`);
  const v = tensors.get('v');
  const file = fromArrays(qk, v === qk ? undefined : v);
  const others = [...tensors].flatMap(([name, tensor]) => (tensor === qk || tensor === v ? [] : [name]));
  if (others.length) {
    const listed = others.slice(0, 3).map((name) => quote(name, 20));
    const more = others.length > listed.length ? ` and ${others.length - listed.length} more` : '';
    file.leftOut = [`${others.length === 1 ? 'tensor' : 'tensors'} ${listed.join(', ')}${more}`];
  }
  return file;
}

function fromArrays(qk: Numbers, v?: Numbers): VectorFile {
  const { shape } = qk;
  if (shape.length !== 2 && shape.length !== 3) {
    throw new InputError(
      `The vectors have the shape ${shape.length ? formatShape(shape) : 'of a single number'}; it must be [n, d] or [heads, n, d].`,
    );
  }
  const [heads, n, d] = (shape.length === 2 ? [1, ...shape] : shape) as [number, number, number];
  if (heads < 1 || heads > mostHeads)
    throw new InputError(`The file has ${heads} heads; it must have 1 to ${mostHeads}.`);
  if (n < 2) throw new InputError(`The file has ${n} tokens; it must have at least 2.`);
  if (d < 2 || d > widestVector)
    throw new InputError(`The file's vectors have ${d} numbers each; they must have 2 to ${widestVector}.`);
  if (v && v.shape.join() !== shape.join()) {
    throw new InputError(`qk has the shape ${formatShape(shape)} and v ${formatShape(v.shape)}; they must be equal.`);
  }
  const file: VectorFile = { heads, n, d, qk: finite(qk) };
  if (v) file.v = finite(v);
  return file;
}

type Numbers = Pick<NumberArray, 'shape'> & { readonly data: NumberArray['data'] };

/** The numbers as float32, checked to be finite. May return the same array, so the caller must not use it elsewhere. */
function finite({ data }: Numbers): Float32Array {
  const out = data instanceof Float32Array ? data : new Float32Array(data);
  // Only floats can be infinite or no number.
  if (out !== data && !(data instanceof Float64Array)) return out;
  for (let i = 0; i < out.length; i++) {
    if (!Number.isFinite(out[i]))
      throw new InputError(`Number ${i} of the file is ${data[i]}; all must be finite float32 numbers.`);
  }
  return out;
}
