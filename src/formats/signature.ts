/** Recognizes files by their first bytes, so that a file with a wrong ending is named for what it is. */

import { npySignature } from './npy';

/** What a file is, and what to do with it. Both are parts of a sentence. */
export interface Signature {
  name: string;
  advice: string;
  /** The ending of such files, if they are read. */
  ending?: string;
}

const binary: [number[], Signature][] = [
  [npySignature, { name: 'a .npy array of NumPy', advice: 'rename it to end in .npy', ending: 'npy' }],
  [
    [0x50, 0x4b, 3, 4],
    { name: 'a zip archive, as .npz and .xlsx files are', advice: 'save one array with np.save, or as CSV' },
  ],
  [[0x50, 0x4b, 5, 6], { name: 'an empty zip archive', advice: 'save one array with np.save, or as CSV' }],
  [[0x1f, 0x8b], { name: 'compressed with gzip', advice: 'decompress it' }],
  [[0x42, 0x5a, 0x68], { name: 'compressed with bzip2', advice: 'decompress it' }],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], { name: 'compressed with xz', advice: 'decompress it' }],
  [[0x28, 0xb5, 0x2f, 0xfd], { name: 'compressed with zstd', advice: 'decompress it' }],
  [[0x89, 0x48, 0x44, 0x46], { name: 'an HDF5 file', advice: 'save one array with np.save, or as CSV' }],
  [[0x50, 0x41, 0x52, 0x31], { name: 'a Parquet file', advice: 'save its numbers as CSV' }],
  [[0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], { name: 'an Arrow file', advice: 'save its numbers as CSV' }],
  [[0x89, 0x50, 0x4e, 0x47], { name: 'a PNG picture', advice: 'choose a file of vectors' }],
  [[0xff, 0xd8, 0xff], { name: 'a JPEG picture', advice: 'choose a file of vectors' }],
  [[0x25, 0x50, 0x44, 0x46, 0x2d], { name: 'a PDF', advice: 'choose a file of vectors' }],
  [[0xd0, 0xcf, 0x11, 0xe0], { name: 'an old Office file, as .xls is', advice: 'save its numbers as CSV' }],
  [[0x4d, 0x41, 0x54, 0x4c, 0x41, 0x42], { name: 'a MATLAB file', advice: 'save its numbers as CSV' }],
  ...[2, 3, 4, 5].map((protocol): [number[], Signature] => [
    [0x80, protocol],
    { name: 'a Python pickle', advice: 'save one array with np.save' },
  ]),
];

const text: [RegExp, Signature][] = [
  [/^\s*<(?:!doctype|html|head|body|!--)/i, { name: 'an HTML page', advice: 'download the file itself' }],
  [/^\s*<(?:\?xml|svg)/i, { name: 'an XML file', advice: 'choose a file of vectors' }],
  [
    /^version https:\/\/git-lfs/,
    { name: 'a pointer of Git LFS in place of the file', advice: 'download the file itself, or run git lfs pull' },
  ],
  [/^\s*(?:\{|\[\s*[[{])/, { name: 'a JSON file', advice: 'save its numbers as .npy or .csv' }],
];

/** What the file's first bytes show it to be, or undefined. A .safetensors file has no signature; its header tells. */
export function signatureOf(bytes: Uint8Array): Signature | undefined {
  const found = binary.find(([signature]) => signature.every((byte, i) => bytes[i] === byte));
  if (found) return found[1];
  if (bytes.length > 9 && bytes[8] === 0x7b) {
    const header = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
    if (header + 8n <= BigInt(bytes.length)) {
      return { name: 'a safetensors file', advice: 'rename it to end in .safetensors', ending: 'safetensors' };
    }
  }
  const start = new TextDecoder().decode(bytes.subarray(0, 400));
  return text.find(([pattern]) => pattern.test(start))?.[1];
}
